//! Times taken in turn, and what they come to.

use std::time::{Duration, Instant};

/// Times of one thing, in the order of the rounds in which they were taken.
#[derive(Default)]
pub(crate) struct Times(Vec<f64>);

impl Times {
    /// Waits for `work` and notes how long it took.
    pub(crate) async fn take<T>(&mut self, work: impl Future<Output = T>) -> T {
        let begun = Instant::now();
        let outcome = work.await;
        self.note(begun.elapsed());
        outcome
    }

    pub(crate) fn note(&mut self, time: Duration) {
        self.0.push(time.as_secs_f64() * 1e3);
    }

    /// In milliseconds.
    pub(crate) fn median(&self) -> f64 {
        at(self.0.clone(), 50)
    }

    /// What 95 of 100 stay below, in milliseconds.
    pub(crate) fn slow(&self) -> f64 {
        at(self.0.clone(), 95)
    }

    /// How many times as long as `other`, round by round: the median of that.
    pub(crate) fn ratio(&self, other: &Self) -> f64 {
        let pairs = self.0.iter().zip(&other.0);
        at(pairs.map(|(this, other)| this / other).collect(), 50)
    }
}

fn at(mut all: Vec<f64>, percent: usize) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() * percent / 100]
}
