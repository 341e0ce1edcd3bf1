//! Paths in the directory of a store.

use crate::id::{BlobId, PartitionId};
use std::path::{Path, PathBuf};

/// Content of the `format` file. Any other text means another layout, which this version must not change.
pub(super) const FORMAT: &str = "strongroom store 1\n";

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
