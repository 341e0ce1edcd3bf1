//! Making a version that is complete the newest of its key: what PUT, copy and the end of a multipart upload share.

use crate::audit::KeyUse;
use crate::encryption::Encrypted;
use crate::encryption::new_content::NewContent;
use crate::engine::Engine;
use crate::engine::pending::Note;
use crate::model::condition::WriteConditions;
use crate::model::error::{Error, Result};
use crate::model::lock::Lock;
use crate::model::tags::Tags;
use crate::model::version_name::VersionName;
use crate::process::buckets_in_use::Bucket;
use crate::process::ledger::Fate;
use crate::rows::record::{ContentRecord, Facts, PartPlace, PartsRecord, VersionRecord};
use crate::rows::{Batch, key};
use crate::version::expiry::Expiry;
use crate::version::head::Head;
use crate::version::open::outside;
use std::sync::Arc;
use strongroom_seal::Manifest;
use strongroom_store::CommitRefused;
use strongroom_store::index::FIRST_GENERATION;

/// How often a commit is tried while other writers of the same key are faster. Each round one of them wins, so this
/// many writers at once all get through.
const TRIES: usize = 1024;

/// The most parts that lie in the row of their version: with more, listings of versions would read many bytes that
/// they have no use for.
const MOST_PARTS_IN_ROW: usize = 16;

/// A version that is complete but for its id and time, which come with the commit.
pub(crate) struct NewVersion {
    pub(crate) object: String,
    pub(crate) etag: String,
    pub(crate) content: NewContent,
    pub(crate) manifest: Manifest,
    pub(crate) places: Vec<PartPlace>,
    pub(crate) tags: Tags,
    pub(crate) lock: Lock,
}

/// A version that was committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committed {
    /// Its `ETag`, without quotes.
    pub etag: String,
    /// How it was encrypted.
    pub encrypted: Encrypted,
    /// Its name, in a bucket that keeps, or kept, versions.
    pub version: Option<VersionName>,
    /// When it was last modified, in microseconds since 1970.
    pub modified: u64,
    /// When it expires.
    pub expiry: Option<Expiry>,
}

/// Who brings the content of a new version.
pub(crate) trait Holder: Send {
    /// Adds to `batch` what holds the content for the new version, or, if it took the content over from the version
    /// that gave way, nothing that was added there.
    async fn hold(
        &mut self,
        engine: &Engine,
        bucket: &Bucket,
        batch: &mut Batch<'_>,
        took_over: bool,
    ) -> Result<()>;

    /// What becomes of the content, should this be dropped now.
    fn fate(&mut self, _: Fate) {}

    /// Whether the commit leaves something for the collector beside the version that gives way.
    fn makes_garbage(&self) -> bool {
        false
    }

    /// Whether the content is one that another version holds too.
    fn shares(&self) -> bool {
        false
    }
}

impl Engine {
    /// Makes a new version the newest of its key.
    pub(crate) async fn commit_version(
        &self,
        bucket: &Arc<Bucket>,
        new: &NewVersion,
        conditions: &WriteConditions,
        holder: &mut impl Holder,
    ) -> Result<Committed> {
        for _ in 0..TRIES {
            if let Some(committed) = self.try_commit(bucket, new, conditions, holder).await? {
                return Ok(committed);
            }
        }
        Err(Error::Contended)
    }

