//! Deletion of buckets: an empty one is deleted, any other one can be shredded.

use crate::bucket::commit::{MAX_TRIES, retry};
use crate::engine::Engine;
use crate::engine::pending::PendingKeyEvent;
use crate::model::error::{Error, Result};
use crate::model::settings::BucketSettings;
use crate::rows::key;
use crate::rows::record::{BucketRecord, ClosingRecord};
use crate::rows::recount::ensure_counted;
use crate::rows::usage::{counters, expect_no_versions};
use std::sync::Arc;
use strongroom_audit::KeyUse;
use strongroom_rows::{CommitOutcome, Partition};
use strongroom_seal::Mode;
use strongroom_store::{KeyOwner, PartitionId};

impl Engine {
    /// Deletes an empty bucket and its key.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`], [`Error::BucketNotEmpty`], [`Error::Store`].
    pub async fn delete_bucket(&self, name: &str) -> Result<()> {
        let record = self.bucket_row(name).await?;
        self.audit.ready()?;
        match self.close(name, record, true).await? {
            CommitOutcome::Done => Ok(()),
            CommitOutcome::Stale(_) => Err(Error::BucketNotEmpty(name.to_owned())),
            CommitOutcome::Closed => Err(Error::NoSuchBucket(name.to_owned())),
        }
    }

    /// Deletes the key of a bucket and the bucket with all its contents. Nobody can decrypt its SSE-S3 objects from
    /// then on; the collector deletes the bytes of all modes. A bucket with Object Lock is deleted only if
    /// `with_locked` is set.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`]; [`Error::Locked`] for a bucket that has Object Lock; [`Error::Store`].
    pub async fn shred_bucket(&self, name: &str, with_locked: bool) -> Result<()> {
        let record = self.bucket_row(name).await?;
        let rows = Partition::new(&self.rows, PartitionId(record.id));
        let settings = rows.get::<BucketSettings>(&key::settings()).await?;
        if settings.is_some_and(|found| found.record.object_lock.is_some()) && !with_locked {
            return Err(Error::Locked);
        }
        self.audit.ready()?;
        if self.close(name, record, false).await?.is_done() {
            Ok(())
        } else {
            Err(Error::NoSuchBucket(name.to_owned()))
        }
    }

    /// Returns a bucket's row. Does not open its key, which is not needed to delete it: the master key may be lost.
    pub(crate) async fn bucket_row(&self, name: &str) -> Result<BucketRecord> {
        let row = key::bucket(name);
        let found = self.root.get::<BucketRecord>(&row).await?;
        let found = found.ok_or_else(|| Error::NoSuchBucket(name.to_owned()))?;
        Ok(found.record)
    }

    /// Closes a bucket's partition, which fails the operations in progress, then deletes its name and key. If a crash
    /// comes in between, the next start or the next operation that finds the bucket closed completes this.
    async fn close(&self, name: &str, record: BucketRecord, if_empty: bool) -> Result<CommitOutcome> {
        let id = PartitionId(record.id);
        let rows = Partition::new(&self.rows, id);
        let mut close = rows.batch();
        if if_empty {
            ensure_counted(&rows).await?;
            expect_no_versions(&mut close);
        }
        close.advance();
        let (close, forget) = (close.commit(), self.forget(name, id));
        let (in_use, audit) = (Arc::clone(&self.buckets), Arc::clone(&self.audit));
        let actor = self.actor().cloned();
        let name = name.to_owned();
        // Runs on a task of its own: the partition may be closed although the caller is cancelled, and then the bucket
        // must not stay in use, and its key must be deleted.
        let work = tokio::spawn(async move {
            let closed = close.await;
            in_use.remove(&name, id);
            let closed = closed?;
            if !matches!(closed, CommitOutcome::Stale(_)) {
                forget.await?;
            }
            if closed.is_done() {
                shredded(&name, &record.key_id).record(&*audit, actor);
            }
            Ok(closed)
        });
        work.await.map_err(|lost| Error::lost("closing a bucket", lost))?
    }

