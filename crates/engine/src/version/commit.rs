//! Commits a complete version as the newest of its key: shared by PUT, copy and the completion of multipart uploads.

use crate::bucket::commit::{Effects, MAX_WRITERS, retry};
use crate::encryption::Encrypted;
use crate::encryption::new_content::SealedContentKeys;
use crate::engine::Engine;
use crate::engine::pending::PendingKeyEvent;
use crate::model::acl::ObjectAccess;
use crate::model::condition::WriteConditions;
use crate::model::error::{Error, Result};
use crate::model::lock::Lock;
use crate::model::tags::Tags;
use crate::model::version_name::VersionName;
use crate::process::buckets_in_use::Bucket;
use crate::process::ledger::Fate;
use crate::process::meters::Room;
use crate::rows::key;
use crate::rows::record::{ContentRecord, PartLocation, PartsRecord, VersionRecord, VersionSummary};
use crate::version::expiry::Expiry;
use crate::version::head::{Head, NewHead};
use crate::version::open::manifest_aad;
use std::sync::Arc;
use strongroom_audit::KeyUse;
use strongroom_rows::Batch;
use strongroom_seal::Manifest;

/// Maximum number of parts stored in the row of their version. With more, listings of versions would read many bytes
/// they do not use.
const MAX_PARTS_IN_ROW: usize = 16;

/// Version that is complete except for its id and time, which the commit determines.
pub(crate) struct NewVersion {
    pub(crate) object: String,
    pub(crate) etag: String,
    pub(crate) content: SealedContentKeys,
    pub(crate) manifest: Manifest,
    pub(crate) locations: Vec<PartLocation>,
    pub(crate) tags: Tags,
    pub(crate) lock: Lock,
    pub(crate) access: ObjectAccess,
}

/// Committed version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committed {
    /// `ETag` of the version, without quotes.
    pub etag: String,
    /// Encryption of the version.
    pub encrypted: Encrypted,
    /// Name of the version. `None`: the bucket never kept versions.
    pub version: Option<VersionName>,
    /// Time of the last modification, in microseconds since 1970.
    pub modified: u64,
    /// Expiration of the version by lifecycle rules.
    pub expiry: Option<Expiry>,
}

/// Owner of the content of a new version.
pub(crate) trait ContentOwner: Send {
    /// Adds the rows of the content to `batch`, for the new version. `took_over` is true if the version that is replaced
    /// has the same content; its rows are then kept for the new version.
    async fn add_rows(
        &mut self,
        engine: &Engine,
        bucket: &Bucket,
        batch: &mut Batch,
        took_over: bool,
    ) -> Result<()>;

    /// Sets what the collector learns about the content when this owner is dropped.
    fn set_fate(&mut self, _: Fate) {}

    /// Returns whether the commit creates garbage apart from the replaced version's.
    fn makes_garbage(&self) -> bool {
        false
    }

    /// Returns the room that was reserved for the content.
    fn room(&self) -> Room {
        Room::default()
    }

    /// Returns whether another version holds the same content.
    fn shares(&self) -> bool {
        false
    }
}

impl Engine {
    /// Commits a new version as the newest of its key.
    pub(crate) async fn commit_version(
        &self,
        bucket: &Arc<Bucket>,
        new: &NewVersion,
        conditions: &WriteConditions,
        owner: &mut impl ContentOwner,
    ) -> Result<Committed> {
        retry!(MAX_WRITERS, {
            self.try_commit(bucket, new, conditions, owner).await?
        })
    }

