//! Measurement of the speed of reads.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Average duration above which reads are moved to a blocking thread: several times the cost of changing threads.
const SLOW: Duration = Duration::from_micros(60);

/// Duration of a single scan after which all scans are moved to a blocking thread for [`MEMORY`]. It is longer than the
/// time for which a busy machine takes a thread off its core.
const VERY_SLOW: Duration = Duration::from_millis(8);

/// Time for which a very slow scan is remembered.
const MEMORY: Duration = Duration::from_secs(5);

/// Durations of reads of one kind.
pub(super) struct Pace {
    /// Moving average in nanoseconds; a new read has a weight of 1/8.
    average: AtomicU64,
    /// Time until which reads count as slow, in milliseconds after `start`.
    slow_until: AtomicU64,
    start: Instant,
    /// Single slow reads are remembered. Only for scans: one that steps over many deleted rows is followed by more of them.
    remembers: bool,
}

impl Pace {
    /// Creates the measurement of gets.
    pub(super) fn of_gets() -> Self {
        Self {
            average: AtomicU64::new(0),
            slow_until: AtomicU64::new(0),
            start: Instant::now(),
            remembers: false,
        }
    }

    /// Creates the measurement of scans.
    pub(super) fn of_scans() -> Self {
        Self {
            remembers: true,
            ..Self::of_gets()
        }
    }

    pub(super) fn is_slow(&self) -> bool {
        if Duration::from_nanos(self.average.load(Ordering::Relaxed)) > SLOW {
            return true;
        }
        let until = self.slow_until.load(Ordering::Relaxed);
        until > 0 && millis(self.start.elapsed()) < until
    }

    /// Measures a read. Of concurrent reads some measurements may be lost, which the average tolerates.
    pub(super) fn time<T>(&self, read: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let result = read();
        let took = start.elapsed();
        if self.remembers && took > VERY_SLOW {
            let until = millis(self.start.elapsed() + MEMORY);
            self.slow_until.store(until, Ordering::Relaxed);
        }
        let took = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX / 8);
        let average = self.average.load(Ordering::Relaxed);
        self.average
            .store(average - average / 8 + took / 8, Ordering::Relaxed);
        result
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_very_slow_scan_is_remembered() {
        let pace = Pace::of_scans();
        assert!(!pace.is_slow());
        pace.time(|| std::thread::sleep(Duration::from_millis(20)));
        for _ in 0..200 {
            pace.time(|| ());
        }
        assert!(pace.is_slow());
        pace.slow_until.store(1, Ordering::Relaxed);
        assert!(!pace.is_slow());
    }

    #[test]
    fn a_slow_get_is_forgotten_after_some_quick_ones() {
        let pace = Pace::of_gets();
        pace.time(|| std::thread::sleep(Duration::from_millis(20)));
        assert!(pace.is_slow());
        let quick = (0..1000).take_while(|_| {
            pace.time(|| ());
            pace.is_slow()
        });
        assert!((1..200).contains(&quick.count()));
    }
}
