//! A store in memory: for tests, and as a short definition of the traits.

mod blobs;
mod index;
mod keys;

use crate::store::Store;
use std::sync::Arc;

impl Store {
    /// Creates a store whose content is dropped with its last handle.
    pub fn memory() -> Self {
        let index = Arc::new(index::MemoryIndex::default());
        Self {
            blobs: Arc::new(blobs::MemoryBlobs::default()),
            integrity: Arc::clone(&index) as _,
            index,
            keys: Arc::new(keys::MemoryKeys::default()),
        }
    }
}
