//! The end of a bucket: deleted when it is empty, or shredded with all that it holds.

use crate::audit::{self, KeyUse};
use crate::noting::Note;
use crate::record::{BucketRecord, ClosingRecord, key};
use crate::rows::VERSIONS;
use crate::settings::BucketSettings;
use crate::start::FIRST_GENERATION;
use crate::{Engine, Error, Mode, Result};
use std::sync::Arc;
use strongroom_store::{CommitRefused, PartitionId};

/// How often it is tried to forget a bucket whose key is being wrapped anew.
const TRIES: usize = 64;

impl Engine {
    /// Deletes a bucket that holds nothing. Its key goes with it.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`], [`Error::BucketNotEmpty`], [`Error::Store`].
    pub async fn delete_bucket(&self, name: &str) -> Result<()> {
        let (id, _) = self.bucket_of_row(name).await?;
        self.audit.ready()?;
        match self.close(name, id, true).await? {
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
        let (id, settings) = self.bucket_of_row(name).await?;
        if settings.object_lock.is_some() && !with_locked {
            return Err(Error::Locked);
        }
        self.audit.ready()?;
        let closed = self.close(name, id, false).await?;
        closed.map_err(|_| Error::NoSuchBucket(name.to_owned()))
    }

    /// A bucket without its key, which is not needed to drop it: the master key may be lost.
    async fn bucket_of_row(&self, name: &str) -> Result<(PartitionId, BucketSettings)> {
        let row = key::bucket(name);
        let found = self.rows.get::<BucketRecord>(PartitionId::ROOT, &row).await?;
        let found = found.ok_or_else(|| Error::NoSuchBucket(name.to_owned()))?;
        let id = PartitionId(found.record.id);
        let settings = self.rows.get::<BucketSettings>(id, &key::settings()).await?;
        Ok((id, settings.map(|found| found.record).unwrap_or_default()))
    }

    /// Closes a bucket's partition: what is under way then fails. After that its name goes, and its key with it. A crash in
    /// between is mended by the next start, or by whoever finds the bucket closed.
    async fn close(&self, name: &str, id: PartitionId, if_empty: bool) -> Result<Result<(), CommitRefused>> {
        let mut close = self.rows.batch(id, FIRST_GENERATION);
        if if_empty {
            close.expect_counter(VERSIONS, 0);
        }
        close.advance();
        let (close, in_use) = (close.into_commit(), Arc::clone(&self.buckets));
        let (name, forget) = (name.to_owned(), self.forget(name, id));
        // When the caller gives up, the partition may be closed all the same, and then the bucket must not stay in use, nor
        // its key where it is.
        let work = tokio::spawn(async move {
            let closed = close.await;
            in_use.take_out(&name, id);
            let closed = closed?;
            if !matches!(closed, Err(CommitRefused::Check(_))) {
                forget.await?;
            }
            Ok(closed)
        });
        work.await.map_err(|lost| Error::lost("closing a bucket", lost))?
    }

    /// Takes the name and the key from a bucket whose partition is closed, and leaves the partition to the collector. Goes
    /// on if whoever asked for it gives up.
    pub(crate) async fn forget_bucket(&self, name: &str, id: PartitionId) -> Result<()> {
        let work = tokio::spawn(self.forget(name, id));
        work.await
            .map_err(|lost| Error::lost("forgetting a bucket", lost))?
    }

    /// The same as a future that borrows nothing.
    fn forget(&self, name: &str, id: PartitionId) -> impl Future<Output = Result<()>> + Send + use<> {
        let (rows, clock, audit) = (
            Arc::clone(&self.rows),
            Arc::clone(&self.clock),
            Arc::clone(&self.audit),
        );
        let (buckets, collector) = (Arc::clone(&self.buckets), Arc::clone(&self.collector));
        let (name, actor) = (name.to_owned(), audit::actor());
        async move {
            buckets.take_out(&name, id);
            let row = key::bucket(&name);
            for _ in 0..TRIES {
                let found = rows.get::<BucketRecord>(PartitionId::ROOT, &row).await?;
                let Some(found) = found.filter(|found| found.record.id == id.0) else {
                    return Ok(());
                };
                let mut batch = rows.batch(PartitionId::ROOT, FIRST_GENERATION);
                batch.expect(row.clone(), Some(&found));
                batch.delete(row.clone());
                batch.put(key::closing(id.0), &ClosingRecord { since: clock.now() })?;
                // Refused: somebody else was faster, or has wrapped the key anew.
                if collector
                    .watch(PartitionId::ROOT, true, batch.commit())
                    .await?
                    .is_ok()
                {
                    let shred = Note {
                        what: KeyUse::Shred,
                        bucket: name,
                        object: String::new(),
                        version: None,
                        mode: Mode::Bucket,
                        key_id: found.record.key_id,
                    };
                    shred.tell(&*audit, actor);
                    return Ok(());
                }
            }
            Err(Error::Contended)
        }
    }
}
