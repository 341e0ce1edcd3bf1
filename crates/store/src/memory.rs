//! A store in memory: for tests, and as a short definition of the traits.

mod blobs;
mod index;
mod keys;

use crate::id::StoreId;
use crate::prepared::Prepared;
use crate::store::Store;
use std::sync::Arc;

impl Store {
    /// Creates a store whose content is dropped with its last handle.
    pub fn memory() -> Self {
        Self {
            blobs: Arc::new(blobs::MemoryBlobs::default()),
            index: Arc::new(index::MemoryIndex::default()),
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
