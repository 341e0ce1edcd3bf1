//! Work that waits for the disk, kept off the threads that serve requests.

use crate::error::{Result, StoreError};

/// Runs `work` on a blocking thread. `doing` describes it in the error if it panics.
pub(super) async fn run<T: Send + 'static>(
    doing: String,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(lost) if lost.is_panic() => Err(StoreError::failed(doing, lost)),
        Err(_) => Err(StoreError::Closing),
    }
}
