//! Measurement of the index's read speed.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Average duration above which reads are moved to a blocking thread: several times the cost of changing threads.
const SLOW: Duration = Duration::from_micros(60);

/// Moving average of the durations of reads, in nanoseconds; a new one has a weight of 1/8. After one read of 4 ms, the
/// next 12 to 24 reads run on blocking threads.
#[derive(Default)]
pub(super) struct Pace(AtomicU64);

impl Pace {
    pub(super) fn is_slow(&self) -> bool {
        Duration::from_nanos(self.0.load(Ordering::Relaxed)) > SLOW
    }

    /// Measures a read. Of concurrent reads some measurements may be lost, which the average tolerates.
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
