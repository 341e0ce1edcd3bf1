//! Stop signals: the first requests a graceful stop, the second an immediate one.

use std::io;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// Urgency of a stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stop {
    /// No stop requested.
    NotYet,
    /// Requests in progress are finished.
    Gracefully,
    /// Everything stops immediately.
    Now,
}

/// Waits until a stop at least as urgent as `stop` is requested. If the sender is dropped, waits forever.
pub(crate) async fn reached(receiver: &mut watch::Receiver<Stop>, stop: Stop) {
    if receiver.wait_for(|current| *current >= stop).await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Starts converting SIGTERM and SIGINT to [`Stop`]. Must be called inside the runtime.
pub(crate) fn on_signals() -> io::Result<watch::Receiver<Stop>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let (sender, receiver) = watch::channel(Stop::NotYet);
    tokio::spawn(async move {
        for stop in [Stop::Gracefully, Stop::Now] {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            sender.send_replace(stop);
        }
        // Keep the sender, so that a receiver created later still sees the last value.
        sender.closed().await;
    });
    Ok(receiver)
}
