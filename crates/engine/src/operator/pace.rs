//! How fast work goes that goes through everything.

use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// Holds work back so that there is no more of it than was asked for.
pub(crate) struct Pace {
    /// Time for one.
    each: Duration,
    next: Instant,
}

impl Pace {
    /// So many in a second at most.
    pub(crate) fn of(rate: Option<u32>) -> Self {
        Self {
            each: rate.map_or(Duration::ZERO, |rate| Duration::from_secs(1) / rate.max(1)),
            next: Instant::now(),
        }
    }

    /// Waits until `count` more may be done.
    pub(crate) async fn wait(&mut self, count: usize) {
        sleep_until(self.next).await;
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        self.next = self.next.max(Instant::now()) + self.each.saturating_mul(count);
    }
}
