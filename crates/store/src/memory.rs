//! A store in memory: for tests, and as a short definition of the traits.

mod blobs;
mod index;
mod keys;

use crate::error::{Result, StoreError};
use crate::id::StoreId;
use crate::prepared::Prepared;
use crate::snapshots::{HistoryReach, Snapshot, Snapshots};
use crate::store::Store;
use async_trait::async_trait;
use std::path::PathBuf;
use std::sync::Arc;

/// Refuses snapshots: there are no files.
pub(crate) struct NoSnapshots;

#[async_trait]
impl Snapshots for NoSnapshots {
    async fn snapshot(&self, directory: PathBuf, _previous: Option<PathBuf>) -> Result<Snapshot> {
        let doing = format!("writing the snapshot {}", directory.display());
        Err(StoreError::failed(doing, "this store has no files of its own"))
    }

    fn history(&self) -> Option<HistoryReach> {
        None
    }
}

impl Store {
    /// Creates a store whose content is dropped with its last handle.
    pub fn memory() -> Self {
        let index = Arc::new(index::MemoryIndex::default());
        Self {
            blobs: Arc::new(blobs::MemoryBlobs::default()),
            integrity: Arc::clone(&index) as _,
            snapshots: Arc::new(NoSnapshots),
            index,
            keys: Arc::new(keys::MemoryKeys::default()),
        }
    }
}

impl Prepared {
    /// Creates a new store in memory, which is open already. All such stores have the same id.
    pub fn memory() -> Self {
        Self::open(Store::memory(), StoreId([1; 16]), true)
    }
}
