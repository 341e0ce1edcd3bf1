//! DELETE of objects and versions. Requires no key: callers that may write may delete.

use crate::bucket::commit::{Attempt, Effects, MAX_WRITERS, retry};
use crate::engine::Engine;
use crate::model::condition::DeleteConditions;
use crate::model::error::{Error, Result};
use crate::model::limits::MAX_KEY;
use crate::model::lock::Lock;
use crate::model::tags::Tags;
use crate::model::version_name::VersionName;
use crate::process::buckets_in_use::Bucket;
use crate::rows::key;
use crate::rows::record::{VersionRecord, VersionSummary};
use crate::version::head::{Head, NewHead};
use std::sync::Arc;
use strongroom_rows::Batch;

/// Parameters of a deletion.
#[derive(Clone, Debug, Default)]
pub struct DeleteObject {
    /// Key of the object.
    pub key: String,
    /// Version to delete for good. `None`: in a bucket that keeps versions, adds a delete marker; in any other one,
    /// deletes the object.
    pub version: Option<VersionName>,
    /// Conditions on the object or version.
    pub conditions: DeleteConditions,
    /// True if governance retention is to be bypassed.
    pub bypass_governance: bool,
}

/// Result of a deletion.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deleted {
    /// Version that was deleted, or delete marker that was created. `None`: the bucket never kept versions.
    pub version: Option<VersionName>,
    /// True if `version` is a delete marker.
    pub is_marker: bool,
    /// True if `version` was created by this deletion.
    pub created: bool,
}

impl Engine {
    /// Deletes an object. Succeeds if the object does not exist. A version's envelope is deleted with the commit: once
    /// the index holds no old copy of it, nobody can decrypt the blob any more.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`], [`Error::PreconditionFailed`], [`Error::Locked`], [`Error::Contended`],
    /// [`Error::Store`].
    pub async fn delete_object(&self, bucket: &str, delete: &DeleteObject) -> Result<Deleted> {
        let bucket = self.bucket(bucket).await?;
        retry!(MAX_WRITERS, {
            let bucket = self.same_bucket(&bucket).await?;
            let mut batch = bucket.rows.batch();
            let (deleted, garbage) = self.plan_deletion(&mut batch, &bucket, delete).await?;
            let attempt = self.commit_deletion(&bucket, batch, garbage).await?;
            attempt.then(|| deleted)
        })
    }

    pub(crate) async fn commit_deletion(
        &self,
        bucket: &Arc<Bucket>,
        batch: Batch,
        garbage: bool,
    ) -> Result<Attempt> {
        if batch.is_empty() {
            return Ok(Attempt::Done);
        }
        self.commit(bucket, batch, Effects::without_events(garbage)).await
    }

    /// Adds a deletion to `batch`. Returns what it will have deleted, and whether it creates garbage.
    pub(crate) async fn plan_deletion(
        &self,
        batch: &mut Batch,
        bucket: &Bucket,
        delete: &DeleteObject,
    ) -> Result<(Deleted, bool)> {
        if delete.key.len() > MAX_KEY {
            return Err(Error::KeyTooLong(delete.key.len()));
        }
        let head = self.head(bucket, &delete.key).await?;
        if let Some(name) = delete.version {
            return self.plan_version(batch, bucket, &head, delete, name).await;
        }
        if let Head::Marker(_) = &head {
            delete.conditions.expect_none()?;
        }
        delete
            .conditions
            .judge(&delete.key, head.current().map(VersionSummary::state))?;
        self.plan_newest(batch, bucket, &head, &delete.key).await
    }

    /// Deletes the newest version, or adds a delete marker in a bucket that keeps, or kept, versions.
    pub(crate) async fn plan_newest(
        &self,
        batch: &mut Batch,
        bucket: &Bucket,
        head: &Head,
        object: &str,
    ) -> Result<(Deleted, bool)> {
        if bucket.settings.versioning.is_some() {
            return self.plan_marker(batch, bucket, head, object).await;
        }
        let Some(summary) = head.current() else {
            return Ok(Default::default());
        };
        let released = self.remove_version(batch, bucket, object, head, summary).await?;
        Ok((Deleted::default(), released.garbage))
    }

    async fn plan_version(
        &self,
        batch: &mut Batch,
        bucket: &Bucket,
        head: &Head,
        delete: &DeleteObject,
        name: VersionName,
    ) -> Result<(Deleted, bool)> {
        let found = match self.named(bucket, &delete.key, name).await {
            Ok(found) => Some(found),
            Err(Error::NoSuchVersion(..)) => None,
            Err(error) => return Err(error),
        };
        let summary = found.as_ref().map(|found| &found.record.summary);
        delete
            .conditions
            .judge(&delete.key, summary.map(VersionSummary::state))?;
        let version = Some(name);
        let Some(found) = found else {
            return Ok((
                Deleted {
                    version,
                    ..Deleted::default()
                },
                false,
            ));
        };
        let record = &found.record;
        // The version must be unchanged at the commit, so that the lock checked below is the current one.
        batch.expect(key::version(&delete.key, record.summary.version), Some(&found));
        if record.lock.holds(self.clock.now(), delete.bypass_governance) {
            return Err(Error::Locked);
        }
        let released = self
            .remove_version(batch, bucket, &delete.key, head, &record.summary)
            .await?;
        let deleted = Deleted {
            version,
            is_marker: record.content.is_none(),
            created: false,
        };
        Ok((deleted, released.garbage))
    }

    async fn plan_marker(
        &self,
        batch: &mut Batch,
        bucket: &Bucket,
        head: &Head,
        object: &str,
    ) -> Result<(Deleted, bool)> {
        let now = self.time_on_top(head);
        let summary = VersionSummary {
            version: self.new_version(now)?,
            length: 0,
            modified: now,
            etag: String::new(),
            mode: 0,
            null: !bucket.settings.keeps_versions(),
            owner: None,
        };
        let new_head = NewHead {
            summary: &summary,
            is_marker: true,
        };
        let released = self
            .push_version(batch, bucket, object, head, new_head, None)
            .await?;
        let deleted = Deleted {
            version: bucket.version_name(&summary),
            is_marker: true,
            created: true,
        };
        let row = key::version(object, summary.version);
        let record = VersionRecord {
            summary,
            content: None,
            tags: Tags::default(),
            lock: Lock::default(),
            acl: None,
        };
        batch.put(row, &record)?;
        Ok((deleted, released.garbage))
    }
}
