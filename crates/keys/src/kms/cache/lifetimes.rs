//! How long, and how much, is remembered.

use std::time::Duration;

/// How long, and how much, is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetimes {
    /// How long an unwrapped key, a shared key, and what a name stands for are kept. Zero keeps none.
    pub positive: Duration,
    /// How long it is remembered that a key is not there, is disabled, or may not be used.
    pub negative: Duration,
    /// How long a service that could not be used is left alone.
    pub transient: Duration,
    /// How many of each kind are kept.
    pub entries: usize,
    /// How many data keys a shared key wraps before another takes its place.
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
    /// The shortest for which anything is kept in [`Timed`](crate::kms::timed::Timed); zero keeps nothing.
    pub(super) fn shortest(self) -> Duration {
        let (one, other) = (self.positive, self.negative);
        match (one.is_zero(), other.is_zero()) {
            (false, false) => one.min(other),
            _ => one.max(other),
        }
    }
}