    /// Tries the commit once. `None`: a row it depends on has changed in the meantime.
    pub(crate) async fn try_commit(
        &self,
        bucket: &Arc<Bucket>,
        new: &NewVersion,
        conditions: &WriteConditions,
        owner: &mut impl ContentOwner,
    ) -> Result<Option<Committed>> {
        let object = new.object.as_str();
        // The bucket's settings may have changed while the content was received.
        let bucket = &self.same_bucket(bucket).await?;
        let head = self.head(bucket, object).await?;
        conditions.judge(object, head.current().map(|summary| summary.etag.as_str()))?;

        // Add the new version and remove the one it replaces, if any.
        let summary = self.new_summary(bucket, &head, new)?;
        let mut batch = bucket.rows.batch();
        let retained = Some(new.content.id);
        let new_head = NewHead {
            summary: &summary,
            is_marker: false,
        };
        let released = self
            .push_version(&mut batch, bucket, object, &head, new_head, retained)
            .await?;
        owner
            .add_rows(self, bucket, &mut batch, released.retained.is_some())
            .await?;
        let record = self.record(
            new,
            &summary,
            released.retained.unwrap_or(owner.shares()),
            &mut batch,
        )?;
        batch.put(key::version(object, summary.version), &record)?;

        // From here until the store has responded, the commit may take effect even if the caller is cancelled.
        owner.set_fate(Fate::InDoubt);
        let garbage = released.garbage || owner.makes_garbage();
        let events = uses(bucket, &head, new, &summary);
        let effects = Effects {
            garbage,
            events,
            room: owner.room(),
        };
        let outcome = self.commit_batch(bucket, batch, effects).await?;
        owner.set_fate(if outcome.is_done() {
            Fate::Held
        } else {
            Fate::Abandoned
        });
        let attempt = self.accept(bucket, outcome).await?;
        Ok(attempt.then(|| Committed {
            encrypted: new.content.encrypted(bucket, object),
            version: bucket.version_name(&summary),
            expiry: self.expiry(bucket, object, &summary, &new.tags),
            modified: summary.modified,
            etag: summary.etag,
        }))
    }

    fn new_summary(&self, bucket: &Bucket, head: &Head, new: &NewVersion) -> Result<VersionSummary> {
        let now = self.time_on_top(head);
        Ok(VersionSummary {
            version: self.new_version(now)?,
            length: new.manifest.length(),
            modified: now,
            etag: new.etag.clone(),
            mode: new.content.envelope.mode() as u8,
            null: !bucket.settings.keeps_versions(),
            owner: new.access.owner,
        })
    }

    /// Returns the record of a new version. Many parts are written to a row of their own.
    fn record(
        &self,
        new: &NewVersion,
        summary: &VersionSummary,
        shared: bool,
        batch: &mut Batch,
    ) -> Result<VersionRecord> {
        let envelope = new.content.envelope.as_bytes();
        let aad = manifest_aad(summary, envelope)?;
        let manifest = new
            .manifest
            .seal(&new.content.manifest_key, &aad, &*self.random)?;
        let mut parts = Some(PartsRecord {
            manifest,
            locations: new.locations.clone(),
        });
        if new.locations.len() > MAX_PARTS_IN_ROW
            && let Some(parts) = parts.take()
        {
            batch.put(key::parts(summary.version), &parts)?;
        }
        Ok(VersionRecord {
            summary: summary.clone(),
            content: Some(ContentRecord {
                id: new.content.id,
                envelope: envelope.to_vec(),
                parts,
                shared,
                kms: new.content.kms.clone(),
            }),
            tags: new.tags.clone(),
            lock: new.lock,
            acl: new.access.acl.clone(),
        })
    }

    /// Returns the bucket with its current settings, if it is still the same bucket.
    pub(crate) async fn same_bucket(&self, bucket: &Arc<Bucket>) -> Result<Arc<Bucket>> {
        let now = self.bucket(&bucket.name).await?;
        if now.id() == bucket.id() {
            Ok(now)
        } else {
            Err(Error::NoSuchBucket(bucket.name.clone()))
        }
    }
}

/// Returns the audit events for the keys that the commit of a version uses.
fn uses(bucket: &Bucket, before: &Head, new: &NewVersion, summary: &VersionSummary) -> Vec<PendingKeyEvent> {
    let wrap = new
        .content
        .event(KeyUse::Wrap, bucket)
        .of_object(&new.object, Some(summary.name()));
    let otherwise = |summary: &VersionSummary| !summary.is_customer();
    let overwrite =
        (summary.is_customer() && before.current().is_some_and(otherwise)).then(|| PendingKeyEvent {
            what: KeyUse::Overwrite,
            ..wrap.clone()
        });
    [wrap].into_iter().chain(overwrite).collect()
}
