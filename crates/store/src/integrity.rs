//! The trait for checks of a store's own structures, which need no knowledge of what the rows mean.

use crate::error::Result;
use crate::id::PartitionId;
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
}

/// Last commit of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommitHead {
    /// Number of the commit.
    pub number: u64,
    /// Chain value of its group.
    pub chain: [u8; 32],
}
