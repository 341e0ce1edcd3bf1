//! A store in memory: for tests, and to say in few lines what the seams mean.

mod blobs;
mod index;

use crate::store::Store;
use std::sync::Arc;

impl Store {
    /// A store that is gone with its last handle.
    pub fn memory() -> Self {
        Self {
            blobs: Arc::new(blobs::MemoryBlobs::default()),
            index: Arc::new(index::MemoryIndex::default()),
        }
    }
}
