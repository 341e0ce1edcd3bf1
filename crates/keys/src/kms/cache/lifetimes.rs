//! Limits of the cache.

use std::time::Duration;

/// Lifetimes and limits of cached values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetimes {
    /// Lifetime of unwrapped keys, shared keys and resolved names. Zero disables caching of these.
    pub positive: Duration,
    /// Lifetime of refusals: the key does not exist, is disabled, or may not be used.
    pub negative: Duration,
    /// Pause before a service that was unavailable is called again.
    pub transient: Duration,
    /// Maximum number of cached values of each kind.
    pub entries: usize,
    /// Maximum number of data keys wrapped by a shared key before it is replaced.
    pub uses: u32,
}

impl Default for Lifetimes {
    fn default() -> Self {
        Self {
            positive: Duration::from_mins(5),
            negative: Duration::from_secs(10),
            transient: Duration::from_secs(2),
            entries: 10_000,
            uses: 100_000,
        }
    }
}

impl Lifetimes {
    /// Returns the shortest lifetime of any value kept in [`Timed`](crate::kms::timed::Timed), ignoring zero, which
    /// keeps nothing.
    pub(super) fn shortest(self) -> Duration {
        let (one, other) = (self.positive, self.negative);
        match (one.is_zero(), other.is_zero()) {
            (false, false) => one.min(other),
            _ => one.max(other),
        }
    }
}
