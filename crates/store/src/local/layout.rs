//! Paths in the directory of a store.

use crate::id::{BlobId, PartitionId};
use std::path::{Path, PathBuf};

/// Paths of a store's files and folders, whether they exist or not.
#[derive(Clone, Debug)]
pub(super) struct Layout(PathBuf);

impl Layout {
    pub(super) fn of(path: PathBuf) -> Self {
        Self(path)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    pub(super) fn format(&self) -> PathBuf {
        self.0.join("format")
    }

    /// Returns the path of the format file of a store whose creation is not complete.
    pub(super) fn new_format(&self) -> PathBuf {
        self.0.join("format.new")
    }

    pub(super) fn lock(&self) -> PathBuf {
        self.0.join("lock")
    }

    pub(super) fn tmp(&self) -> PathBuf {
        self.0.join("tmp")
    }

    pub(super) fn blobs(&self) -> PathBuf {
        self.0.join("blobs")
    }

    pub(super) fn lost(&self) -> PathBuf {
        self.0.join("lost")
    }

    pub(super) fn lost_partition(&self, partition: PartitionId) -> PathBuf {
        self.lost().join(partition.to_string())
    }

    pub(super) fn lost_blob(&self, id: BlobId) -> PathBuf {
        self.lost_partition(id.partition).join(hex::encode(id.random))
    }

    pub(super) fn index(&self) -> PathBuf {
        self.0.join("index")
    }

    /// Directory in which a snapshot for another file system is collected.
    pub(super) fn snapshot_stage(&self) -> PathBuf {
        self.0.join("snapshot.new")
    }

    /// Directory of what is kept to restore earlier states.
    pub(super) fn history(&self) -> PathBuf {
        self.0.join("history")
    }

    /// Directory of the segments of the commit log that are kept.
    pub(super) fn history_log(&self) -> PathBuf {
        self.history().join("log")
    }

    /// Directory of the commit log.
    pub(super) fn log(&self) -> PathBuf {
        self.0.join("log")
    }

    /// File that names the last acknowledged commit.
    pub(super) fn mark(&self) -> PathBuf {
        self.0.join("mark")
    }

    /// File that lists the tables of the index.
    pub(super) fn list(&self) -> PathBuf {
        self.0.join("tables")
    }

    pub(super) fn keys(&self) -> PathBuf {
        self.0.join("keys")
    }

    pub(super) fn partition(&self, partition: PartitionId) -> PathBuf {
        self.blobs().join(partition.to_string())
    }

    /// Returns the path of one of the 256 folders over which the blobs of a partition are spread, so that each folder
    /// stays small enough to be listed and synced quickly.
    pub(super) fn shard(&self, partition: PartitionId, shard: u8) -> PathBuf {
        self.partition(partition).join(hex::encode([shard]))
    }

    pub(super) fn blob(&self, id: BlobId) -> PathBuf {
        self.shard(id.partition, shard_of(id))
            .join(hex::encode(id.random))
    }
}

/// Returns the number of the folder that contains a blob: one of the 256 of its partition.
pub(super) fn shard_of(id: BlobId) -> u8 {
    let [first, ..] = id.random;
    first
}
