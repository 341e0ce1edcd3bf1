//! Versions of a key: names, adding a new version, removing one.

use crate::bucket::commit::{Effects, MAX_TRIES, retry};
use crate::engine::Engine;
use crate::model::error::Result;
use crate::model::usage::Usage;
use crate::model::version_name::VersionName;
use crate::process::buckets_in_use::Bucket;
use crate::rows::key;
use crate::rows::record::{
    ContentRecord, GarbageRecord, HoldersRecord, NullRecord, PartLocation, PartsRecord, VersionRecord,
    VersionSummary,
};
use crate::version::head::{Head, NewHead};
use strongroom_rows::{Batch, Found};

/// Effect of the versions that a batch removes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Released {
    /// True if some of their blobs became garbage.
    pub(crate) garbage: bool,
    /// True if a removed version shared the retained content with other versions, false if it did not share it. `None`:
    /// no removed version had that content.
    pub(crate) retained: Option<bool>,
}

impl Engine {
    /// Returns the time for a version that is added to `head`, in microseconds since 1970. Versions sort by time, so it
    /// is later than the newest version's, even if the clock was set back.
    pub(crate) fn time_on_top(&self, head: &Head) -> u64 {
        let now = self.clock.now();
        head.newest()
            .map_or(now, |newest| now.max(time_of(newest.version) + 1))
    }

    /// Adds the new version as head, in `batch`. A null version replaces the previous null version; any other version
    /// is added. Does not write the new version's own row. The content `retained` is not deleted with the version that it
    /// belonged to.
    pub(crate) async fn push_version(
        &self,
        batch: &mut Batch,
        bucket: &Bucket,
        object: &str,
        head: &Head,
        new: NewHead<'_>,
        retained: Option<[u8; 16]>,
    ) -> Result<Released> {
        head.expect(batch, object);
        let mut released = Released::default();
        match head.newest() {
            // The newest version is the null version: replace it.
            Some(newest) if newest.null && new.summary.null => {
                released = self
                    .release(batch, bucket, object, newest.version, retained)
                    .await?;
            }
            // The null version is the newest no longer: remember its id in a row of its own.
            Some(newest) if newest.null => batch.put(
                key::null(object),
                &NullRecord {
                    version: newest.version,
                },
            )?,
            // The null version, if there is one, is an older version: replace it.
            Some(_) if new.summary.null => {
                let buried = self.buried_null(bucket, object).await?;
                batch.expect(key::null(object), buried.as_ref());
                if let Some(buried) = buried {
                    batch.delete(key::null(object));
                    released = self
                        .release(batch, bucket, object, buried.record.version, retained)
                        .await?;
                }
            }
            _ => {}
        }
        head.replace(batch, object, Some(new))?;
        Usage::of_version(new.summary, new.is_marker).add_to(batch);
        Ok(released)
    }

    /// Deletes a version for good, in `batch`. If it was the newest, the next older one becomes the newest.
    pub(crate) async fn remove_version(
        &self,
        batch: &mut Batch,
        bucket: &Bucket,
        object: &str,
        head: &Head,
        summary: &VersionSummary,
    ) -> Result<Released> {
        head.expect(batch, object);
        if head.is(summary.version) {
            // Make the next older version the head.
            let next = self.next_older(bucket, object, summary.version).await?;
            if let Some(next) = &next {
                batch.expect(key::version(object, next.record.summary.version), Some(next));
                if next.record.summary.null {
                    batch.delete(key::null(object));
                }
            }
            let next = next.map(|next| next.record);
            let next = next.as_ref().map(|next| NewHead {
                summary: &next.summary,
                is_marker: next.content.is_none(),
            });
            head.replace(batch, object, next)?;
        } else if summary.null {
            let buried = self.buried_null(bucket, object).await?;
            batch.expect(key::null(object), buried.as_ref());
            batch.delete(key::null(object));
        }
        self.release(batch, bucket, object, summary.version, None).await
    }

    /// Deletes the rows of a version, in `batch`. Its blobs become garbage unless other versions hold the same content,
    /// or it is the content `retained`.
    async fn release(
        &self,
        batch: &mut Batch,
        bucket: &Bucket,
        object: &str,
        id: [u8; 16],
        retained: Option<[u8; 16]>,
    ) -> Result<Released> {
        let row = key::version(object, id);
        let found = bucket.rows.get::<VersionRecord>(&row).await?;
        // `None`: changed since the head was read; the commit will be refused.
        batch.expect(row.clone(), found.as_ref());
        let mut released = Released::default();
        let Some(record) = found.map(|found| found.record) else {
            return Ok(released);
        };
        Usage::of_version(&record.summary, record.content.is_none()).subtract_from(batch);
        let Some(content) = record.content else {
            batch.delete(row);
            return Ok(released);
        };
        if retained == Some(content.id) {
            released.retained = Some(content.shared);
        } else if !content.shared || self.is_last_holder(batch, bucket, &content).await? {
            // `None`: the version was deleted too, and the commit will be refused.
            if let Some(parts) = self.parts_of(bucket, id, &content).await? {
                released.garbage = self.discard(batch, content.id, &parts.locations)?;
            }
        }
        if content.parts.is_none() {
            batch.delete(key::parts(id));
        }
        batch.delete(row);
        Ok(released)
    }

