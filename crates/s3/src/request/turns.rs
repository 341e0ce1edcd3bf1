//! Turns of a bucket: listings and deletions of many objects wait for each other, so that those of one bucket leave
//! threads and disk to the requests of others. Requests without a signature wait among themselves: where everybody may
//! list, a stranger's queue must not delay the owner.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

#[cfg(test)]
mod tests;

/// Maximum number of such requests of a bucket that run at the same time, signed ones and others each. More than the cores of a small machine, so that
/// one that waits for the disk does not leave them idle.
const AT_ONCE: usize = 4;
/// Number of buckets above which those without a running request are forgotten.
const MANY: usize = 1024;

/// The turns of all buckets.
#[derive(Clone, Default)]
pub(crate) struct Turns(Arc<Mutex<HashMap<Queue, Weak<Semaphore>>>>);

/// A bucket, and whether the requests are signed.
type Queue = (String, bool);

/// A turn, which ends when dropped.
pub(crate) struct Turn {
    _permit: Option<OwnedSemaphorePermit>,
}

impl Turns {
    /// Waits for a turn of a bucket, in the order of arrival.
    pub(crate) async fn take(&self, bucket: &str, is_signed: bool) -> Turn {
        let turns = self.of((bucket.to_owned(), is_signed));
        // The semaphore is never closed.
        Turn {
            _permit: turns.acquire_owned().await.ok(),
        }
    }

    fn of(&self, queue: Queue) -> Arc<Semaphore> {
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(turns) = buckets.get(&queue).and_then(Weak::upgrade) {
            return turns;
        }
        if buckets.len() >= MANY {
            buckets.retain(|_, turns| turns.strong_count() > 0);
        }
        let turns = Arc::new(Semaphore::new(AT_ONCE));
        buckets.insert(queue, Arc::downgrade(&turns));
        turns
    }
}
