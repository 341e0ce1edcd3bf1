//! Counting of a store's calls and bytes.

mod blobs;
mod index;
mod keys;
mod meter;

pub use meter::{Calls, Meter, Snapshot};

use crate::store::Store;
use std::sync::Arc;

impl Store {
    /// Wraps the store with counters. The counters live as long as any reference to them.
    #[must_use]
    pub fn metered(self) -> (Self, Arc<Meter>) {
        let meter = Arc::<Meter>::default();
        let store = Self {
            blobs: Arc::new(blobs::MeteredBlobs {
                inner: self.blobs,
                meter: Arc::clone(&meter),
            }),
            index: Arc::new(index::MeteredIndex {
                inner: self.index,
                meter: Arc::clone(&meter),
            }),
            integrity: self.integrity,
            snapshots: self.snapshots,
            keys: Arc::new(keys::MeteredKeys {
                inner: self.keys,
                meter: Arc::clone(&meter),
            }),
        };
        (store, meter)
    }
}
