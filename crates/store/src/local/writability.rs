//! Flag for the state in which a store takes no writes, because it could not make an earlier one durable.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Reason why the store takes no writes, if it takes none.
#[derive(Default)]
pub(super) struct Writability(Mutex<Option<String>>);

impl Writability {
    fn reason(&self) -> MutexGuard<'_, Option<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets the reason. `None`: the store takes writes again.
    pub(super) fn set(&self, reason: Option<String>) {
        *self.reason() = reason;
    }

    pub(super) fn refusal(&self) -> Option<String> {
        self.reason().clone()
    }
}
