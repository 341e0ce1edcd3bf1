//! Guard for keys that are wrapped by a master key and not committed yet.

use std::sync::Arc;
use tokio::sync::{OwnedRwLockReadGuard, RwLock, RwLockWriteGuard};

/// Held for reading while a key is wrapped by a master key and not committed yet.
#[derive(Default)]
pub(crate) struct WrappingLock(Arc<RwLock<()>>);

impl WrappingLock {
    /// Returns the guard to hold before a master key wraps a key.
    pub(crate) async fn begin(&self) -> Wrapping {
        Wrapping(Arc::clone(&self.0).read_owned().await)
    }

    /// Waits until all wrapped keys are committed; no key is wrapped while the returned guard is held.
    pub(crate) async fn wait(&self) -> RwLockWriteGuard<'_, ()> {
        self.0.write().await
    }
}

/// Held from before a master key wraps a key until that key is committed.
pub(crate) struct Wrapping(OwnedRwLockReadGuard<()>);

impl Wrapping {
    /// Runs a commit and releases the guard after it, also if the caller is cancelled, provided that the commit runs on
    /// a task of its own.
    pub(crate) async fn until_done<F: Future>(self, commit: F) -> F::Output {
        let done = commit.await;
        drop(self.0);
        done
    }
}
