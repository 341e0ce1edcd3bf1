//! Room under the quotas of buckets and accounts: reserved before a body is read, and at the latest before a commit.

use crate::engine::Engine;
use crate::model::error::Result;
use crate::model::quota::{AccountLimits, Amount, Quota};
use crate::process::buckets_in_use::Bucket;
use crate::process::meters::{AccountMeter, BucketMeter, Limits, Room};
use crate::rows::key;
use crate::rows::record::{BucketRecord, OwnedRecord};
use crate::rows::usage::counters;
use std::sync::Arc;
use strongroom_access::arn::AccountId;
use strongroom_rows::{Pages, Partition};
use strongroom_store::PartitionId;

impl Engine {
    /// Sets the source of the limits of accounts, before the first request. Without one, accounts have no limits.
    pub fn set_account_limits(&self, limits: Arc<dyn AccountLimits>) {
        self.meters.set_limits(limits);
    }

    /// Sets the limits of a bucket, for all writes that begin from now on.
    ///
    /// # Errors
    /// [`crate::Error::NoSuchBucket`], [`crate::Error::Contended`], [`crate::Error::Store`].
    pub async fn set_bucket_quota(&self, bucket: &str, quota: Quota) -> Result<()> {
        self.change_bucket_settings(bucket, move |settings| {
            settings.quota = (!quota.is_none()).then_some(quota);
            Ok(())
        })
        .await
    }

    /// Returns whether a quota limits the contents of a bucket.
    pub(crate) fn is_limited(&self, bucket: &Bucket) -> bool {
        bucket.settings.quota.is_some() || !self.meters.quota(bucket.owner.account).contents.is_none()
    }

    /// Reserves room in a bucket.
    ///
    /// # Errors
    /// [`crate::Error::QuotaExceeded`], [`crate::Error::Store`].
    pub(crate) async fn reserve(&self, bucket: &Bucket, amount: Amount) -> Result<Room> {
        if !self.is_limited(bucket) {
            return Ok(Room::default());
        }
        let limits = Limits {
            bucket: bucket.settings.quota.unwrap_or_default(),
            account: self.meters.quota(bucket.owner.account).contents,
            bucket_name: bucket.name.clone(),
            account_id: bucket.owner.account,
        };
        let account = self.meters.account(bucket.owner.account);
        if !limits.account.is_none() {
            self.track_all(&account, bucket.owner.account).await?;
            for meter in account.in_doubt() {
                self.track(&meter, &account).await?;
            }
        }
        self.track(&bucket.meter, &account).await?;
        Ok(bucket.meter.reserve(limits, amount)?)
    }

    /// Reserves what a commit needs beyond `room`. Commits that add nothing always pass.
    pub(crate) async fn room_for(&self, bucket: &Bucket, change: Amount, room: Room) -> Result<Room> {
        let needed = change.beyond(Amount::default());
        if needed == Amount::default() {
            return Ok(room);
        }
        if room.is_unlimited() {
            return self.reserve(bucket, needed).await;
        }
        room.hold_at_least(needed)?;
        Ok(room)
    }

    /// Tracks a bucket that was looked up, if all buckets of its account are to be tracked.
    pub(crate) async fn track_with_account(&self, bucket: &Bucket) -> Result<()> {
        let account = self.meters.account(bucket.owner.account);
        if account.tracks_all() {
            self.track(&bucket.meter, &account).await?;
        }
        Ok(())
    }

    /// Reads the usage of a bucket, unless its meter knows it.
    async fn track(&self, meter: &Arc<BucketMeter>, account: &Arc<AccountMeter>) -> Result<()> {
        if meter.is_known() {
            return Ok(());
        }
        // No commit of this process is in progress, except cancelled ones; these take effect before one that changes
        // nothing, or never.
        let _alone = meter.gate.write().await;
        if meter.is_known() {
            return Ok(());
        }
        let rows = Partition::new(&self.rows, meter.id);
        if rows.batch().commit().await?.is_done() {
            meter.set(account, Amount::of(counters(&rows).await?));
        }
        Ok(())
    }

    /// Tracks all buckets of an account, once.
    async fn track_all(&self, account: &Arc<AccountMeter>, id: AccountId) -> Result<()> {
        let all = account.all_tracked.get_or_try_init(|| async {
            // First, so that buckets that are created in the meantime are tracked when they are looked up.
            account.track_all();
            let mut pages = Pages::<OwnedRecord>::new(&self.root, key::owned(id, ""));
            while let Some(page) = pages.next().await? {
                for (row, _) in page {
                    let bucket = key::bucket(&key::owned_name(&row));
                    let Some(found) = self.root.get::<BucketRecord>(&bucket).await? else {
                        continue;
                    };
                    let meter = self.meters.bucket(PartitionId(found.record.id));
                    self.track(&meter, account).await?;
                }
            }
            Ok(())
        });
        all.await.copied()
    }
}
