//! Usage of buckets: read from their counters, and counted again from their rows.

use crate::engine::Engine;
use crate::model::error::{Error, Result};
use crate::model::usage::Usage;
use crate::rows::recount::{recount, set_counters};
use crate::rows::usage::counters;
use strongroom_rows::{CommitOutcome, Partition};
use strongroom_store::PartitionId;

pub use crate::rows::recount::Recount;

impl Engine {
    /// Returns the usage of a bucket by its counters. While requests go on, its numbers may be from different moments.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`], [`Error::Store`].
    pub async fn bucket_usage(&self, name: &str) -> Result<Usage> {
        counters(&self.counted_rows(name).await?).await
    }

    /// Counts the usage of a bucket from its rows, all from one moment, and compares it with the counters.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`], [`Error::Store`].
    pub async fn recount(&self, name: &str) -> Result<Recount> {
        recount(&self.counted_rows(name).await?).await
    }

    /// Works like [`Self::recount`], and sets the counters right. Returns the comparison from before.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`]; [`Error::Damaged`] if rows cannot be read; [`Error::Store`].
    pub async fn mend_usage(&self, name: &str) -> Result<Recount> {
        let rows = self.counted_rows(name).await?;
        match set_counters(&rows).await? {
            (recount, CommitOutcome::Done) => Ok(recount),
            _ => Err(Error::NoSuchBucket(name.to_owned())),
        }
    }

    /// Returns the rows of a bucket. Does not open its key, which is not needed to count.
    async fn counted_rows(&self, name: &str) -> Result<Partition> {
        let record = self.bucket_row(name).await?;
        Ok(Partition::new(&self.rows, PartitionId(record.id)))
    }
}
