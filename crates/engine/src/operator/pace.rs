//! Rate limit for work that processes everything in a bucket or store.

use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// Rate limit: delays work so that it does not exceed a rate.
pub(crate) struct Pace {
    /// Time per item.
    each: Duration,
    next: Instant,
}

impl Pace {
    /// Creates a limit of at most `rate` items per second. `None`: no limit.
    pub(crate) fn of(rate: Option<u32>) -> Self {
        Self {
            each: rate.map_or(Duration::ZERO, |rate| Duration::from_secs(1) / rate.max(1)),
            next: Instant::now(),
        }
    }

    /// Waits until `count` more items may be processed.
    pub(crate) async fn wait(&mut self, count: usize) {
        sleep_until(self.next).await;
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        self.next = self.next.max(Instant::now()) + self.each.saturating_mul(count);
    }
}
