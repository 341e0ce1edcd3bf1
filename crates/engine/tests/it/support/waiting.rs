//! Waiting for work that goes on in the background.

use std::time::Duration;

/// Waits until a store has caught up with work whose caller has gone.
pub(crate) async fn settles(what: &str, mut done: impl AsyncFnMut() -> bool) {
    for _ in 0..500 {
        if done().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{what}");
}
