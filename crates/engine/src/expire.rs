//! Deletions that nobody asked for now: those of lifecycle rules. Each goes by the version that was found due, and leaves
//! alone what has changed since.

use crate::bucket::Bucket;
use crate::head::Head;
use crate::rows::Batch;
use crate::start::FIRST_GENERATION;
use crate::{Engine, Error, Result};
use strongroom_store::CommitRefused;

/// How often a deletion is tried while others change the same key.
const TRIES: usize = 64;

impl Engine {
    /// Deletes an object as DELETE does, if its newest version is still this one.
    pub(crate) async fn expire_current(
        &self,
        bucket: &Bucket,
        object: &str,
        version: [u8; 16],
    ) -> Result<bool> {
        for _ in 0..TRIES {
            let head = self.head(bucket, object).await?;
            if head.current().is_none_or(|newest| newest.version != version) {
                return Ok(false);
            }
            let mut batch = self.rows.batch(bucket.id, FIRST_GENERATION);
            let (_, garbage) = self.plan_newest(&mut batch, bucket, &head, object).await?;
            if let Some(done) = self.commit_expiry(bucket, batch, garbage).await? {
                return Ok(done);
            }
        }
        Err(Error::Contended)
    }

    /// Deletes a version, if it is still a noncurrent one and nothing locks it.
    pub(crate) async fn drop_noncurrent(
        &self,
        bucket: &Bucket,
        object: &str,
        version: [u8; 16],
    ) -> Result<bool> {
        let noncurrent = |head: &Head| head.newest().is_some_and(|newest| newest.version != version);
        self.drop_version(bucket, object, version, noncurrent).await
    }

    /// Deletes a delete marker, if it is still all there is of its key.
    pub(crate) async fn drop_lonely_marker(
        &self,
        bucket: &Bucket,
        object: &str,
        version: [u8; 16],
    ) -> Result<bool> {
        if self.next_older(bucket, object, version).await?.is_some() {
            return Ok(false);
        }
        let newest = |head: &Head| matches!(head, Head::Marker(newest) if newest.record.version == version);
        self.drop_version(bucket, object, version, newest).await
    }

    async fn drop_version(
        &self,
        bucket: &Bucket,
        object: &str,
        version: [u8; 16],
        may: impl Fn(&Head) -> bool,
    ) -> Result<bool> {
        for _ in 0..TRIES {
            let head = self.head(bucket, object).await?;
            let found = self.version(bucket, object, version).await?;
            let Some(record) = found.map(|found| found.record).filter(|_| may(&head)) else {
                return Ok(false);
            };
            if record.lock.holds(self.clock.now(), false) {
                return Ok(false);
            }
            let mut batch = self.rows.batch(bucket.id, FIRST_GENERATION);
            let let_go = self
                .take_out(&mut batch, bucket, object, &head, &record.facts)
                .await?;
            if let Some(done) = self.commit_expiry(bucket, batch, let_go.garbage).await? {
                return Ok(done);
            }
        }
        Err(Error::Contended)
    }

    /// `None`: something has changed, look again.
    async fn commit_expiry(&self, bucket: &Bucket, batch: Batch<'_>, garbage: bool) -> Result<Option<bool>> {
        let _notice = garbage.then(|| self.collector.notice(bucket.id));
        match batch.commit().await? {
            Ok(()) => Ok(Some(true)),
            Err(CommitRefused::Check(_)) => Ok(None),
            Err(CommitRefused::Generation) => {
                self.forget_bucket(bucket).await?;
                Err(Error::NoSuchBucket(bucket.name.clone()))
            }
        }
    }
}
