//! Tests of writing, reading and deleting blobs.

use crate::blobs::WrittenBlob;
use crate::conformance::calls::fresh_blob;
use crate::error::StoreError;
use crate::id::BlobId;
use crate::store::Store;
use bytes::Bytes;

/// Returns bytes that differ between all offsets that a mistake could confuse.
fn bytes(length: usize) -> Bytes {
    (0_u32..)
        .flat_map(|n| n.wrapping_mul(0x9e37_79b9).to_be_bytes())
        .take(length)
        .collect()
}

pub(super) async fn write(store: &Store, id: BlobId, pieces: impl IntoIterator<Item = Bytes>) -> WrittenBlob {
    let mut writer = store.blobs.create(id).await.expect("create");
    for piece in pieces {
        writer.write(piece).await.expect("write");
    }
    writer.finish().await.expect("finish")
}

pub(super) async fn assert_whole(store: &Store, id: BlobId, expected: &Bytes) {
    let reader = store.blobs.open(id).await.expect("open");
    assert_eq!(reader.length(), expected.len() as u64);
    assert!(
        reader.read(0..reader.length()).await.expect("read") == *expected,
        "other bytes came back"
    );
    assert_eq!(
        store.blobs.scrub(id).await.expect("scrub").length,
        reader.length()
    );
}

pub(super) async fn assert_missing(store: &Store, id: BlobId) {
    assert!(matches!(store.blobs.open(id).await, Err(StoreError::NotFound(_))));
    assert!(matches!(
        store.blobs.scrub(id).await,
        Err(StoreError::NotFound(_))
    ));
}

pub(super) async fn blobs_of_many_sizes_come_back(store: Store) {
    for length in [0, 1, 65_535, 65_536, 65_537, 5 << 20] {
        let (id, expected) = (fresh_blob(), bytes(length));
        let written = write(&store, id, [expected.clone()]).await;
        assert_eq!(written.length, length as u64);
        assert_whole(&store, id, &expected).await;
        store.blobs.delete(id).await.expect("delete");
        assert_missing(&store, id).await;
    }
}

pub(super) async fn pieces_of_any_size_make_one_blob(store: Store) {
    let expected = bytes(3_000_000);
    for sizes in [vec![1_000_000], vec![65_552], vec![1, 0, 700_000, 3, 65_536]] {
        let id = fresh_blob();
        let mut rest = expected.clone();
        let mut sizes = sizes.into_iter().cycle();
        let pieces = std::iter::from_fn(|| {
            let size = sizes.next()?.min(rest.len());
            (!rest.is_empty()).then(|| rest.split_to(size))
        });
        let written = write(&store, id, pieces).await;
        assert_eq!(written.length, 3_000_000);
        assert_whole(&store, id, &expected).await;
    }
    let (id, other) = (fresh_blob(), fresh_blob());
    let tiny = expected.slice(..5000);
    let written = write(&store, id, tiny.chunks(1).map(Bytes::copy_from_slice)).await;
    assert_eq!(
        written,
        write(&store, other, [tiny.clone()]).await,
        "how bytes are cut does not matter"
    );
    assert_whole(&store, id, &tiny).await;
}

pub(super) async fn ranges_at_the_edges(store: Store) {
    let (id, expected) = (fresh_blob(), bytes(200_000));
    write(&store, id, [expected.clone()]).await;
    let reader = store.blobs.open(id).await.expect("open");
    let ranges = [
        0..0,
        0..1,
        199_999..200_000,
        200_000..200_000,
        65_535..65_537,
        1..199_999,
        0..200_000,
    ];
    for range in ranges {
        let wanted = usize::try_from(range.start).expect("small")..usize::try_from(range.end).expect("small");
        let found = reader.read(range.clone()).await.expect("read");
        assert!(found == expected.slice(wanted), "range {range:?}");
    }
}

pub(super) async fn ranges_beyond_the_end_are_damage(store: Store) {
    let id = fresh_blob();
    write(&store, id, [bytes(1000)]).await;
    let reader = store.blobs.open(id).await.expect("open");
    for range in [0..1001, 999..1001, 1000..1001, 5000..6000, 0..u64::MAX] {
        let result = reader.read(range.clone()).await;
        assert!(
            matches!(result, Err(StoreError::Damaged { .. })),
            "range {range:?}: {result:?}"
        );
    }
}

pub(super) async fn missing_blobs_are_not_found(store: Store) {
    assert_missing(&store, fresh_blob()).await;
}

pub(super) async fn an_unfinished_blob_is_not_there(store: Store) {
    let id = fresh_blob();
    let mut writer = store.blobs.create(id).await.expect("create");
    for _ in 0..40 {
        writer.write(bytes(65_536)).await.expect("write");
    }
    assert_missing(&store, id).await;
    drop(writer);
    assert_missing(&store, id).await;
    // The id is free again: a new writer finds nothing of the deleted blob.
    write(&store, id, [bytes(10)]).await;
    assert_whole(&store, id, &bytes(10)).await;
}

pub(super) async fn deleting_leaves_open_readers_whole(store: Store) {
    let (id, expected) = (fresh_blob(), bytes(300_000));
    write(&store, id, [expected.clone()]).await;
    let reader = store.blobs.open(id).await.expect("open");
    store.blobs.delete(id).await.expect("delete");
    assert_missing(&store, id).await;
    match reader.read(100_000..300_000).await {
        Ok(found) => assert!(
            found == expected.slice(100_000..),
            "wrong bytes instead of an error"
        ),
        Err(error) => tracing::info!(%error, "this store fails readers of deleted blobs"),
    }
}

pub(super) async fn deleting_twice_is_a_success(store: Store) {
    let id = fresh_blob();
    store.blobs.delete(id).await.expect("delete what was never there");
    write(&store, id, [bytes(10)]).await;
    store.blobs.delete(id).await.expect("delete");
    store.blobs.delete(id).await.expect("delete again");
    store.blobs.sync_deletions().await.expect("sync");
    assert_missing(&store, id).await;
    // The folders of the last one are gone, and come back.
    write(&store, id, [bytes(10)]).await;
    store.blobs.sync_deletions().await.expect("sync nothing");
    assert_whole(&store, id, &bytes(10)).await;
}

pub(super) async fn a_blob_is_written_once(store: Store) {
    let id = fresh_blob();
    write(&store, id, [bytes(10)]).await;
    if let Ok(mut writer) = store.blobs.create(id).await {
        let result = writer.write(bytes(20)).await;
        assert!(
            result.is_err() || writer.finish().await.is_err(),
            "a blob was overwritten"
        );
    }
    assert_whole(&store, id, &bytes(10)).await;
}

pub(super) async fn the_checksum_is_the_one_of_nvme(store: Store) {
    let written = write(
        &store,
        fresh_blob(),
        [Bytes::from_static(b"1234"), Bytes::from_static(b"56789")],
    )
    .await;
    // The check value of the NVM Express specification for this CRC.
    assert_eq!(
        written,
        WrittenBlob {
            length: 9,
            checksum: 0xae8b_1486_0a79_9888
        }
    );
}
