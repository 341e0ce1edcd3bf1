//! The trait for rows.

use crate::error::Result;
use crate::id::PartitionId;
use async_trait::async_trait;
use bytes::Bytes;

/// Generation of a new partition.
pub const FIRST_GENERATION: u64 = 1;

/// An ordered map of small rows, cut into partitions.
///
/// Only atomicity *within one partition* is required: one [`Commit`] carries checks, writes and counter changes, and
/// takes effect as a whole or not at all. An embedded database implements this by a transaction, a RADOS object by one
/// compound operation on its omap. Row keys are at most 4 KiB long and contain no zero byte (RADOS cannot store it).
#[async_trait]
pub trait Index: Send + Sync + 'static {
    /// Creates a partition with generation 1 and no rows; durable on return. An existing one is not changed.
    async fn create_partition(&self, partition: PartitionId) -> Result<()>;

    /// Returns the partition's generation; `None` if there is no such partition.
    async fn generation(&self, partition: PartitionId) -> Result<Option<u64>>;

    /// Removes a partition with all its rows and counters; durable on return. Succeeds if there is none.
    async fn remove_partition(&self, partition: PartitionId) -> Result<()>;

    /// Returns a row's value; `None` if the row or the partition does not exist.
    async fn get(&self, partition: PartitionId, key: &[u8]) -> Result<Option<Bytes>>;

    /// Returns rows in byte order of their keys, all from one snapshot.
    async fn scan(&self, partition: PartitionId, scan: Scan) -> Result<Vec<Row>>;

    /// Returns a counter's value; 0 if it was never changed.
    async fn counter(&self, partition: PartitionId, counter: Counter) -> Result<i64>;

    /// Iterates over the counters of a partition, then over all its rows, all from one snapshot. Each step may read from
    /// the disk.
    async fn contents(&self, partition: PartitionId) -> Result<Contents>;

    /// Applies a commit as a whole or not at all. Commits to one partition from one process take effect in the order of
    /// the calls; a cancelled call's commit never overtakes a later one. After `Ok(Ok(()))` the commit survives a power
    /// cut. The inner error is a refusal that the caller is meant to handle; nothing was changed then.
    async fn commit(&self, partition: PartitionId, commit: Commit) -> Result<Result<(), CommitRefused>>;
}

/// Counters and rows of a partition.
pub type Contents = Box<dyn Iterator<Item = Result<Content>> + Send>;

/// Counter or row of a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Name and value of a counter.
    Counter(Bytes, i64),
    /// Row.
    Row(Row),
}

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Key of the row within its partition.
    pub key: Bytes,
    /// Value of the row.
    pub value: Bytes,
}

/// Selection of rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scan {
    /// Prefix of the keys.
    pub prefix: Bytes,
    /// First key, inclusive. Need not begin with the prefix.
    pub from: Bytes,
    /// Maximum number of rows.
    pub limit: usize,
}

/// A named number stored beside the rows of a partition, changed only by commits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Counter(pub &'static str);

/// Checks, writes and counter changes that take effect together or not at all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commit {
    /// Generation of the partition known to the caller. Another one refuses the commit.
    pub generation: u64,
    /// Conditions, all of which must hold.
    pub checks: Vec<Check>,
    /// Changes of rows, in order: a later one on the same key wins.
    pub writes: Vec<Write>,
    /// Amounts to add to counters.
    pub counters: Vec<(Counter, i64)>,
    /// Adds one to the generation, so that every later commit with the old one is refused.
    pub advance: bool,
}

/// A condition on the partition just before the commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Check {
    /// The row does not exist.
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
    /// Removes the row. Succeeds if there is none.
    Delete(Bytes),
}

/// Reason why a commit was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommitRefused {
    /// The check at this position does not hold.
    #[error("check {0} of the commit does not hold")]
    Check(usize),
    /// The partition does not exist, or has another generation.
    #[error("the partition was deleted or closed")]
    Generation,
}
