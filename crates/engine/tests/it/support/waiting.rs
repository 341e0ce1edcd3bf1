//! Waiting for background work.

use std::time::Duration;

/// Waits up to 5 s until `done` holds after work whose caller was cancelled.
pub(crate) async fn wait_until(what: &str, mut done: impl AsyncFnMut() -> bool) {
    for _ in 0..500 {
        if done().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{what}");
}
