//! Versions of a key: names, adding a new version, removing one.

use crate::bucket::commit::{Effects, MAX_TRIES, retry};
use crate::engine::Engine;
use crate::model::error::Result;
use crate::model::version_name::VersionName;
use crate::process::buckets_in_use::Bucket;
use crate::rows::batch::Batch;
use crate::rows::record::{
    ContentRecord, Facts, GarbageRecord, HoldersRecord, NullRecord, PartPlace, PartsRecord, VersionRecord,
};
use crate::rows::{Found, VERSIONS, key};
use crate::version::head::Head;

/// Effect of the versions that a batch removes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LetGo {
    /// Number of versions removed.
    pub(crate) versions: i64,
    /// True if some of their blobs became garbage.
    pub(crate) garbage: bool,
    /// Set if a removed version had the content to keep: whether it shared the content with other versions.
    pub(crate) kept: Option<bool>,
}

impl Engine {
    /// Returns the time for a version that is added to `head`, in microseconds since 1970. Versions sort by time, so it
    /// is later than the newest version's, whatever the clock says.
    pub(crate) fn time_on_top(&self, head: &Head) -> u64 {
        let now = self.clock.now();
        head.newest()
            .map_or(now, |newest| now.max(time_of(newest.version) + 1))
    }

    /// Adds the new version as head, in `batch`. A null version replaces the previous null version; any other version
    /// is added. Does not write the new version's own row. The content `kept` is not deleted with the version that it
    /// belonged to.
    pub(crate) async fn put_on_top(
        &self,
        batch: &mut Batch,
        bucket: &Bucket,
        object: &str,
        head: &Head,
        (facts, is_marker): (&Facts, bool),
        kept: Option<[u8; 16]>,
    ) -> Result<LetGo> {
        head.expect(batch, object);
        let mut let_go = LetGo::default();
        match head.newest() {
            // The newest version is the null version: replace it.
            Some(newest) if newest.null && facts.null => {
                let_go = self.let_go(batch, bucket, object, newest.version, kept).await?;
            }
            // The null version is the newest no longer: remember its id in a row of its own.
            Some(newest) if newest.null => batch.put(
                key::null(object),
                &NullRecord {
                    version: newest.version,
                },
            )?,
            // The null version, if there is one, is an older version: replace it.
            Some(_) if facts.null => {
                let buried = self.buried_null(bucket, object).await?;
                batch.expect(key::null(object), buried.as_ref());
                if let Some(buried) = buried {
                    batch.delete(key::null(object));
                    let_go = self
                        .let_go(batch, bucket, object, buried.record.version, kept)
                        .await?;
                }
            }
            _ => {}
        }
        head.replace(batch, object, Some((facts, is_marker)))?;
        batch.count(VERSIONS, 1 - let_go.versions);
        Ok(let_go)
    }

    /// Deletes a version for good, in `batch`. If it was the newest, the next older one becomes the newest.
    pub(crate) async fn take_out(
        &self,
        batch: &mut Batch,
        bucket: &Bucket,
        object: &str,
        head: &Head,
        facts: &Facts,
    ) -> Result<LetGo> {
        head.expect(batch, object);
        if head
            .newest()
            .is_some_and(|newest| newest.version == facts.version)
        {
            // Make the next older version the head.
            let next = self.next_older(bucket, object, facts.version).await?;
            if let Some(next) = &next {
                batch.expect(key::version(object, next.record.facts.version), Some(next));
                if next.record.facts.null {
                    batch.delete(key::null(object));
                }
            }
            let next = next.map(|next| next.record);
            let next = next.as_ref().map(|next| (&next.facts, next.content.is_none()));
            head.replace(batch, object, next)?;
        } else if facts.null {
            let buried = self.buried_null(bucket, object).await?;
            batch.expect(key::null(object), buried.as_ref());
            batch.delete(key::null(object));
        }
        let let_go = self.let_go(batch, bucket, object, facts.version, None).await?;
        batch.count(VERSIONS, -1);
        Ok(let_go)
    }

    /// Deletes the rows of a version, in `batch`. Its blobs become garbage unless other versions hold the same content,
    /// or it is the content `kept`.
    async fn let_go(
        &self,
        batch: &mut Batch,
        bucket: &Bucket,
        object: &str,
        id: [u8; 16],
        kept: Option<[u8; 16]>,
    ) -> Result<LetGo> {
        let row = key::version(object, id);
        let found = bucket.rows.get::<VersionRecord>(&row).await?;
        // `None`: changed since the head was read; the commit will be refused.
        batch.expect(row.clone(), found.as_ref());
        let mut let_go = LetGo {
            versions: 1,
            ..LetGo::default()
        };
        let Some(content) = found.and_then(|found| found.record.content) else {
            batch.delete(row);
            return Ok(let_go);
        };
        if kept == Some(content.id) {
            let_go.kept = Some(content.shared);
        } else if !content.shared || self.is_last_holder(batch, bucket, &content).await? {
            // `None`: the version was deleted too, and the commit will be refused.
            if let Some(parts) = self.parts_of(bucket, id, &content).await? {
                let_go.garbage = self.discard(batch, content.id, &parts.places)?;
            }
        }
        if content.parts.is_none() {
            batch.delete(key::parts(id));
        }
        batch.delete(row);
        Ok(let_go)
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
            batch.put(key::version(object, record.facts.version), &record)?;
        }
        Ok(())
    }

    /// Removes these parts of a content that has no holders left, in `batch`. Returns whether blobs are among them.
    pub(crate) fn discard(&self, batch: &mut Batch, content: [u8; 16], places: &[PartPlace]) -> Result<bool> {
        let mut garbage = false;
        for place in places {
            match place {
                PartPlace::Inline => batch.delete(key::inline(content)),
                PartPlace::Blob(blob) => {
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
            let row = key::version(object, record.facts.version);
            let mut batch = bucket.rows.batch();
            batch.expect(row.clone(), Some(&found));
            batch.put(row, &record)?;
            let attempt = self.commit(&bucket, batch, Effects::default()).await?;
            attempt.then(|| bucket.tell(&record.facts))
        })
    }
}

/// Returns the time in a version's id, in microseconds since 1970.
fn time_of(version: [u8; 16]) -> u64 {
    let mut time = [0; 8];
    time.copy_from_slice(&version[..8]);
    u64::MAX - u64::from_be_bytes(time)
}
