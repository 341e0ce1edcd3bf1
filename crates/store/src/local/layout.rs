//! Paths in the directory of a store.

use crate::id::{BlobId, PartitionId};
use std::path::{Path, PathBuf};

/// Content of the `format` file. Any other text is another layout, which this version must not touch.
pub(super) const FORMAT: &str = "strongroom store 1\n";

/// The places in a directory. They need not be there.
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

    pub(super) fn index(&self) -> PathBuf {
        self.0.join("index")
    }

    pub(super) fn partition(&self, partition: PartitionId) -> PathBuf {
        self.blobs().join(partition.to_string())
    }

    /// Blobs are spread over 256 folders, so that a folder stays small enough to be listed and synced quickly.
    pub(super) fn shard(&self, partition: PartitionId, shard: u8) -> PathBuf {
        self.partition(partition).join(hex::encode([shard]))
    }

    pub(super) fn blob(&self, id: BlobId) -> PathBuf {
        self.shard(id.partition, shard_of(id))
            .join(hex::encode(id.random))
    }
}

/// Which of the 256 folders of its partition a blob lies in.
pub(super) fn shard_of(id: BlobId) -> u8 {
    let [first, ..] = id.random;
    first
}
