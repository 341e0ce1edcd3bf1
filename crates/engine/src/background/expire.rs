//! Deletions by lifecycle rules. Each reads again the version that was found to be due: rules, versions and tags may
//! have changed, and a version that is no longer due stays.

use crate::bucket::commit::{Effects, MAX_TRIES, retry};
use crate::engine::Engine;
use crate::model::error::Result;
use crate::process::buckets_in_use::Bucket;
use crate::rows::key;
use crate::rows::record::VersionRecord;
use crate::version::head::Head;
use std::sync::Arc;

/// Removal by a lifecycle rule.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Removal {
    /// The newest version is deleted as DELETE does it, which covers it with a delete marker in a bucket that keeps
    /// versions.
    Expiration,
    /// A noncurrent version is deleted.
    Noncurrent,
    /// A delete marker without versions is deleted.
    Marker,
}

impl Removal {
    /// Returns the name of the operation in the audit log.
    fn operation(self) -> &'static str {
        match self {
            Self::Expiration => "lifecycle:Expiration",
            Self::Noncurrent => "lifecycle:NoncurrentVersionExpiration",
            Self::Marker => "lifecycle:ExpiredObjectDeleteMarker",
        }
    }
}

impl Engine {
    /// Deletes an object as DELETE does, if its newest version is still this one and still due.
    pub(crate) async fn expire_current(
        &self,
        bucket: &Arc<Bucket>,
        object: &str,
        version: [u8; 16],
        is_due: impl Fn(&VersionRecord) -> bool,
    ) -> Result<bool> {
        let current = |head: &Head, record: &VersionRecord| {
            head.current().is_some_and(|newest| newest.version == version) && is_due(record)
        };
        self.expire_version(bucket, object, version, current, Removal::Expiration)
            .await
    }

    /// Deletes a version, if it is still noncurrent and due, and nothing locks it.
    pub(crate) async fn drop_noncurrent(
        &self,
        bucket: &Arc<Bucket>,
        object: &str,
        version: [u8; 16],
        is_due: impl Fn(&VersionRecord) -> bool,
    ) -> Result<bool> {
        let noncurrent = |head: &Head, record: &VersionRecord| {
            head.newest().is_some() && !head.is(version) && is_due(record)
        };
        self.expire_version(bucket, object, version, noncurrent, Removal::Noncurrent)
            .await
    }

    /// Deletes a delete marker, if it is still the only version of its key.
    pub(crate) async fn drop_lonely_marker(
        &self,
        bucket: &Arc<Bucket>,
        object: &str,
        version: [u8; 16],
    ) -> Result<bool> {
        if self.next_older(bucket, object, version).await?.is_some() {
            return Ok(false);
        }
        let newest = |head: &Head, _: &VersionRecord| matches!(head, Head::Marker(newest) if newest.record.version == version);
        self.expire_version(bucket, object, version, newest, Removal::Marker)
            .await
    }

    /// Deletes a version if it `may` be deleted and nothing locks it.
    async fn expire_version(
        &self,
        bucket: &Arc<Bucket>,
        object: &str,
        version: [u8; 16],
        may: impl Fn(&Head, &VersionRecord) -> bool,
        removal: Removal,
    ) -> Result<bool> {
        let as_delete = removal == Removal::Expiration;
        retry!(MAX_TRIES, {
            let bucket = &self.same_bucket(bucket).await?;
            let head = self.head(bucket, object).await?;
            let found = self.version(bucket, object, version).await?;
            let Some(found) = found.filter(|found| may(&head, &found.record)) else {
                return Ok(false);
            };
            let record = &found.record;
            let goes_for_good = !(as_delete && bucket.settings.keeps_versions());
            if goes_for_good && record.lock.holds(self.clock.now(), false) {
                return Ok(false);
            }
            let mut batch = bucket.rows.batch();
            batch.expect(key::version(object, version), Some(&found));
            let garbage = if as_delete {
                self.plan_newest(&mut batch, bucket, &head, object).await?.1
            } else {
                self.remove_version(&mut batch, bucket, object, &head, &record.summary)
                    .await?
                    .garbage
            };
            let attempt = self
                .commit(bucket, batch, Effects::without_events(garbage))
                .await?;
            attempt.then(|| {
                let version = record.summary.name().to_string();
                self.audit_removal(bucket, removal.operation(), object, Some(&version));
                true
            })
        })
    }
}
