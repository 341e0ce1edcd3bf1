//! A clock under the control of the test.

use std::sync::atomic::{AtomicU64, Ordering};
use strongroom_engine::Clock;

/// Initial time of each clock, in microseconds since 1970.
pub(crate) const START: u64 = 1_700_000_000_000_000;
/// One second in microseconds.
pub(crate) const SECOND: u64 = 1_000_000;
/// One day in microseconds.
pub(crate) const DAY: u64 = 24 * 60 * 60 * SECOND;

/// A clock that advances by one second each time it is read, until `stop` is called.
pub(crate) struct TestClock {
    now: AtomicU64,
    step: AtomicU64,
}

impl Default for TestClock {
    fn default() -> Self {
        Self {
            now: AtomicU64::new(START),
            step: AtomicU64::new(SECOND),
        }
    }
}

impl TestClock {
    /// Sets the time that the next read returns.
    pub(crate) fn set(&self, now: u64) {
        self.now.store(now, Ordering::SeqCst);
    }

    /// Stops the clock; only `set` and `advance` move it from now on.
    pub(crate) fn stop(&self) {
        self.step.store(0, Ordering::SeqCst);
    }

    pub(crate) fn advance(&self, by: u64) {
        self.now.fetch_add(by, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> u64 {
        self.now
            .fetch_add(self.step.load(Ordering::SeqCst), Ordering::SeqCst)
    }
}
