//! The settings of a bucket, read and changed.

use crate::engine::Engine;
use crate::model::error::{Error, Result};
use crate::model::settings::BucketSettings;
use crate::process::buckets_in_use::Bucket;
use crate::rows::key;
use std::sync::Arc;
use strongroom_store::CommitRefused;
use strongroom_store::index::FIRST_GENERATION;

/// Attempts at a change while other writers commit first.
const TRIES: usize = 64;

impl Engine {
    /// Returns the settings of a bucket.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`], [`Error::Store`].
    pub async fn bucket_settings(&self, name: &str) -> Result<Arc<BucketSettings>> {
        Ok(Arc::clone(&self.bucket(name).await?.settings))
    }

    /// Changes the settings of a bucket. Calls `change` again if another writer changed them in the meantime.
    /// Operations that begin after this returns see the change.
    ///
    /// # Errors
    /// Those of `change`; [`Error::NoSuchBucket`], [`Error::Contended`], [`Error::Store`].
    pub async fn change_bucket_settings(
        &self,
        name: &str,
        change: impl Fn(&mut BucketSettings) -> Result<()> + Send,
    ) -> Result<()> {
        let bucket = self.bucket(name).await?;
        for _ in 0..TRIES {
            let row = key::settings();
            let found = self.rows.get::<BucketSettings>(bucket.id, &row).await?;
            let mut settings = found
                .as_ref()
                .map_or_else(BucketSettings::default, |found| found.record.clone());
            change(&mut settings)?;
            let mut batch = self.rows.batch(bucket.id, FIRST_GENERATION);
            batch.expect(row.clone(), found.as_ref());
            batch.put(row, &settings)?;
            match self.commit_settings(&bucket, batch.into_commit()).await? {
                Ok(()) => return Ok(()),
                Err(CommitRefused::Check(_)) => {}
                Err(CommitRefused::Generation) => {
                    self.forget_bucket(&bucket.name, bucket.id).await?;
                    return Err(Error::NoSuchBucket(bucket.name.clone()));
                }
            }
        }
        Err(Error::Contended)
    }

    /// Commits on a task of its own: the change may be committed although the caller is cancelled, and then the cached
    /// bucket must be dropped from the buckets in use.
    async fn commit_settings(
        &self,
        bucket: &Arc<Bucket>,
        commit: impl Future<Output = Result<Result<(), CommitRefused>>> + Send + 'static,
    ) -> Result<Result<(), CommitRefused>> {
        let (in_use, bucket) = (Arc::clone(&self.buckets), Arc::clone(bucket));
        let committing = tokio::spawn(async move {
            let committed = commit.await;
            in_use.take_out(&bucket.name, bucket.id);
            committed
        });
        let committed = committing.await;
        committed.map_err(|lost| Error::lost("changing a bucket", lost))?
    }
}
