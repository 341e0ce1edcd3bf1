//! Measured times and their medians, percentiles and ratios.

use std::time::{Duration, Instant};

/// Times of one measured operation, one per round.
#[derive(Default)]
pub(crate) struct Times(Vec<f64>);

impl Times {
    /// Runs `work` and records its duration.
    pub(crate) async fn take<T>(&mut self, work: impl Future<Output = T>) -> T {
        let begun = Instant::now();
        let outcome = work.await;
        self.record(begun.elapsed());
        outcome
    }

    pub(crate) fn record(&mut self, time: Duration) {
        self.0.push(time.as_secs_f64() * 1e3);
    }

    /// Returns the median in milliseconds.
    pub(crate) fn median(&self) -> f64 {
        at(self.0.clone(), 50)
    }

    /// Returns the 95th percentile in milliseconds.
    pub(crate) fn slow(&self) -> f64 {
        at(self.0.clone(), 95)
    }

    /// Returns the median of the ratios to `other`, round by round.
    pub(crate) fn ratio(&self, other: &Self) -> f64 {
        let pairs = self.0.iter().zip(&other.0);
        at(pairs.map(|(this, other)| this / other).collect(), 50)
    }
}

fn at(mut all: Vec<f64>, percent: usize) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() * percent / 100]
}