    /// Decrements the holders of a shared content, and returns whether that was the last one.
    async fn is_last_holder(
        &self,
        batch: &mut Batch,
        bucket: &Bucket,
        content: &ContentRecord,
    ) -> Result<bool> {
        let row = key::holders(content.id);
        let holders = bucket.rows.get::<HoldersRecord>(&row).await?;
        batch.expect(row.clone(), holders.as_ref());
        match holders.map(|holders| holders.record.versions) {
            Some(versions @ 3..) => {
                let versions = versions - 1;
                batch.put(row, &HoldersRecord { versions })?;
                Ok(false)
            }
            // The remaining version does not share the content any more, though its record says so.
            Some(_) => {
                batch.delete(row);
                Ok(false)
            }
            None => Ok(true),
        }
    }

    /// Adds `object` to the holders of the content of `source`, in `batch`; `source` stays a holder.
    pub(crate) async fn share(
        &self,
        batch: &mut Batch,
        bucket: &Bucket,
        object: &str,
        source: &Found<VersionRecord>,
    ) -> Result<()> {
        let Some(content) = &source.record.content else {
            return Ok(());
        };
        let row = key::holders(content.id);
        let holders = bucket.rows.get::<HoldersRecord>(&row).await?;
        batch.expect(row.clone(), holders.as_ref());
        let versions = holders.map_or(1, |holders| holders.record.versions) + 1;
        batch.put(row, &HoldersRecord { versions })?;
        if !content.shared {
            let mut record = source.record.clone();
            record.content = Some(ContentRecord {
                shared: true,
                ..content.clone()
            });
            batch.put(key::version(object, record.summary.version), &record)?;
        }
        Ok(())
    }

    /// Removes these parts of a content that has no holders left, in `batch`. Returns whether blobs are among them.
    pub(crate) fn discard(
        &self,
        batch: &mut Batch,
        content: [u8; 16],
        locations: &[PartLocation],
    ) -> Result<bool> {
        let mut garbage = false;
        for location in locations {
            match location {
                PartLocation::Inline => batch.delete(key::inline(content)),
                PartLocation::Blob(blob) => {
                    batch.delete(key::blob(*blob));
                    let since = self.clock.now();
                    batch.put(key::garbage(*blob), &GarbageRecord { since, content })?;
                    garbage = true;
                }
            }
        }
        Ok(garbage)
    }

    /// Returns the parts of a version's content. `None`: the version was deleted since its record was read.
    pub(crate) async fn parts_of(
        &self,
        bucket: &Bucket,
        version: [u8; 16],
        content: &ContentRecord,
    ) -> Result<Option<PartsRecord>> {
        if let Some(parts) = &content.parts {
            return Ok(Some(parts.clone()));
        }
        let parts = bucket.rows.get(&key::parts(version)).await?;
        Ok(parts.map(|parts| parts.record))
    }

    /// Changes a version's metadata outside its manifest, and returns the version's name.
    pub(crate) async fn change_version(
        &self,
        bucket: &str,
        object: &str,
        name: Option<VersionName>,
        change: impl Fn(&mut VersionRecord, &Bucket) -> Result<()>,
    ) -> Result<Option<VersionName>> {
        let bucket = self.bucket(bucket).await?;
        retry!(MAX_TRIES, {
            let (found, _) = self.find_version(&bucket, object, name).await?;
            let mut record = found.record.clone();
            change(&mut record, &bucket)?;
            let row = key::version(object, record.summary.version);
            let mut batch = bucket.rows.batch();
            batch.expect(row.clone(), Some(&found));
            batch.put(row, &record)?;
            let attempt = self.commit(&bucket, batch, Effects::default()).await?;
            attempt.then(|| bucket.version_name(&record.summary))
        })
    }
}

/// Returns the time in a version's id, in microseconds since 1970.
fn time_of(version: [u8; 16]) -> u64 {
    let mut time = [0; 8];
    time.copy_from_slice(&version[..8]);
    u64::MAX - u64::from_be_bytes(time)
}
