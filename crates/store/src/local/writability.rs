//! Flag for the state in which a store takes no writes, because it could not make an earlier one durable.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Time after a failed write from which on another one is tried: its result decides.
const RETRY: Duration = Duration::from_secs(2);

/// Reason why the store takes no writes, if it takes none, with the time of the last failure.
#[derive(Default)]
pub(super) struct Writability(Mutex<Option<(String, Instant)>>);

impl Writability {
    fn reason(&self) -> MutexGuard<'_, Option<(String, Instant)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets the reason. `None`: the store takes writes again.
    pub(super) fn set(&self, reason: Option<String>) {
        *self.reason() = reason.map(|reason| (reason, Instant::now()));
    }

    /// Returns the reason to refuse a write. `None`: it may be tried.
    pub(super) fn refusal(&self) -> Option<String> {
        let reason = self.reason();
        let (reason, since) = reason.as_ref()?;
        (since.elapsed() < RETRY).then(|| reason.clone())
    }
}
