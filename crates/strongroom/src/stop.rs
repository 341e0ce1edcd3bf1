//! Being told to stop: the first signal asks for a graceful end, the second for an immediate one.

use std::io;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// How urgently the server is to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stop {
    /// Not at all: it serves.
    NotYet,
    /// Requests under way are still answered.
    Gracefully,
    /// At once.
    Now,
}

/// Waits until told to stop at least as urgently as `stop`. A sender that is gone tells nothing more.
pub(crate) async fn told(receiver: &mut watch::Receiver<Stop>, stop: Stop) {
    if receiver.wait_for(|told| *told >= stop).await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Turns SIGTERM and SIGINT into [`Stop`], from now on. Must be called inside the runtime.
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
        // Kept, so that a receiver made later still sees the last word.
        sender.closed().await;
    });
    Ok(receiver)
}
