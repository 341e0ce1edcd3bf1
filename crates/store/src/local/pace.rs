//! Measurement of the index's read speed.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Reads slower than this on average go to a blocking thread: some times what the change of threads costs.
const SLOW: Duration = Duration::from_micros(60);

/// Moving average of the time reads took, in nanoseconds, each new one with a weight of 1/8. One read of 4 ms
/// sends the next dozen or two to blocking threads.
#[derive(Default)]
pub(super) struct Pace(AtomicU64);

impl Pace {
    pub(super) fn is_slow(&self) -> bool {
        Duration::from_nanos(self.0.load(Ordering::Relaxed)) > SLOW
    }

    /// Times a read. Readers that race lose a sample, which does no harm.
    pub(super) fn time<T>(&self, read: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let result = read();
        let took = u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX / 8);
        let average = self.0.load(Ordering::Relaxed);
        self.0.store(average - average / 8 + took / 8, Ordering::Relaxed);
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slow_read_is_forgotten_after_some_quick_ones() {
        let pace = Pace::default();
        assert!(!pace.is_slow());
        pace.time(|| std::thread::sleep(Duration::from_millis(4)));
        assert!(pace.is_slow());
        let quick = (0..1000).take_while(|_| {
            pace.time(|| ());
            pace.is_slow()
        });
        assert!((5..200).contains(&quick.count()));
    }
}
