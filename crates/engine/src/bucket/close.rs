//! The end of a bucket: deleted when it is empty, or shredded with all that it holds.

use super::Bucket;
use crate::audit::KeyUse;
use crate::noting::Note;
use crate::record::{BucketRecord, ClosingRecord, key};
use crate::rows::VERSIONS;
use crate::start::FIRST_GENERATION;
use crate::{Engine, Error, Mode, Result};
use std::sync::Arc;
use strongroom_store::{CommitRefused, PartitionId};

impl Engine {
    /// Deletes a bucket that holds nothing. Its key goes with it.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`], [`Error::BucketNotEmpty`], [`Error::Store`].
    pub async fn delete_bucket(&self, name: &str) -> Result<()> {
        let bucket = self.bucket(name).await?;
        self.audit.ready()?;
        match self.close(&bucket, true).await? {
            Ok(()) => self.forget_bucket(&bucket).await,
            Err(CommitRefused::Check(_)) => Err(Error::BucketNotEmpty(name.to_owned())),
            Err(CommitRefused::Generation) => {
                self.forget_bucket(&bucket).await?;
                Err(Error::NoSuchBucket(name.to_owned()))
            }
        }
    }

    /// Drops the key of a bucket and deletes it with all that it holds. What was under SSE-S3 cannot be opened by
    /// anybody from then on, the bytes of all modes are removed by the collector. Objects under Object Lock go only
    /// `with_locked` ones.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`]; [`Error::Locked`] for a bucket that has Object Lock; [`Error::Store`].
    pub async fn shred_bucket(&self, name: &str, with_locked: bool) -> Result<()> {
        let bucket = self.bucket(name).await?;
        if bucket.settings.object_lock.is_some() && !with_locked {
            return Err(Error::Locked);
        }
        self.audit.ready()?;
        if self.close(&bucket, false).await?.is_ok() {
            return self.forget_bucket(&bucket).await;
        }
        self.forget_bucket(&bucket).await?;
        Err(Error::NoSuchBucket(name.to_owned()))
    }

    /// Closes a bucket's partition: what is under way then fails. After that its name goes, and its key with it. A crash in
    /// between is mended by whoever next finds the bucket closed.
    async fn close(&self, bucket: &Arc<Bucket>, if_empty: bool) -> Result<Result<(), CommitRefused>> {
        let mut close = self.rows.batch(bucket.id, FIRST_GENERATION);
        if if_empty {
            close.expect_counter(VERSIONS, 0);
        }
        close.advance();
        let (close, in_use) = (close.into_commit(), Arc::clone(&self.buckets));
        let closing = Arc::clone(bucket);
        // When the caller gives up, the partition may be closed all the same, and then the bucket must not stay in use.
        let close = async move {
            let closed = close.await;
            in_use.take_out(&closing);
            closed
        };
        let shred = Note {
            what: KeyUse::Shred,
            bucket: bucket.name.clone(),
            object: String::new(),
            version: None,
            mode: Mode::Bucket,
            key_id: bucket.key_id.clone(),
        };
        self.commit_noting(close, vec![shred]).await
    }

    /// Takes the name from a bucket whose partition is closed, and leaves the partition to the collector.
    pub(crate) async fn forget_bucket(&self, bucket: &Bucket) -> Result<()> {
        self.buckets.take_out(bucket);
        let row = key::bucket(&bucket.name);
        let found = self.rows.get::<BucketRecord>(PartitionId::ROOT, &row).await?;
        if let Some(found) = found.filter(|found| found.record.id == bucket.id.0) {
            let mut batch = self.rows.batch(PartitionId::ROOT, FIRST_GENERATION);
            batch.expect(row.clone(), Some(&found));
            batch.delete(row);
            batch.put(
                key::closing(bucket.id.0),
                &ClosingRecord {
                    since: self.clock.now(),
                },
            )?;
            // Refused: someone else was faster, which is as good.
            let _ = self
                .collector
                .watch(PartitionId::ROOT, true, batch.commit())
                .await?;
        }
        Ok(())
    }
}
