//! Counts of what a key service did.

use crate::kms::error::KmsError;
use std::sync::atomic::{AtomicU64, Ordering};

/// What a [`KeyService`](crate::kms::KeyService) did since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeyCounts {
    /// Questions that were answered from memory, also with a refusal or because the service is away.
    pub hits: u64,
    /// Questions that were not. Those who asked the same at the same time waited for one call.
    pub misses: u64,
    /// Calls to the service.
    pub calls: u64,
    /// Calls that the service refused.
    pub refusals: u64,
    /// Calls that the service did not answer.
    pub failures: u64,
    /// Unwrapped keys that are in memory now.
    pub held: u64,
}

/// The counters behind [`KeyCounts`].
#[derive(Default)]
pub(super) struct Counters {
    hits: AtomicU64,
    misses: AtomicU64,
    calls: AtomicU64,
    refusals: AtomicU64,
    failures: AtomicU64,
}

impl Counters {
    /// Counts a question, by whether it was answered from memory.
    pub(super) fn count_question(&self, from_memory: bool) {
        let counter = if from_memory { &self.hits } else { &self.misses };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a call to the service that is about to be made.
    pub(super) fn count_call(&self) {
        self.calls.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a call's error.
    pub(super) fn count_error(&self, error: &KmsError) {
        let counter = match error {
            KmsError::Unavailable(_) => &self.failures,
            _ => &self.refusals,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// Reads the counters; `held` is the number of unwrapped keys in memory.
    pub(super) fn read(&self, held: usize) -> KeyCounts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        KeyCounts {
            hits: read(&self.hits),
            misses: read(&self.misses),
            calls: read(&self.calls),
            refusals: read(&self.refusals),
            failures: read(&self.failures),
            held: held as u64,
        }
    }
}
