//! Versions of a key: their names, how a new one comes on top, how one is let go.

use crate::engine::Engine;
use crate::model::error::{Error, Result};
use crate::model::version_name::VersionName;
use crate::process::buckets_in_use::Bucket;
use crate::rows::record::{
    ContentRecord, Facts, GarbageRecord, HoldersRecord, NullRecord, PartPlace, PartsRecord, VersionRecord,
};
use crate::rows::{Batch, Found, VERSIONS, key};
use crate::version::head::Head;
use strongroom_store::CommitRefused;
use strongroom_store::index::FIRST_GENERATION;

/// How often a change is tried while others are faster.
const TRIES: usize = 64;

/// What came of versions that were let go in a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LetGo {
    /// Versions.
    pub(crate) versions: i64,
    /// Some of their blobs became garbage.
    pub(crate) garbage: bool,
    /// One of them held the content that was to be kept; whether it shared it with others.
    pub(crate) kept: Option<bool>,
}

impl Engine {
    /// The time of a version that comes on top of `head`, in microseconds since 1970: versions sort by it, so it is
    /// later than the newest one's, whatever the clock says.
    pub(crate) fn time_on_top(&self, head: &Head) -> u64 {
        let now = self.clock.now();
        head.newest()
            .map_or(now, |newest| now.max(time_of(newest.version) + 1))
    }

    /// Adds to `batch` that a version comes on top of `head`: a null version in place of the null version before it,
    /// any other one beside what is there. Does not write the new version's own row. The content `kept` outlives the
    /// version that gives way.
    pub(crate) async fn put_on_top(
        &self,
        batch: &mut Batch<'_>,
        bucket: &Bucket,
        object: &str,
        head: &Head,
        (facts, is_marker): (&Facts, bool),
        kept: Option<[u8; 16]>,
    ) -> Result<LetGo> {
        head.expect(batch, object);
        let mut let_go = LetGo::default();
        match head.newest() {
            Some(newest) if newest.null && facts.null => {
                let_go = self.let_go(batch, bucket, object, newest.version, kept).await?;
            }
            Some(newest) if newest.null => batch.put(
                key::null(object),
                &NullRecord {
                    version: newest.version,
                },
            )?,
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

    /// Adds to `batch` that a version goes for good. If it was the newest, the next older one is that from now on.
    pub(crate) async fn take_out(
        &self,
        batch: &mut Batch<'_>,
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

    /// Adds to `batch` that a version's rows go. Its blobs become garbage, unless other versions hold the same
    /// content, or it is the one to be `kept`.
    async fn let_go(
        &self,
        batch: &mut Batch<'_>,
        bucket: &Bucket,
        object: &str,
        id: [u8; 16],
        kept: Option<[u8; 16]>,
    ) -> Result<LetGo> {
        let row = key::version(object, id);
        let found = self.rows.get::<VersionRecord>(bucket.id, &row).await?;
        // Gone: changed since the head was looked up, and the commit will be refused.
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
            // Gone: so is the version, and the commit will be refused.
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

    /// Takes one from the holders of a shared content, and tells whether that was the last one.
    async fn is_last_holder(
        &self,
        batch: &mut Batch<'_>,
        bucket: &Bucket,
        content: &ContentRecord,
    ) -> Result<bool> {
        let row = key::holders(content.id);
        let holders = self.rows.get::<HoldersRecord>(bucket.id, &row).await?;
        batch.expect(row.clone(), holders.as_ref());
        match holders.map(|holders| holders.record.versions) {
            Some(versions @ 3..) => {
                let versions = versions - 1;
                batch.put(row, &HoldersRecord { versions })?;
                Ok(false)
            }
            // The one that is left does not share any more, though its record says so.
            Some(_) => {
                batch.delete(row);
                Ok(false)
            }
            None => Ok(true),
        }
    }

    /// Adds to `batch` that a version of the key `object` shares the content of `source`, a version which stays.
    pub(crate) async fn share(
        &self,
        batch: &mut Batch<'_>,
        bucket: &Bucket,
        object: &str,
        source: &Found<VersionRecord>,
    ) -> Result<()> {
        let Some(content) = &source.record.content else {
            return Ok(());
        };
        let row = key::holders(content.id);
        let holders = self.rows.get::<HoldersRecord>(bucket.id, &row).await?;
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

    /// Adds to `batch` that nothing holds these parts of a content any more. Tells whether there are blobs among them.
    pub(crate) fn discard(
        &self,
        batch: &mut Batch<'_>,
        content: [u8; 16],
        places: &[PartPlace],
    ) -> Result<bool> {
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

    /// What the content of a version is made of; `None`: the version went since its record was read.
    pub(crate) async fn parts_of(
        &self,
        bucket: &Bucket,
        version: [u8; 16],
        content: &ContentRecord,
    ) -> Result<Option<PartsRecord>> {
        if let Some(parts) = &content.parts {
            return Ok(Some(parts.clone()));
        }
        let parts = self.rows.get(bucket.id, &key::parts(version)).await?;
        Ok(parts.map(|parts| parts.record))
    }

    /// Changes of a version what stands outside its manifest, and returns its name.
    pub(crate) async fn change_version(
        &self,
        bucket: &str,
        object: &str,
        name: Option<VersionName>,
        change: impl Fn(&mut VersionRecord, &Bucket) -> Result<()>,
    ) -> Result<Option<VersionName>> {
        let bucket = self.bucket(bucket).await?;
        for _ in 0..TRIES {
            let (found, _) = self.find_version(&bucket, object, name).await?;
            let mut record = found.record.clone();
            change(&mut record, &bucket)?;
            let row = key::version(object, record.facts.version);
            let mut batch = self.rows.batch(bucket.id, FIRST_GENERATION);
            batch.expect(row.clone(), Some(&found));
            batch.put(row, &record)?;
            match batch.commit().await? {
                Ok(()) => return Ok(bucket.tell(&record.facts)),
                Err(CommitRefused::Check(_)) => {}
                Err(CommitRefused::Generation) => {
                    self.forget_bucket(&bucket.name, bucket.id).await?;
                    return Err(Error::NoSuchBucket(bucket.name.clone()));
                }
            }
        }
        Err(Error::Contended)
    }
}

/// The time in a version's id, in microseconds since 1970.
fn time_of(version: [u8; 16]) -> u64 {
    let mut time = [0; 8];
    time.copy_from_slice(&version[..8]);
    u64::MAX - u64::from_be_bytes(time)
}
