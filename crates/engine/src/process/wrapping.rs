//! Keys that a master key wraps and that are not committed yet.

use std::sync::Arc;
use tokio::sync::{OwnedRwLockReadGuard, RwLock, RwLockWriteGuard};

/// Read by whoever has a key wrapped by a master key that is not committed yet.
#[derive(Default)]
pub(crate) struct WrappingLock(Arc<RwLock<()>>);

impl WrappingLock {
    /// To be called before a master key is asked to wrap.
    pub(crate) async fn begin(&self) -> Wrapping {
        Wrapping(Arc::clone(&self.0).read_owned().await)
    }

    /// Waits until all that was wrapped is committed; nothing is wrapped until the guard is dropped.
    pub(crate) async fn wait(&self) -> RwLockWriteGuard<'_, ()> {
        self.0.write().await
    }
}

/// Held from before a master key wraps a key until that is committed.
pub(crate) struct Wrapping(OwnedRwLockReadGuard<()>);

impl Wrapping {
    /// A commit that goes on, and counts as going on, also if its caller has gone.
    pub(crate) async fn until_done<F: Future>(self, commit: F) -> F::Output {
        let done = commit.await;
        drop(self.0);
        done
    }
}