    /// Deletes the name and key of a bucket that was found closed, and leaves its partition to the collector. Completes
    /// even if the caller is cancelled. The audit event names the server as actor: the caller found the bucket, but did
    /// not shred it.
    pub(crate) async fn forget_bucket(&self, name: &str, id: PartitionId) -> Result<()> {
        let (forget, audit, name) = (self.forget(name, id), Arc::clone(&self.audit), name.to_owned());
        let work = tokio::spawn(async move {
            if let Some(key_id) = forget.await? {
                shredded(&name, &key_id).record(&*audit, None);
            }
            Ok(())
        });
        work.await
            .map_err(|lost| Error::lost("forgetting a bucket", lost))?
    }

    /// Removes the key of a deleted bucket, if the process that deleted the bucket failed or ended before it did. The caller
    /// has found the row `closing/` while nobody else changes wrapped keys. Returns false, and keeps the key, if the bucket
    /// is open and has versions: then the row is one that a repaired index brought back.
    pub(crate) async fn remove_closed_key(&self, id: PartitionId, closing: &ClosingRecord) -> Result<bool> {
        let owner = KeyOwner::Partition(id);
        let rows = Partition::new(&self.rows, id);
        let has_versions = if rows.is_open().await? {
            ensure_counted(&rows).await?;
            counters(&rows).await?.version_rows() > 0
        } else {
            false
        };
        if has_versions {
            let bucket = closing.name.as_str();
            tracing::error!(
                alarm = "damage",
                bucket,
                "a bucket with versions is marked as deleted; it is kept"
            );
            return Ok(false);
        }
        if !self.keys.envelopes(owner).await?.is_empty() {
            self.audit.ready()?;
            self.keys.remove(owner).await?;
            shredded(&closing.name, &closing.key_id).record(&*self.audit, None);
        }
        Ok(true)
    }

    /// Deletes the row of a bucket, and then its key. The row `closing/` that replaces it lets the collector finish if this
    /// is interrupted. Borrows nothing and records no event. Returns the id of the deleted key, if it still existed.
    fn forget(
        &self,
        name: &str,
        id: PartitionId,
    ) -> impl Future<Output = Result<Option<String>>> + Send + use<> {
        let (root, clock) = (self.root.clone(), Arc::clone(&self.clock));
        let (buckets, ledger) = (Arc::clone(&self.buckets), Arc::clone(&self.ledger));
        let meters = Arc::clone(&self.meters);
        let (keys, wrapping) = (Arc::clone(&self.keys), self.wrapping.clone());
        let name = name.to_owned();
        async move {
            buckets.remove(&name, id);
            meters.remove(id);
            // Nobody adds an envelope to the bucket's between the two steps.
            let _alone = wrapping.alone().await;
            let row = key::bucket(&name);
            let deleted: Result<String> = retry!(MAX_TRIES, {
                let found = root.get::<BucketRecord>(&row).await?;
                let Some(found) = found.filter(|found| found.record.id == id.0) else {
                    return Ok(None);
                };
                let mut batch = root.batch();
                batch.expect(row.clone(), Some(&found));
                batch.delete(row.clone());
                batch.delete(key::owned(found.record.owner.account, &name));
                let closing = ClosingRecord {
                    since: clock.now(),
                    name: name.clone(),
                    key_id: found.record.key_id.clone(),
                };
                batch.put(key::closing(id.0), &closing)?;
                let outcome = ledger.watch(PartitionId::ROOT, true, batch.commit()).await?;
                // Refused: another task deleted the row first, or rewrapped the key.
                outcome.is_done().then_some(found.record.key_id)
            });
            let deleted = deleted?;
            keys.remove(KeyOwner::Partition(id)).await?;
            Ok(Some(deleted))
        }
    }
}

/// Returns the event for the deletion of a bucket's key.
fn shredded(bucket: &str, key_id: &str) -> PendingKeyEvent {
    PendingKeyEvent::new(KeyUse::Shred, bucket, Mode::Bucket, key_id)
}
