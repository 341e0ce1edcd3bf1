//! Tests of blobs that are set aside.

use crate::blobs::LostBlob;
use crate::conformance::blobs::{assert_missing, assert_whole, write};
use crate::conformance::calls::{fresh, fresh_blob};
use crate::error::StoreError;
use crate::id::{BlobId, PartitionId};
use crate::store::Store;
use bytes::Bytes;

const NOW: u64 = 1_800_000_000_123_456;

async fn lost(store: &Store, partition: PartitionId, page: usize) -> Vec<LostBlob> {
    let mut found: Vec<LostBlob> = Vec::new();
    let mut after = BlobId {
        partition,
        random: [0; 16],
    };
    loop {
        let blobs = store.blobs.list_lost(Some(after), page).await.expect("list");
        let ours: Vec<_> = blobs
            .iter()
            .filter(|blob| blob.id.partition == partition)
            .copied()
            .collect();
        found.extend(&ours);
        match ours.last() {
            Some(last) if ours.len() == page => after = last.id,
            _ => return found,
        }
    }
}

pub(super) async fn a_blob_set_aside_is_kept_and_comes_back(store: Store) {
    let (id, bytes) = (fresh_blob(), Bytes::from(vec![7; 1_500_000]));
    write(&store, id, [bytes.clone()]).await;
    let size = store.blobs.set_aside(id, NOW).await.expect("set aside");
    assert!(size >= 1_500_000);
    assert_missing(&store, id).await;
    let before = BlobId {
        random: [0; 16],
        ..id
    };
    assert!(
        !store
            .blobs
            .list(Some(before), 10)
            .await
            .expect("list")
            .contains(&id)
    );
    let expected = LostBlob {
        id,
        bytes: size,
        since: NOW,
    };
    assert_eq!(lost(&store, id.partition, 10).await, [expected]);
    store.blobs.restore_lost(id).await.expect("restore");
    assert_whole(&store, id, &bytes).await;
    assert_eq!(lost(&store, id.partition, 10).await, []);
}

pub(super) async fn lost_blobs_are_listed_and_deleted(store: Store) {
    let partition = PartitionId(fresh());
    let mut ids: Vec<_> = (0..5)
        .map(|_| BlobId {
            partition,
            random: fresh(),
        })
        .collect();
    for id in &ids {
        write(&store, *id, [Bytes::from_static(b"sealed")]).await;
        store.blobs.set_aside(*id, NOW).await.expect("set aside");
    }
    ids.sort_unstable();
    for page in [1, 2, 5, 100] {
        let listed: Vec<_> = lost(&store, partition, page)
            .await
            .iter()
            .map(|blob| blob.id)
            .collect();
        assert_eq!(listed, ids, "pages of {page}");
    }
    // Deleting a blob that exists does not touch a lost one, and the reverse.
    for id in &ids {
        store.blobs.delete(*id).await.expect("delete");
    }
    assert_eq!(lost(&store, partition, 100).await.len(), 5);
    for id in &ids {
        store.blobs.delete_lost(*id).await.expect("delete");
        store.blobs.delete_lost(*id).await.expect("delete again");
    }
    assert_eq!(lost(&store, partition, 100).await, []);
}

pub(super) async fn what_is_not_there_cannot_be_set_aside(store: Store) {
    let id = fresh_blob();
    for result in [
        store.blobs.set_aside(id, NOW).await.map(drop),
        store.blobs.restore_lost(id).await,
    ] {
        assert!(matches!(result, Err(StoreError::NotFound(_))), "{result:?}");
    }
}
