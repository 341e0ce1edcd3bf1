//! Samples of usage: one of each bucket and day, kept after the bucket is deleted.

use crate::bucket::commit::{MAX_TRIES, retry};
use crate::engine::Engine;
use crate::model::error::Result;
use crate::model::usage::Usage;
use crate::rows::key;
use crate::rows::pages::buckets;
use crate::rows::recount::ensure_counted;
use crate::rows::sample::{LastSampleRecord, SampleRecord};
use crate::rows::usage::counters;
use bytes::Bytes;
use std::time::Duration;
use strongroom_access::arn::AccountId;
use strongroom_rows::{Pages, Partition};
use strongroom_store::PartitionId;

/// Pause between two looks at the clock.
const PAUSE: Duration = Duration::from_mins(1);
/// Microseconds of a day.
const DAY: u64 = 86_400_000_000;

/// Usage of a bucket on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Days since 1970-01-01 (UTC).
    pub day: u32,
    /// Account that owned the bucket.
    pub account: AccountId,
    /// Name of the bucket.
    pub bucket: String,
    /// Usage at the time of the sample.
    pub usage: Usage,
}

impl Engine {
    /// Starts sampling in the background: all buckets soon after each midnight (UTC), or after the start if the server
    /// did not run then. Samples are kept for `keep` days. Ends when the engine is dropped.
    pub fn spawn_sampling(&self, keep: u32) {
        let engine = self.downgrade();
        tokio::spawn(async move {
            loop {
                let Some(engine) = engine.upgrade() else { return };
                if let Err(error) = engine.sample_usage(keep).await {
                    tracing::warn!(%error, "sampling the usage failed and will be retried");
                }
                drop(engine);
                tokio::time::sleep(PAUSE).await;
            }
        });
    }

    /// Samples the usage of all buckets, unless that was done today. Deletes samples that are older than `keep` days.
    /// Returns the number of samples taken.
    ///
    /// # Errors
    /// [`crate::Error::Store`], [`crate::Error::Damaged`].
    pub async fn sample_usage(&self, keep: u32) -> Result<u64> {
        let today = self.today();
        let last = self.root.get::<LastSampleRecord>(&key::last_sample()).await?;
        if last.is_some_and(|last| last.record.day >= today) {
            return Ok(0);
        }
        let mut taken = 0;
        let mut pages = buckets(&self.root);
        while let Some(page) = pages.next().await? {
            let mut batch = self.root.batch();
            for (row, found) in page {
                // A damaged bucket does not keep the others from being sampled; `verify` names it.
                let Ok(found) = found else { continue };
                let rows = Partition::new(&self.rows, PartitionId(found.record.id));
                ensure_counted(&rows).await?;
                let usage = counters(&rows).await?;
                let bucket = key::bucket_name(&row);
                let row = key::sample(today, found.record.owner.account, &bucket);
                batch.put(row, &SampleRecord { usage })?;
                taken += 1;
            }
            // Without checks, a commit on the root is not refused.
            let _ = batch.commit().await?;
        }
        self.drop_samples_before(today.saturating_sub(keep)).await?;
        // Last, so that an interrupted round is repeated.
        retry!(MAX_TRIES, {
            let mut batch = self.root.batch();
            batch.put(key::last_sample(), &LastSampleRecord { day: today })?;
            batch.commit().await?.is_done().then_some(taken)
        })
    }

    /// Calls `each` for the samples of the last `days` days, oldest first: of one account, or of all.
    ///
    /// # Errors
    /// [`crate::Error::Store`], [`crate::Error::Damaged`].
    pub async fn usage_samples(
        &self,
        days: u32,
        account: Option<AccountId>,
        mut each: impl FnMut(Sample) + Send,
    ) -> Result<()> {
        let today = self.today();
        for day in today.saturating_sub(days.saturating_sub(1))..=today {
            let prefix = match account {
                Some(account) => key::sample(day, account, ""),
                None => key::samples_of(day),
            };
            let mut pages = Pages::<SampleRecord>::new(&self.root, prefix);
            while let Some(page) = pages.next().await? {
                for (row, found) in page {
                    let usage = found?.record.usage;
                    if let Some((day, account, bucket)) = key::sampled(&row) {
                        each(Sample {
                            day,
                            account,
                            bucket,
                            usage,
                        });
                    }
                }
            }
        }
        Ok(())
    }

    async fn drop_samples_before(&self, day: u32) -> Result<()> {
        let end = key::samples_of(day);
        let mut pages = Pages::<SampleRecord>::new(&self.root, Bytes::from_static(key::SAMPLE));
        while let Some(page) = pages.next().await? {
            let mut batch = self.root.batch();
            let mut is_end = false;
            for (row, _) in page {
                is_end = row >= end;
                if is_end {
                    break;
                }
                batch.delete(row);
            }
            if !batch.is_empty() {
                let _ = batch.commit().await?;
            }
            if is_end {
                break;
            }
        }
        Ok(())
    }

    /// Returns the current day, counted from 1970-01-01 (UTC).
    fn today(&self) -> u32 {
        u32::try_from(self.clock.now() / DAY).unwrap_or(u32::MAX)
    }
}
