//! The seam for rows.

use crate::error::Result;
use crate::id::PartitionId;
use async_trait::async_trait;
use bytes::Bytes;

/// Generation of a new partition.
pub const FIRST_GENERATION: u64 = 1;

/// An ordered map of small rows, cut into partitions.
///
/// Only atomicity *within one partition* is asked for: one [`Commit`] carries checks, writes and counter changes,
/// and takes effect whole or not at all. An embedded database gives this by a transaction, a RADOS object by one
/// compound operation on its omap. Row keys are at most 4 KiB and hold no byte 0 (RADOS cannot store it).
#[async_trait]
pub trait Index: Send + Sync + 'static {
    /// Makes a partition with generation 1 and no rows; durable on return. One that exists is left as it is.
    async fn create_partition(&self, partition: PartitionId) -> Result<()>;

    /// The partition's generation, `None` when there is no such partition.
    async fn generation(&self, partition: PartitionId) -> Result<Option<u64>>;

    /// Removes a partition with all its rows and counters; durable on return. One that is not there is a success.
    async fn remove_partition(&self, partition: PartitionId) -> Result<()>;

    /// One row's value; `None` when the row or the partition is not there.
    async fn get(&self, partition: PartitionId, key: &[u8]) -> Result<Option<Bytes>>;

    /// Rows in byte order of their keys, all from one moment.
    async fn scan(&self, partition: PartitionId, scan: Scan) -> Result<Vec<Row>>;

    /// A counter's value; 0 when it was never changed.
    async fn counter(&self, partition: PartitionId, counter: Counter) -> Result<i64>;

    /// Applies a commit whole or not at all. Commits of one partition that one process asks for take effect in the
    /// order they were asked for; one whose caller has gone never overtakes a later one. When this returns `Ok(Ok(()))` it survives a power cut.
    /// The inner error is a refusal the caller is meant to act on; nothing was changed then.
    async fn commit(&self, partition: PartitionId, commit: Commit) -> Result<Result<(), CommitRefused>>;
}

/// A row: key and value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its key within the partition.
    pub key: Bytes,
    /// Its value.
    pub value: Bytes,
}

/// Which rows to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scan {
    /// Only keys that begin with this.
    pub prefix: Bytes,
    /// Only keys at or after this (need not begin with the prefix).
    pub from: Bytes,
    /// How many rows at most.
    pub limit: usize,
}

/// A named number kept beside the rows of a partition, changed only by commits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Counter(pub &'static str);

/// Checks, writes and counter changes that take effect together or not at all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commit {
    /// The generation the caller knows the partition by; another one refuses the commit.
    pub generation: u64,
    /// All must hold.
    pub checks: Vec<Check>,
    /// In order; a later one wins over an earlier one on the same key.
    pub writes: Vec<Write>,
    /// Amounts to add.
    pub counters: Vec<(Counter, i64)>,
    /// Add one to the generation, so that every later commit which carries the old one is refused.
    pub advance: bool,
}

/// A condition on the partition as it is just before the commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Check {
    /// There is no such row.
    Absent(Bytes),
    /// The row has exactly this value.
    Equals(Bytes, Bytes),
    /// The counter has exactly this value.
    Counter(Counter, i64),
}

/// A change to one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// Sets the row.
    Put(Bytes, Bytes),
    /// Removes the row; one that is not there is a success.
    Delete(Bytes),
}

/// Why a commit was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommitRefused {
    /// The check at this position did not hold.
    #[error("check {0} of the commit does not hold")]
    Check(usize),
    /// The partition is not there, or has another generation.
    #[error("the partition was deleted or closed")]
    Generation,
}
