//! Retention and legal hold of a version.

use crate::engine::Engine;
use crate::model::error::{Error, Result};
use crate::model::lock::{Lock, Retention};
use crate::model::version_name::VersionName;
use crate::process::buckets_in_use::Bucket;
use crate::rows::record::VersionRecord;

impl Engine {
    /// Returns the lock of a version, in a bucket that has Object Lock.
    ///
    /// # Errors
    /// [`Error::NoObjectLock`]; those of a missing version; [`Error::Store`].
    pub async fn object_lock(
        &self,
        bucket: &str,
        object: &str,
        version: Option<VersionName>,
    ) -> Result<Lock> {
        let bucket = self.bucket(bucket).await?;
        if bucket.settings.object_lock.is_none() {
            return Err(Error::NoObjectLock);
        }
        let (found, _) = self.find_version(&bucket, object, version).await?;
        Ok(found.record.lock)
    }

    /// Sets or removes the retention of a version.
    ///
    /// # Errors
    /// As [`Self::object_lock`]; [`Error::RetentionInPast`]; [`Error::Locked`] if the retention may not be reduced.
    pub async fn retain_object(
        &self,
        bucket: &str,
        object: &str,
        version: Option<VersionName>,
        retention: Option<Retention>,
        bypass_governance: bool,
    ) -> Result<()> {
        let change = |lock: &mut Lock| {
            let now = self.clock.now();
            if retention.is_some_and(|retention| retention.until <= now) {
                return Err(Error::RetentionInPast);
            }
            if !lock.admits(retention, now, bypass_governance) {
                return Err(Error::Locked);
            }
            lock.retention = retention;
            Ok(())
        };
        self.change_lock(bucket, object, version, change).await
    }

    /// Places a legal hold on a version, or lifts it.
    ///
    /// # Errors
    /// As [`Self::object_lock`].
    pub async fn hold_object(
        &self,
        bucket: &str,
        object: &str,
        version: Option<VersionName>,
        held: bool,
    ) -> Result<()> {
        let change = |lock: &mut Lock| {
            lock.legal_hold = Some(held);
            Ok(())
        };
        self.change_lock(bucket, object, version, change).await
    }

    async fn change_lock(
        &self,
        bucket: &str,
        object: &str,
        version: Option<VersionName>,
        change: impl Fn(&mut Lock) -> Result<()>,
    ) -> Result<()> {
        let change = |record: &mut VersionRecord, bucket: &Bucket| match bucket.settings.object_lock {
            Some(_) => change(&mut record.lock),
            None => Err(Error::NoObjectLock),
        };
        let changed = self.change_version(bucket, object, version, change).await;
        changed.map(drop)
    }
}
