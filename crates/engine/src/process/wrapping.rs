//! Lock over the changes of wrapped keys.

use std::sync::Arc;
use tokio::sync::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock};

/// Keeps apart whoever changes wrapped keys. A key is wrapped, its envelope is added to the key files, and then a row
/// names it: nobody else may judge or change the envelopes of its owner in between.
#[derive(Clone, Default)]
pub(crate) struct WrappingLock(Arc<RwLock<()>>);

impl WrappingLock {
    /// Returns the guard to hold while a new owner gets its first envelope, from before its key is wrapped until the
    /// row is committed. Many may hold one.
    pub(crate) async fn begin(&self) -> Wrapping {
        Wrapping {
            _guard: Arc::clone(&self.0).read_owned().await,
        }
    }

    /// Returns the guard to hold while the envelopes of existing owners are changed or counted. Waits for all others.
    pub(crate) async fn alone(&self) -> WrappingAlone {
        WrappingAlone {
            _guard: Arc::clone(&self.0).write_owned().await,
        }
    }
}

/// Guard of one of those that add owners.
pub(crate) struct Wrapping {
    _guard: OwnedRwLockReadGuard<()>,
}

/// Guard of the only one that changes or counts envelopes.
pub(crate) struct WrappingAlone {
    _guard: OwnedRwLockWriteGuard<()>,
}
