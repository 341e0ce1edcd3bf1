//! Tests of listing blobs.

use crate::conformance::blobs::write;
use crate::conformance::calls::fresh;
use crate::id::{BlobId, PartitionId};
use crate::store::Store;
use bytes::Bytes;

/// Returns the lowest id of a partition. No blob is ever created with it here.
fn before(partition: PartitionId) -> BlobId {
    BlobId {
        partition,
        random: [0; 16],
    }
}

/// Lists the blobs of the two partitions page by page; other blobs may exist before, between and after them.
async fn list(store: &Store, partitions: [PartitionId; 2], page: usize) -> Vec<BlobId> {
    let mut found = Vec::new();
    for partition in partitions {
        let mut after = before(partition);
        loop {
            let ids = store.blobs.list(Some(after), page).await.expect("list");
            assert!(ids.len() <= page, "more than was asked for");
            let more = ids.len();
            let ours = ids.into_iter().take_while(|id| id.partition == partition);
            let count = found.len();
            found.extend(ours);
            match found.last() {
                Some(last) if found.len() - count == more && more > 0 => after = *last,
                _ => break,
            }
        }
    }
    found
}

pub(super) async fn lists_are_in_order_and_go_on_after(store: Store) {
    let mut partitions = [PartitionId(fresh()), PartitionId(fresh())];
    partitions.sort_unstable();
    let mut expected = Vec::new();
    for partition in partitions {
        // Some share their first byte, so that a store may group them.
        for n in 1..=20 {
            let mut random = fresh();
            random[0] = if n % 2 == 0 { 7 } else { n };
            expected.push(BlobId { partition, random });
        }
    }
    for id in &expected {
        write(&store, *id, [Bytes::from_static(b"sealed")]).await;
    }
    expected.sort_unstable();
    for page in [1, 7, 20, 1000] {
        assert_eq!(list(&store, partitions, page).await, expected, "pages of {page}");
    }
    let last = *expected.last().expect("there are some");
    assert!(
        !store
            .blobs
            .list(Some(last), 10)
            .await
            .expect("list")
            .contains(&last)
    );
    assert_eq!(store.blobs.list(None, 0).await.expect("list"), []);
    let all = store.blobs.list(None, usize::MAX).await.expect("list");
    assert!(all.is_sorted() && expected.iter().all(|id| all.contains(id)));
    // Lists after an id that does not exist, and after one whose partition does not exist.
    let [first, ..] = partitions;
    let nowhere = BlobId {
        partition: first,
        random: [0xff; 16],
    };
    assert!(
        store
            .blobs
            .list(Some(nowhere), 1000)
            .await
            .expect("list")
            .iter()
            .all(|id| *id > nowhere)
    );

    for id in expected.iter().step_by(2) {
        store.blobs.delete(*id).await.expect("delete");
    }
    let left: Vec<BlobId> = expected.iter().skip(1).step_by(2).copied().collect();
    assert_eq!(list(&store, partitions, 3).await, left);
}

pub(super) async fn a_list_holds_finished_blobs_only(store: Store) {
    let partitions = [PartitionId(fresh()); 2];
    let [partition, _] = partitions;
    let mut writer = store
        .blobs
        .create(BlobId {
            partition,
            random: fresh(),
        })
        .await
        .expect("create");
    writer.write(Bytes::from_static(b"sealed")).await.expect("write");
    assert_eq!(
        store
            .blobs
            .list(Some(before(partition)), 1)
            .await
            .expect("list")
            .first()
            .filter(|id| id.partition == partition),
        None
    );
    drop(writer);
    assert_eq!(
        store
            .blobs
            .list(Some(before(partition)), 1)
            .await
            .expect("list")
            .first()
            .filter(|id| id.partition == partition),
        None
    );
}
