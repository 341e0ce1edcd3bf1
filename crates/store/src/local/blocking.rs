//! Work that waits for the disk, away from the threads that serve requests.

use crate::error::{Result, StoreError};

/// Runs `work` on a blocking thread; `doing` names it should it be lost.
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
