//! DELETE of objects and versions. Needs no key: who may write may delete.

use crate::bucket::Bucket;
use crate::condition::DeleteConditions;
use crate::head::Head;
use crate::lock::Lock;
use crate::put::MOST_KEY;
use crate::record::{Facts, VersionRecord, key};
use crate::rows::Batch;
use crate::start::FIRST_GENERATION;
use crate::tags::Tags;
use crate::version::VersionName;
use crate::{Engine, Error, Result};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use strongroom_store::CommitRefused;

/// As for PUT: each round one of the other writers wins.
const TRIES: usize = 1024;

/// The most rows that the commit of many deletions writes, but for those of the last object in it.
const MOST_WRITES: usize = 10_000;

/// What to delete.
#[derive(Clone, Debug, Default)]
pub struct DeleteObject {
    /// The object key.
    pub key: String,
    /// The version to delete for good. Without, the newest is covered by a delete marker in a bucket that keeps
    /// versions, and deleted in one that does not.
    pub version: Option<VersionName>,
    /// Conditions on what is there.
    pub conditions: DeleteConditions,
    /// Delete it though governance retention says no.
    pub bypass_governance: bool,
}

/// What was deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deleted {
    /// The version that was deleted, or the delete marker that was made; none in a bucket that never kept versions.
    pub version: Option<VersionName>,
    /// The version is a delete marker.
    pub is_marker: bool,
    /// It was made by this.
    pub made: bool,
}

impl Engine {
    /// Deletes an object. One that is not there is a success. A version's envelope goes with the commit: once the
    /// index has no old copy of it left, nobody can open the blob any more.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`], [`Error::PreconditionFailed`], [`Error::Locked`], [`Error::Contended`],
    /// [`Error::Store`].
    pub async fn delete_object(&self, bucket: &str, delete: &DeleteObject) -> Result<Deleted> {
        let bucket = self.bucket(bucket).await?;
        for _ in 0..TRIES {
            let bucket = self.same_bucket(&bucket).await?;
            let mut batch = self.rows.batch(bucket.id, FIRST_GENERATION);
            let (deleted, garbage) = self.plan_deletion(&mut batch, &bucket, delete).await?;
            if self.commit_deletion(&bucket, batch, garbage).await? {
                return Ok(deleted);
            }
        }
        Err(Error::Contended)
    }

    /// Deletes many objects, in as few commits as there may be: one, unless a key comes twice or others write the same
    /// keys. What cannot be deleted does not keep the others. The outcomes come in the order asked.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`], [`Error::Store`].
    pub async fn delete_objects(&self, bucket: &str, asked: &[DeleteObject]) -> Result<Vec<Result<Deleted>>> {
        let bucket = self.bucket(bucket).await?;
        let mut outcomes = BTreeMap::new();
        let mut left: Vec<usize> = (0..asked.len()).collect();
        while !left.is_empty() {
            let bucket = self.same_bucket(&bucket).await?;
            let mut batch = self.rows.batch(bucket.id, FIRST_GENERATION);
            let (mut keys, mut later, mut planned) = (HashSet::new(), Vec::new(), Vec::new());
            let mut any_garbage = false;
            for at in left {
                let delete = &asked[at];
                // What is planned for a key goes by its head, and that changes once in a commit. And a commit has bounds:
                // each part of an object is two rows.
                if batch.writes() > MOST_WRITES || !keys.insert(delete.key.as_str()) {
                    later.push(at);
                    continue;
                }
                let mut of_key = self.rows.batch(bucket.id, FIRST_GENERATION);
                match self.plan_deletion(&mut of_key, &bucket, delete).await {
                    Ok((deleted, garbage)) => {
                        batch.append(of_key);
                        any_garbage |= garbage;
                        planned.push((at, deleted));
                    }
                    Err(error) => {
                        outcomes.insert(at, Err(error));
                    }
                }
            }
            if self.commit_deletion(&bucket, batch, any_garbage).await? {
                outcomes.extend(planned.into_iter().map(|(at, deleted)| (at, Ok(deleted))));
            } else {
                // Somebody else is at one of the keys: each by itself, so that this one does not hold up the others.
                for (at, _) in planned {
                    outcomes.insert(at, self.delete_object(&bucket.name, &asked[at]).await);
                }
            }
            left = later;
        }
        Ok(outcomes.into_values().collect())
    }

    async fn commit_deletion(&self, bucket: &Arc<Bucket>, batch: Batch<'_>, garbage: bool) -> Result<bool> {
        if batch.is_empty() {
            return Ok(true);
        }
        let commit = batch.commit();
        match self.collector.watch(bucket.id, garbage, commit).await? {
            Ok(()) => Ok(true),
            Err(CommitRefused::Check(_)) => Ok(false),
            Err(CommitRefused::Generation) => {
                self.forget_bucket(bucket).await?;
                Err(Error::NoSuchBucket(bucket.name.clone()))
            }
        }
    }

    /// Adds a deletion to `batch`, and tells what will have been deleted and whether garbage comes of it.
    async fn plan_deletion(
        &self,
        batch: &mut Batch<'_>,
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
        delete.conditions.judge(&delete.key, head.current())?;
        self.plan_newest(batch, bucket, &head, &delete.key).await
    }

    /// What a key shows is deleted: covered by a delete marker in a bucket that keeps, or kept, versions.
    pub(crate) async fn plan_newest(
        &self,
        batch: &mut Batch<'_>,
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
        batch: &mut Batch<'_>,
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
        delete.conditions.judge(&delete.key, facts)?;
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
        // With its lock as it was judged.
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
        batch: &mut Batch<'_>,
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
