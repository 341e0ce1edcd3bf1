//! Lifecycle: expires objects and aborts uploads, by the rules of their bucket.
//!
//! A round reads the versions of each bucket that has rules, and deletes those that are due. Each deletion reads the
//! current state again, so an object that was replaced in the meantime stays. Rounds are repeated; an interrupted one
//! does no harm.

#[cfg(test)]
mod tests;

use crate::engine::Engine;
use crate::model::error::{Error, Result};
use crate::model::settings::lifecycle::LifecycleRule;
use crate::model::upload_name::UploadName;
use crate::process::buckets_in_use::Bucket;
use crate::rows::key;
use crate::rows::pages::Stored;
use crate::rows::pages::{buckets, uploads, versions};
use crate::rows::record::VersionRecord;
use crate::version::due::{Due, VersionsOfKey};
use std::sync::Arc;
use std::time::Duration;

/// Rounds per day. Rules count in days, and due objects should be deleted soon after.
const ROUNDS_A_DAY: u32 = 8;
/// Minimum pause between two rounds.
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);

/// Result of a round.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// Objects that expired: deleted, or covered by a delete marker.
    pub expired: u64,
    /// Noncurrent versions and delete markers that were deleted.
    pub versions: u64,
    /// Uploads that were aborted.
    pub uploads: u64,
}

impl Engine {
    /// Starts the rounds in the background. They end when the engine is dropped.
    pub fn spawn_lifecycle(&self) {
        let engine = self.downgrade();
        let pause = (self.lifecycle_day / ROUNDS_A_DAY).max(SHORTEST_PAUSE);
        tokio::spawn(async move {
            loop {
                let Some(engine) = engine.upgrade() else { return };
                match engine.run_lifecycle().await {
                    Ok(Round {
                        expired: 0,
                        versions: 0,
                        uploads: 0,
                    }) => {}
                    Ok(round) => tracing::info!(
                        expired = round.expired,
                        versions = round.versions,
                        uploads = round.uploads,
                        "applied lifecycle rules"
                    ),
                    Err(error) => {
                        tracing::warn!(%error, "applying lifecycle rules failed and will be retried");
                    }
                }
                drop(engine);
                tokio::time::sleep(pause).await;
            }
        });
    }

    /// Applies the rules of all buckets once. A failure in one bucket does not stop the others; the first failure is
    /// returned.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Damaged`].
    pub async fn run_lifecycle(&self) -> Result<Round> {
        let (mut round, mut outcome) = (Round::default(), Ok(()));
        let mut pages = buckets(&self.root);
        while let Some(page) = pages.next().await? {
            for (row, found) in page {
                let run = match found {
                    Ok(_) => self.run_bucket(&key::bucket_name(&row), &mut round).await,
                    Err(error) => Err(error.into()),
                };
                outcome = outcome.and(match run {
                    // Deleted in the meantime.
                    Err(Error::NoSuchBucket(_)) => Ok(()),
                    other => other,
                });
            }
        }
        outcome.map(|()| round)
    }

    /// Applies the rules of one bucket.
    async fn run_bucket(&self, name: &str, round: &mut Round) -> Result<()> {
        let bucket = self.bucket(name).await?;
        let rules: Vec<&LifecycleRule> = bucket
            .settings
            .lifecycle
            .iter()
            .filter(|rule| rule.enabled)
            .collect();
        if rules.is_empty() {
            return Ok(());
        }
        let due = Due {
            now: self.clock.now(),
            day: self.micros_of_day(),
            rules: &rules,
        };
        if rules.iter().any(|rule| rule.abort_uploads_after.is_some()) {
            self.run_uploads(&bucket, &due, round).await?;
        }
        if rules
            .iter()
            .any(|rule| rule.expiration.is_some() || rule.noncurrent.is_some())
        {
            self.run_versions(&bucket, &due, round).await?;
        }
        Ok(())
    }

    /// Returns whether the bucket's rules are unchanged since the round began.
    async fn goes_on(&self, bucket: &Arc<Bucket>) -> Result<bool> {
        let now = self.same_bucket(bucket).await?;
        Ok(now.settings.lifecycle == bucket.settings.lifecycle)
    }

    /// Groups the versions of a bucket by key, and applies the rules to each group.
    async fn run_versions(&self, bucket: &Arc<Bucket>, due: &Due<'_>, round: &mut Round) -> Result<()> {
        let mut of_key: Option<VersionsOfKey> = None;
        let mut pages = versions(&bucket.rows, "");
        while let Some(page) = pages.next().await? {
            for Stored { object, record, .. } in page {
                let record = record?;
                if let Some(done) = of_key.take_if(|of_key| of_key.object != object) {
                    self.run_key(bucket, due, done, round).await?;
                }
                of_key
                    .get_or_insert_with(|| VersionsOfKey::new(object))
                    .push(due, &record);
            }
        }
        match of_key {
            Some(last) => self.run_key(bucket, due, last, round).await,
            None => Ok(()),
        }
    }

    /// Deletes the due versions of one key.
    async fn run_key(
        &self,
        bucket: &Arc<Bucket>,
        due: &Due<'_>,
        versions: VersionsOfKey,
        round: &mut Round,
    ) -> Result<()> {
        let object = versions.object.as_str();
        let marker = due.lonely_marker(&versions);
        let nothing = versions.noncurrent.is_empty() && versions.expired.is_none() && marker.is_none();
        if nothing || !self.goes_on(bucket).await? {
            return Ok(());
        }
        for version in &versions.noncurrent {
            let is_due = |record: &VersionRecord| due.still(object, *version, record);
            let dropped = self
                .drop_noncurrent(bucket, object, version.version, is_due)
                .await?;
            round.versions += u64::from(dropped);
        }
        if let Some(version) = versions.expired {
            let is_due = |record: &VersionRecord| due.expired(object, record);
            let expired = self.expire_current(bucket, object, version, is_due).await?;
            round.expired += u64::from(expired);
        } else if let Some(marker) = marker {
            let dropped = self.drop_lonely_marker(bucket, object, marker).await?;
            round.versions += u64::from(dropped);
        }
        Ok(())
    }

    /// Aborts the due uploads of a bucket.
    async fn run_uploads(&self, bucket: &Arc<Bucket>, due: &Due<'_>, round: &mut Round) -> Result<()> {
        let mut pages = uploads(&bucket.rows, "");
        while let Some(page) = pages.next().await? {
            for Stored { object, id, record } in page {
                if !due.upload(&object, record?.begun) {
                    continue;
                }
                if !self.goes_on(bucket).await? {
                    return Ok(());
                }
                let upload = UploadName {
                    bucket: bucket.name.clone(),
                    key: object,
                    id: hex::encode(id),
                };
                match self.abort_upload(&upload).await {
                    Ok(()) => {
                        round.uploads += 1;
                        self.audit_removal(bucket, "lifecycle:AbortMultipartUpload", &upload.key, None);
                    }
                    // Completed or aborted in the meantime.
                    Err(Error::NoSuchUpload(_)) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(())
    }
}
