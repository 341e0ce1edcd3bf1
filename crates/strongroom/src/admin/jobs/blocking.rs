//! Work that blocks.

use crate::admin::job_error::JobError;

/// Runs work that blocks on the disk, or for the time that a root key takes, on a thread of its own.
pub(super) async fn blocking<T, E>(
    work: impl FnOnce() -> Result<T, E> + Send + 'static,
) -> Result<T, JobError>
where
    T: Send + 'static,
    E: Into<JobError> + Send + 'static,
{
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(JobError::Lost)?.map_err(Into::into)
}
