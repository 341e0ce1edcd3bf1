//! The settings of a bucket, read and changed.

use crate::bucket::commit::{MAX_TRIES, retry};
use crate::engine::Engine;
use crate::model::error::{Error, Result};
use crate::model::settings::BucketSettings;
use crate::process::buckets_in_use::Bucket;
use crate::rows::key;
use std::sync::Arc;
use strongroom_rows::{Batch, CommitOutcome};

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
        retry!(MAX_TRIES, {
            let row = key::settings();
            let found = bucket.rows.get::<BucketSettings>(&row).await?;
            let mut settings = found
                .as_ref()
                .map_or_else(BucketSettings::default, |found| found.record.clone());
            change(&mut settings)?;
            let mut batch = bucket.rows.batch();
            batch.expect(row.clone(), found.as_ref());
            batch.put(row, &settings)?;
            let outcome = self.commit_settings(&bucket, batch).await?;
            self.accept(&bucket, outcome).await?.then(|| ())
        })
    }

    /// Commits on a task of its own: the change may be committed although the caller is cancelled, and then the cached
    /// bucket must be dropped from the buckets in use.
    async fn commit_settings(&self, bucket: &Arc<Bucket>, batch: Batch) -> Result<CommitOutcome> {
        let (in_use, bucket) = (Arc::clone(&self.buckets), Arc::clone(bucket));
        let committing = tokio::spawn(async move {
            let committed = batch.commit().await;
            in_use.remove(&bucket.name, bucket.id());
            committed
        });
        let committed = committing.await;
        Ok(committed.map_err(|lost| Error::lost("changing a bucket", lost))??)
    }
}
