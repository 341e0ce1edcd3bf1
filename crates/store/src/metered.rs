//! Counts what a store is asked and what goes through it.

mod blobs;
mod index;
mod meter;

pub use meter::{Calls, Meter, Snapshot};

use crate::store::Store;
use std::sync::Arc;

impl Store {
    /// The same store, counted. The counts live as long as anyone holds them.
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
        };
        (store, meter)
    }
}
