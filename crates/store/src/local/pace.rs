//! Measurement of the speed of reads.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Average duration above which reads are moved to a blocking thread: several times the cost of changing threads.
const SLOW: Duration = Duration::from_micros(60);

/// Duration of a single read after which all reads are moved to a blocking thread for [`MEMORY`].
const VERY_SLOW: Duration = Duration::from_millis(1);

/// Time for which a very slow read is remembered.
const MEMORY: Duration = Duration::from_secs(5);

/// Durations of reads of one kind.
pub(super) struct Pace {
    /// Moving average in nanoseconds; a new read has a weight of 1/8.
    average: AtomicU64,
    /// Time until which reads count as slow, in milliseconds after `start`.
    slow_until: AtomicU64,
    start: Instant,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            average: AtomicU64::new(0),
            slow_until: AtomicU64::new(0),
            start: Instant::now(),
        }
    }
}

impl Pace {
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
        if took > VERY_SLOW {
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
    fn a_very_slow_read_is_remembered() {
        let pace = Pace::default();
        assert!(!pace.is_slow());
        pace.time(|| std::thread::sleep(Duration::from_millis(4)));
        for _ in 0..200 {
            pace.time(|| ());
        }
        assert!(pace.is_slow());
        pace.slow_until.store(1, Ordering::Relaxed);
        assert!(!pace.is_slow());
    }

    #[test]
    fn some_slow_reads_are_forgotten_after_some_quick_ones() {
        let pace = Pace::default();
        for _ in 0..20 {
            pace.time(|| std::thread::sleep(Duration::from_micros(200)));
        }
        assert!(pace.is_slow());
        pace.slow_until.store(0, Ordering::Relaxed);
        let quick = (0..1000).take_while(|_| {
            pace.time(|| ());
            pace.is_slow()
        });
        assert!((1..200).contains(&quick.count()));
    }
}
