//! Counters of a key service.

use crate::kms::error::KmsError;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts of a [`KeyService`](crate::kms::KeyService) since its creation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeyCounts {
    /// Requests answered from the cache, including cached refusals and unavailability.
    pub hits: u64,
    /// Requests not answered from the cache. Concurrent equal requests share one call.
    pub misses: u64,
    /// Calls to the service.
    pub calls: u64,
    /// Calls refused by the service.
    pub refusals: u64,
    /// Calls without a usable response.
    pub failures: u64,
    /// Unwrapped keys in memory now.
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
    /// Counts a request as hit or miss.
    pub(super) fn count_question(&self, from_memory: bool) {
        let counter = if from_memory { &self.hits } else { &self.misses };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a call to the service, before it is made.
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
