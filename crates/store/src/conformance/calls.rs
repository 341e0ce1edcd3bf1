//! Short forms of calls to a store.

use crate::id::{BlobId, PartitionId};
use crate::index::{Commit, CommitRefused, Scan, Write};
use crate::store::Store;
use bytes::Bytes;
use std::hash::{BuildHasher, Hasher, RandomState};

/// Returns sixteen unused bytes. The hasher's seed is random, which is random enough for an id.
pub(super) fn fresh() -> [u8; 16] {
    let mut bytes = [0; 16];
    for half in bytes.chunks_mut(8) {
        half.copy_from_slice(&RandomState::new().build_hasher().finish().to_be_bytes());
    }
    bytes
}

pub(super) fn fresh_blob() -> BlobId {
    BlobId {
        partition: PartitionId(fresh()),
        random: fresh(),
    }
}

pub(super) async fn fresh_partition(store: &Store) -> PartitionId {
    let partition = PartitionId(fresh());
    store
        .index
        .create_partition(partition)
        .await
        .expect("create a partition");
    partition
}

/// Returns an empty commit to a partition of generation 1.
pub(super) fn commit() -> Commit {
    Commit {
        generation: 1,
        ..Commit::default()
    }
}

pub(super) fn put(key: impl Into<Bytes>, value: impl Into<Bytes>) -> Write {
    Write::Put(key.into(), value.into())
}

pub(super) fn delete(key: impl Into<Bytes>) -> Write {
    Write::Delete(key.into())
}

pub(super) async fn try_commit(
    store: &Store,
    partition: PartitionId,
    commit: Commit,
) -> Result<(), CommitRefused> {
    store.index.commit(partition, commit).await.expect("commit")
}

pub(super) async fn write(store: &Store, partition: PartitionId, writes: Vec<Write>) {
    let result = try_commit(store, partition, Commit { writes, ..commit() }).await;
    assert_eq!(result, Ok(()), "a commit without checks");
}

pub(super) async fn get(store: &Store, partition: PartitionId, key: &[u8]) -> Option<Bytes> {
    store.index.get(partition, key).await.expect("get")
}

/// Returns all rows as text.
pub(super) async fn rows(store: &Store, partition: PartitionId) -> Vec<(String, String)> {
    scan(store, partition, "", "", usize::MAX).await
}

pub(super) async fn scan(
    store: &Store,
    partition: PartitionId,
    prefix: &'static str,
    from: &'static str,
    limit: usize,
) -> Vec<(String, String)> {
    let scan = Scan {
        prefix: prefix.into(),
        from: from.into(),
        limit,
    };
    let rows = store.index.scan(partition, scan).await.expect("scan");
    let text = |bytes: &Bytes| String::from_utf8_lossy(bytes).into_owned();
    rows.iter()
        .map(|row| (text(&row.key), text(&row.value)))
        .collect()
}
