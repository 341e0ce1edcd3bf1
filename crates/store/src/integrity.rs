//! The trait for checks of a store's own structures, which need no knowledge of what the rows mean.

use crate::error::{Result, StoreError};
use crate::id::{PartitionId, Timeline};
use async_trait::async_trait;

/// Checks by which a store finds lost or exchanged data though nothing looks damaged.
#[async_trait]
pub trait Integrity: Send + Sync + 'static {
    /// Checks that no row of a partition is missing, older than its newest commit, or added from outside. Returns the
    /// number of rows; 0 if there is no such partition.
    ///
    /// # Errors
    /// [`crate::StoreError::Damaged`].
    async fn check_rows(&self, partition: PartitionId) -> Result<u64>;

    /// Checks all bytes of the files of the index.
    ///
    /// # Errors
    /// [`crate::StoreError::Damaged`] names the file.
    async fn check_files(&self) -> Result<()>;

    /// Returns the number of the last commit and a value that binds all commits up to it: whoever notes both elsewhere
    /// can prove that a store was rolled back. `None`: the store does not number its commits.
    fn head(&self) -> Option<CommitHead>;

    /// Returns the number of blobs without a row that the store may hold: the one set last by [`Self::allow_orphans`],
    /// by this process or an earlier one. More of them prove that rows were lost.
    fn allowed_orphans(&self) -> u64;

    /// Sets the number of blobs without a row that the store may hold. On return it survives a power cut. A call that is
    /// cancelled takes effect before later ones, or never.
    async fn allow_orphans(&self, number: u64) -> Result<()>;

    /// Waits until the store can make no commit any more in this process, and returns the reason. A store that fails and
    /// may recover, such as one on a full disk, is not meant.
    async fn ended(&self) -> StoreError;
}

/// Last commit of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommitHead {
    /// Timeline of the store: one that is restored begins a new one.
    pub timeline: Timeline,
    /// Number of the commit.
    pub number: u64,
    /// Chain value of its group.
    pub chain: [u8; 32],
}
