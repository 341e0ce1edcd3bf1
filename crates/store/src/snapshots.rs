//! The trait for snapshots of a store in use.

use crate::error::Result;
use crate::integrity::CommitHead;
use async_trait::async_trait;
use std::path::PathBuf;

/// Copies of a store that is being written.
#[async_trait]
pub trait Snapshots: Send + Sync + 'static {
    /// Writes a consistent copy of the whole store to a new directory: everything that was acknowledged before the call,
    /// and nothing of what is half done. It is durable on return. Files are hard links where the directory is on the same
    /// file system; where it is not, files that `previous`, an earlier snapshot beside it, has too are hard links to
    /// those.
    ///
    /// # Errors
    /// [`crate::StoreError::Failed`] if the directory exists already or cannot be written, or if the store cannot be
    /// copied.
    async fn snapshot(&self, directory: PathBuf, previous: Option<PathBuf>) -> Result<Snapshot>;

    /// Returns the states to which a snapshot can be brought forward. `None`: the store keeps no history.
    fn history(&self) -> Option<HistoryReach>;
}

/// A snapshot that was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Last commit in it. `None`: the store does not number its commits.
    pub head: Option<CommitHead>,
    /// Number of its blobs.
    pub blobs: u64,
    /// Bytes of all its files.
    pub bytes: u64,
}

/// States to which a snapshot can be brought forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoryReach {
    /// Number of the commit from which on every state can be restored.
    pub commit: u64,
    /// Time of it, in seconds since 1970.
    pub since: u64,
    /// Bytes of the kept segments and blobs.
    pub bytes: u64,
}