    /// Tries it once. `None`: something it goes by has changed meanwhile.
    pub(crate) async fn try_commit(
        &self,
        bucket: &Arc<Bucket>,
        new: &NewVersion,
        conditions: &WriteConditions,
        holder: &mut impl Holder,
    ) -> Result<Option<Committed>> {
        let object = new.object.as_str();
        // Its settings may have changed while the content was on its way.
        let bucket = &self.same_bucket(bucket).await?;
        let head = self.head(bucket, object).await?;
        conditions.judge(object, head.current().map(|facts| facts.etag.as_str()))?;

        let facts = self.new_facts(bucket, &head, new)?;
        let mut batch = self.rows.batch(bucket.id, FIRST_GENERATION);
        let kept = Some(new.content.id);
        let let_go = self
            .put_on_top(&mut batch, bucket, object, &head, (&facts, false), kept)
            .await?;
        holder
            .hold(self, bucket, &mut batch, let_go.kept.is_some())
            .await?;
        let record = self.record(new, &facts, let_go.kept.unwrap_or(holder.shares()), &mut batch)?;
        batch.put(key::version(object, facts.version), &record)?;

        // From here until the store has answered, the commit may be made though nobody waits for it any more.
        holder.fate(Fate::InDoubt);
        let garbage = let_go.garbage || holder.makes_garbage();
        let notes = uses(bucket, &head, new, &facts);
        let commit = self.commit_noting(batch.into_commit(), notes);
        let committed = self.collector.watch(bucket.id, garbage, commit).await?;
        holder.fate(match committed {
            Ok(()) => Fate::Held,
            Err(_) => Fate::Abandoned,
        });
        match committed {
            Ok(()) => Ok(Some(Committed {
                encrypted: new.content.encrypted(bucket, object),
                version: bucket.tell(&facts),
                expiry: self.expiry(bucket, object, &facts, &new.tags),
                modified: facts.modified,
                etag: facts.etag,
            })),
            Err(CommitRefused::Check(_)) => Ok(None),
            Err(CommitRefused::Generation) => {
                self.forget_bucket(&bucket.name, bucket.id).await?;
                Err(Error::NoSuchBucket(bucket.name.clone()))
            }
        }
    }

    fn new_facts(&self, bucket: &Bucket, head: &Head, new: &NewVersion) -> Result<Facts> {
        let now = self.time_on_top(head);
        Ok(Facts {
            version: self.new_version(now)?,
            length: new.manifest.length(),
            modified: now,
            etag: new.etag.clone(),
            mode: new.content.envelope.mode() as u8,
            null: !bucket.settings.keeps_versions(),
        })
    }

    /// The record of a new version. Its parts go to a row of their own if they are many.
    fn record(
        &self,
        new: &NewVersion,
        facts: &Facts,
        shared: bool,
        batch: &mut Batch<'_>,
    ) -> Result<VersionRecord> {
        let envelope = new.content.envelope.as_bytes();
        let outside = outside(facts, envelope)?;
        let manifest = new
            .manifest
            .seal(&new.content.manifest_key, &outside, &*self.random)?;
        let mut parts = Some(PartsRecord {
            manifest,
            places: new.places.clone(),
        });
        if new.places.len() > MOST_PARTS_IN_ROW
            && let Some(parts) = parts.take()
        {
            batch.put(key::parts(facts.version), &parts)?;
        }
        Ok(VersionRecord {
            facts: facts.clone(),
            content: Some(ContentRecord {
                id: new.content.id,
                envelope: envelope.to_vec(),
                parts,
                shared,
                kms: new.content.kms.clone(),
            }),
            tags: new.tags.clone(),
            lock: new.lock,
        })
    }

    /// The bucket as it is now, if it is still the same one.
    pub(crate) async fn same_bucket(&self, bucket: &Arc<Bucket>) -> Result<Arc<Bucket>> {
        let now = self.bucket(&bucket.name).await?;
        if now.id == bucket.id {
            Ok(now)
        } else {
            Err(Error::NoSuchBucket(bucket.name.clone()))
        }
    }
}

/// What the commit of a version does with keys.
fn uses(bucket: &Bucket, before: &Head, new: &NewVersion, facts: &Facts) -> Vec<Note> {
    let wrap = Note {
        what: KeyUse::Wrap,
        bucket: bucket.name.clone(),
        object: new.object.clone(),
        version: Some(facts.name().to_string()),
        mode: facts.mode(),
        key_id: new.content.envelope.outer_id().to_owned(),
    };
    let otherwise = |facts: &Facts| !facts.is_customer();
    let overwrite = (facts.is_customer() && before.current().is_some_and(otherwise)).then(|| Note {
        what: KeyUse::Overwrite,
        ..wrap.clone()
    });
    [wrap].into_iter().chain(overwrite).collect()
}
