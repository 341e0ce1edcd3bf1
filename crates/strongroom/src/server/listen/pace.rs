//! Minimum rate of transfers, in both directions.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

#[cfg(test)]
mod tests;

/// Minimum rate of a transfer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MinRate {
    pub(crate) bytes_per_second: u64,
    /// Time over which the rate is measured.
    pub(crate) window: Duration,
}

impl MinRate {
    fn is_missed(self, bytes: u64, waited: Duration) -> bool {
        let needed = u128::from(self.bytes_per_second) * waited.as_millis() / 1000;
        waited >= self.window && u128::from(bytes) < needed
    }
}

/// Progress of a transfer. Only the time counts in which the server waits for the client.
pub(super) struct Pace {
    rate: MinRate,
    /// Bytes that moved in the current window.
    bytes: u64,
    /// Time in the current window that the server waited for the client, without the current wait.
    waited: Duration,
    /// Start of the current wait.
    since: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Pace {
    pub(super) fn new(rate: MinRate) -> Self {
        Self {
            rate,
            bytes: 0,
            waited: Duration::ZERO,
            since: None,
            timer: None,
        }
    }

    /// Records that the client sent or took bytes, which ends the current wait.
    pub(super) fn moved(&mut self, bytes: usize) {
        self.bytes += bytes as u64;
        if let Some(since) = self.since.take() {
            self.waited += since.elapsed();
        }
    }

    /// Begins or continues a wait for the client. Ready if the transfer is too slow.
    pub(super) fn poll_too_slow(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            let now = Instant::now();
            if self.is_too_slow(now) {
                return Poll::Ready(());
            }
            let since = *self.since.get_or_insert(now);
            let end = since + self.rate.window.saturating_sub(self.waited);
            let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(end)));
            if timer.deadline() != end {
                timer.as_mut().reset(end);
            }
            ready!(timer.as_mut().poll(cx));
        }
    }

    /// Begins a wait for the client, for a transfer that is watched from outside ([`Pace::is_too_slow`]).
    pub(super) fn begin_wait(&mut self) {
        self.since.get_or_insert_with(Instant::now);
    }

    /// Returns whether the current window has ended with too few bytes; begins the next one if it has enough.
    pub(super) fn is_too_slow(&mut self, now: Instant) -> bool {
        let waited = self.waited + self.since.map_or(Duration::ZERO, |since| now - since);
        if self.rate.is_missed(self.bytes, waited) {
            return true;
        }
        if waited >= self.rate.window {
            (self.bytes, self.waited) = (0, Duration::ZERO);
            self.since = self.since.map(|_| now);
        }
        false
    }
}
