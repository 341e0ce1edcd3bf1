//! Usage of buckets: read from their counters, and counted again from their rows.

use crate::engine::Engine;
use crate::model::error::{Error, Result};
use crate::model::quota::Quota;
use crate::model::settings::BucketSettings;
use crate::model::usage::Usage;
use crate::rows::key;
use crate::rows::pages::all_buckets;
use crate::rows::recount::{ensure_counted, recount, set_counters};
use crate::rows::usage::counters;
use strongroom_access::arn::AccountId;
use strongroom_rows::{CommitOutcome, Partition};
use strongroom_store::PartitionId;

pub use crate::rows::recount::Recount;

/// Usage of a bucket now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BucketUsage {
    /// Account that owns the bucket.
    pub account: AccountId,
    /// Name of the bucket.
    pub bucket: String,
    /// Usage by the counters.
    pub usage: Usage,
    /// Limits of the bucket.
    pub quota: Quota,
}

impl Engine {
    /// Returns the usage and the limits of all buckets, or of those of one account, in the order of their names.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Damaged`].
    pub async fn usage_of_buckets(&self, account: Option<AccountId>) -> Result<Vec<BucketUsage>> {
        let mut all = Vec::new();
        for (name, record) in all_buckets(&self.root).await? {
            let record = record?;
            if account.is_some_and(|account| account != record.owner.account) {
                continue;
            }
            let rows = Partition::new(&self.rows, PartitionId(record.id));
            ensure_counted(&rows).await?;
            let settings = rows.get::<BucketSettings>(&key::settings()).await?;
            all.push(BucketUsage {
                account: record.owner.account,
                bucket: name,
                usage: counters(&rows).await?,
                quota: settings.and_then(|found| found.record.quota).unwrap_or_default(),
            });
        }
        Ok(all)
    }

    /// Returns the usage of a bucket by its counters. While requests go on, its numbers may be from different moments.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`], [`Error::Store`].
    pub async fn bucket_usage(&self, name: &str) -> Result<Usage> {
        let rows = self.counted_rows(name).await?;
        ensure_counted(&rows).await?;
        counters(&rows).await
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
