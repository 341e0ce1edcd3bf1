//! DELETE of objects and versions. Requires no key: callers that may write may delete.

use crate::bucket::commit::{Attempt, Effects, MAX_WRITERS, retry};
use crate::engine::Engine;
use crate::model::condition::DeleteConditions;
use crate::model::error::{Error, Result};
use crate::model::limits::MOST_KEY;
use crate::model::lock::Lock;
use crate::model::tags::Tags;
use crate::model::version_name::VersionName;
use crate::process::buckets_in_use::Bucket;
use crate::rows::batch::Batch;
use crate::rows::key;
use crate::rows::record::{Facts, VersionRecord};
use crate::version::head::Head;
use std::sync::Arc;

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
    pub made: bool,
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
        if delete.key.len() > MOST_KEY {
            return Err(Error::KeyTooLong(delete.key.len()));
        }
        let head = self.head(bucket, &delete.key).await?;
        if let Some(name) = delete.version {
            return self.plan_version(batch, bucket, &head, delete, name).await;
        }
        delete
            .conditions
            .judge(&delete.key, head.current().map(Facts::state))?;
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
        let Some(facts) = head.current() else {
            return Ok(Default::default());
        };
        let let_go = self.take_out(batch, bucket, object, head, facts).await?;
        Ok((Deleted::default(), let_go.garbage))
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
        let facts = found.as_ref().map(|found| &found.record.facts);
        delete.conditions.judge(&delete.key, facts.map(Facts::state))?;
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
        batch.expect(key::version(&delete.key, record.facts.version), Some(&found));
        if record.lock.holds(self.clock.now(), delete.bypass_governance) {
            return Err(Error::Locked);
        }
        let let_go = self
            .take_out(batch, bucket, &delete.key, head, &record.facts)
            .await?;
        let deleted = Deleted {
            version,
            is_marker: record.content.is_none(),
            made: false,
        };
        Ok((deleted, let_go.garbage))
    }

    async fn plan_marker(
        &self,
        batch: &mut Batch,
        bucket: &Bucket,
        head: &Head,
        object: &str,
    ) -> Result<(Deleted, bool)> {
        let now = self.time_on_top(head);
        let facts = Facts {
            version: self.new_version(now)?,
            length: 0,
            modified: now,
            etag: String::new(),
            mode: 0,
            null: !bucket.settings.keeps_versions(),
        };
        let let_go = self
            .put_on_top(batch, bucket, object, head, (&facts, true), None)
            .await?;
        let deleted = Deleted {
            version: bucket.tell(&facts),
            is_marker: true,
            made: true,
        };
        let row = key::version(object, facts.version);
        let record = VersionRecord {
            facts,
            content: None,
            tags: Tags::default(),
            lock: Lock::default(),
        };
        batch.put(row, &record)?;
        Ok((deleted, let_go.garbage))
    }
}
