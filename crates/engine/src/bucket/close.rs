//! The end of a bucket: deleted when it is empty, or shredded with all that it holds.

use crate::audit::{self, KeyUse};
use crate::engine::Engine;
use crate::engine::pending::Note;
use crate::model::error::{Error, Result};
use crate::model::settings::BucketSettings;
use crate::rows::record::{BucketRecord, ClosingRecord};
use crate::rows::{VERSIONS, key};
use std::sync::Arc;
use strongroom_seal::Mode;
use strongroom_store::index::FIRST_GENERATION;
use strongroom_store::{CommitRefused, PartitionId};

/// How often it is tried to forget a bucket whose key is being wrapped anew.
const TRIES: usize = 64;

impl Engine {
    /// Deletes a bucket that holds nothing. Its key goes with it.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`], [`Error::BucketNotEmpty`], [`Error::Store`].
    pub async fn delete_bucket(&self, name: &str) -> Result<()> {
        let record = self.bucket_row(name).await?;
        self.audit.ready()?;
        match self.close(name, record, true).await? {
            Ok(()) => Ok(()),
            Err(CommitRefused::Check(_)) => Err(Error::BucketNotEmpty(name.to_owned())),
            Err(CommitRefused::Generation) => Err(Error::NoSuchBucket(name.to_owned())),
        }
    }

    /// Drops the key of a bucket and deletes it with all that it holds. What was under SSE-S3 cannot be opened by
    /// anybody from then on, the bytes of all modes are removed by the collector. Objects under Object Lock go only
    /// `with_locked` ones.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`]; [`Error::Locked`] for a bucket that has Object Lock; [`Error::Store`].
    pub async fn shred_bucket(&self, name: &str, with_locked: bool) -> Result<()> {
        let record = self.bucket_row(name).await?;
        let id = PartitionId(record.id);
        let settings = self.rows.get::<BucketSettings>(id, &key::settings()).await?;
        if settings.is_some_and(|found| found.record.object_lock.is_some()) && !with_locked {
            return Err(Error::Locked);
        }
        self.audit.ready()?;
        let closed = self.close(name, record, false).await?;
        closed.map_err(|_| Error::NoSuchBucket(name.to_owned()))
    }

    /// A bucket's row. Its key is not opened, and not needed to drop it: the master key may be lost.
    async fn bucket_row(&self, name: &str) -> Result<BucketRecord> {
        let row = key::bucket(name);
        let found = self.rows.get::<BucketRecord>(PartitionId::ROOT, &row).await?;
        let found = found.ok_or_else(|| Error::NoSuchBucket(name.to_owned()))?;
        Ok(found.record)
    }

    /// Closes a bucket's partition: what is under way then fails. After that its name goes, and its key with it. A crash in
    /// between is mended by the next start, or by whoever finds the bucket closed.
    async fn close(
        &self,
        name: &str,
        record: BucketRecord,
        if_empty: bool,
    ) -> Result<Result<(), CommitRefused>> {
        let id = PartitionId(record.id);
        let mut close = self.rows.batch(id, FIRST_GENERATION);
        if if_empty {
            close.expect_counter(VERSIONS, 0);
        }
        close.advance();
        let (close, forget) = (close.into_commit(), self.forget(name, id));
        let (in_use, audit, actor) = (Arc::clone(&self.buckets), Arc::clone(&self.audit), audit::actor());
        let name = name.to_owned();
        // When the caller gives up, the partition may be closed all the same, and then the bucket must not stay in use, nor
        // its key where it is.
        let work = tokio::spawn(async move {
            let closed = close.await;
            in_use.take_out(&name, id);
            let closed = closed?;
            if !matches!(closed, Err(CommitRefused::Check(_))) {
                forget.await?;
            }
            if closed.is_ok() {
                shredded(name, record.key_id).tell(&*audit, actor);
            }
            Ok(closed)
        });
        work.await.map_err(|lost| Error::lost("closing a bucket", lost))?
    }

    /// Takes the name and the key from a bucket that was found closed, and leaves the partition to the collector. Goes on
    /// if whoever asked for it gives up. The line in the audit log is the server's: who came by has shredded nothing.
    pub(crate) async fn forget_bucket(&self, name: &str, id: PartitionId) -> Result<()> {
        let (forget, audit, name) = (self.forget(name, id), Arc::clone(&self.audit), name.to_owned());
        let work = tokio::spawn(async move {
            if let Some(key_id) = forget.await? {
                shredded(name, key_id).tell(&*audit, None);
            }
            Ok(())
        });
        work.await
            .map_err(|lost| Error::lost("forgetting a bucket", lost))?
    }

    /// The same as a future that borrows nothing and leaves no line. The id of the key that went, if it was still there.
    fn forget(
        &self,
        name: &str,
        id: PartitionId,
    ) -> impl Future<Output = Result<Option<String>>> + Send + use<> {
        let (rows, clock) = (Arc::clone(&self.rows), Arc::clone(&self.clock));
        let (buckets, collector) = (Arc::clone(&self.buckets), Arc::clone(&self.collector));
        let name = name.to_owned();
        async move {
            buckets.take_out(&name, id);
            let row = key::bucket(&name);
            for _ in 0..TRIES {
                let found = rows.get::<BucketRecord>(PartitionId::ROOT, &row).await?;
                let Some(found) = found.filter(|found| found.record.id == id.0) else {
                    return Ok(None);
                };
                let mut batch = rows.batch(PartitionId::ROOT, FIRST_GENERATION);
                batch.expect(row.clone(), Some(&found));
                batch.delete(row.clone());
                batch.put(key::closing(id.0), &ClosingRecord { since: clock.now() })?;
                let gone = collector.watch(PartitionId::ROOT, true, batch.commit()).await?;
                // Refused: somebody else was faster, or has wrapped the key anew.
                if gone.is_ok() {
                    return Ok(Some(found.record.key_id));
                }
            }
            Err(Error::Contended)
        }
    }
}

/// The key of a bucket is gone.
fn shredded(bucket: String, key_id: String) -> Note {
    Note {
        what: KeyUse::Shred,
        bucket,
        object: String::new(),
        version: None,
        mode: Mode::Bucket,
        key_id,
    }
}
