//! Object Lock: what keeps a version from being deleted
//! (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html>).

use crate::bucket::Bucket;
use crate::record::VersionRecord;
use crate::settings::RetentionMode;
use crate::version::VersionName;
use crate::{Engine, Error, Result};
use minicbor::{Decode, Encode};

/// Microseconds of a day.
const DAY: u64 = 24 * 60 * 60 * 1_000_000;

/// What keeps a version from being deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Lock {
    /// Until when.
    #[n(0)]
    pub retention: Option<Retention>,
    /// Whether it is held until that is lifted; `None`: it was never asked.
    #[n(1)]
    pub legal_hold: Option<bool>,
}

/// Until when a version must be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Retention {
    /// How strictly.
    #[n(0)]
    pub mode: RetentionMode,
    /// Microseconds since 1970.
    #[n(1)]
    pub until: u64,
}

impl Lock {
    /// Whether the version may not be deleted at `now` by a request that bypasses governance, or does not.
    pub(crate) fn holds(&self, now: u64, bypass: bool) -> bool {
        let retained = self.retention.is_some_and(|retention| {
            retention.until > now && !(bypass && retention.mode == RetentionMode::Governance)
        });
        self.legal_hold == Some(true) || retained
    }

    /// The lock of a new version: what its request asks, or what the bucket retains by default.
    ///
    /// # Errors
    /// [`Error::NoObjectLock`] when the bucket has none and the request asks for it; [`Error::RetentionInPast`].
    pub(crate) fn of_new(asked: Self, bucket: &Bucket, now: u64) -> Result<Self> {
        let Some(settings) = bucket.settings.object_lock else {
            return if asked == Self::default() {
                Ok(asked)
            } else {
                Err(Error::NoObjectLock)
            };
        };
        if asked.retention.is_some_and(|retention| retention.until <= now) {
            return Err(Error::RetentionInPast);
        }
        let default = settings.default_retention.map(|default| Retention {
            mode: default.mode,
            until: now.saturating_add(default.period.days().saturating_mul(DAY)),
        });
        Ok(Self {
            retention: asked.retention.or(default),
            legal_hold: asked.legal_hold,
        })
    }

    /// Whether a retention may take the place of the one there is.
    fn admits(&self, new: Option<Retention>, now: u64, bypass: bool) -> bool {
        let Some(old) = self.retention.filter(|old| old.until > now) else {
            return true;
        };
        let stays = new.is_some_and(|new| {
            let as_strict = new.mode == old.mode || new.mode == RetentionMode::Compliance;
            new.until >= old.until && as_strict
        });
        stays || (bypass && old.mode == RetentionMode::Governance)
    }
}

impl Engine {
    /// The lock of a version, in a bucket that has Object Lock.
    ///
    /// # Errors
    /// [`Error::NoObjectLock`]; those of a version that is not there; [`Error::Store`].
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

    /// Sets how long a version is retained, or that it is not.
    ///
    /// # Errors
    /// As [`Self::object_lock`]; [`Error::RetentionInPast`]; [`Error::Locked`] for less than there is.
    pub async fn retain_object(
        &self,
        bucket: &str,
        object: &str,
        version: Option<VersionName>,
        retention: Option<Retention>,
        bypass_governance: bool,
    ) -> Result<()> {
        let change = |record: &mut VersionRecord, bucket: &Bucket| {
            if bucket.settings.object_lock.is_none() {
                return Err(Error::NoObjectLock);
            }
            let now = self.clock.now();
            if retention.is_some_and(|retention| retention.until <= now) {
                return Err(Error::RetentionInPast);
            }
            if !record.lock.admits(retention, now, bypass_governance) {
                return Err(Error::Locked);
            }
            record.lock.retention = retention;
            Ok(())
        };
        self.change_version(bucket, object, version, change)
            .await
            .map(drop)
    }

    /// Puts a version under a legal hold, or lifts it.
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
        let change = |record: &mut VersionRecord, bucket: &Bucket| {
            if bucket.settings.object_lock.is_none() {
                return Err(Error::NoObjectLock);
            }
            record.lock.legal_hold = Some(held);
            Ok(())
        };
        self.change_version(bucket, object, version, change)
            .await
            .map(drop)
    }
}
