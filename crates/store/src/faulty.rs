//! A store that fails on demand, for tests of code above stores.
//!
//! Faults are scripted ("the third commit from now fails after it was applied") or drawn from a seed. The same script
//! or seed and the same order of calls result in the same faults.

mod blobs;
mod faults;
mod index;
mod keys;

pub use faults::{Call, Effect, Fault, Faults};

use crate::store::Store;
use std::sync::Arc;

impl Store {
    /// Wraps the store with faults.
    #[must_use]
    pub fn faulty(self, faults: Faults) -> Self {
        Self {
            blobs: Arc::new(blobs::FaultyBlobs {
                inner: self.blobs,
                faults: faults.clone(),
            }),
            index: Arc::new(index::FaultyIndex {
                inner: self.index,
                faults: faults.clone(),
            }),
            integrity: self.integrity,
            snapshots: self.snapshots,
            keys: Arc::new(keys::FaultyKeys {
                inner: self.keys,
                faults,
            }),
        }
    }
}
