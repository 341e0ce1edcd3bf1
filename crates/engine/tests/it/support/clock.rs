//! A clock that tests move.

use std::sync::atomic::{AtomicU64, Ordering};
use strongroom_engine::Clock;

/// When each clock begins, in microseconds since 1970.
pub(crate) const START: u64 = 1_700_000_000_000_000;
/// Microseconds of a second.
pub(crate) const SECOND: u64 = 1_000_000;
/// Microseconds of a day.
pub(crate) const DAY: u64 = 24 * 60 * 60 * SECOND;

/// Goes on by one second each time it is read, unless it is told otherwise.
pub(crate) struct Ticks {
    now: AtomicU64,
    step: AtomicU64,
}

impl Default for Ticks {
    fn default() -> Self {
        Self {
            now: AtomicU64::new(START),
            step: AtomicU64::new(SECOND),
        }
    }
}

impl Ticks {
    /// What the next look will tell.
    pub(crate) fn set(&self, now: u64) {
        self.now.store(now, Ordering::SeqCst);
    }

    /// Does not move any more by itself.
    pub(crate) fn stop(&self) {
        self.step.store(0, Ordering::SeqCst);
    }

    pub(crate) fn advance(&self, by: u64) {
        self.now.fetch_add(by, Ordering::SeqCst);
    }
}

impl Clock for Ticks {
    fn now(&self) -> u64 {
        self.now
            .fetch_add(self.step.load(Ordering::SeqCst), Ordering::SeqCst)
    }
}
