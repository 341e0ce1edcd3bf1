//! Changing how a version is encrypted without moving its data: its data key gets a new envelope, and stays.

use crate::audit::KeyUse;
use crate::encryption::{Decision, EncryptionHeaders};
use crate::open::{OpenVersion, outside};
use crate::record::{ContentRecord, Facts, PartsRecord, VersionRecord, key};
use crate::start::FIRST_GENERATION;
use crate::version::VersionName;
use crate::{Engine, Error, Result};
use strongroom_seal::Manifest;
use strongroom_store::{CommitRefused, StoreError};

mod bulk;

pub use bulk::{From, RewrapBucket, Rewrapped};

/// How often a change is tried while others change the same key.
const TRIES: usize = 64;

impl Engine {
    /// Wraps the data key of a version anew: under the bucket's key, or under one of a key management service. Version,
    /// time, metadata and data stay; the `ETag` too, but as [`Self::kept_etag`] says. What it costs does not depend on
    /// the object's size.
    ///
    /// A version under a customer's key is not changed so, but by a copy onto itself, which brings the key.
    ///
    /// # Errors
    /// Those of a version that is not there; [`Error::Encryption`] for one under a customer's key; [`Error::Kms`];
    /// [`Error::Locked`] for a locked version, unless `locked_too`; [`Error::Contended`]; [`Error::Store`].
    pub async fn rewrap_object(
        &self,
        bucket: &str,
        object: &str,
        name: Option<VersionName>,
        decision: &Decision,
        locked_too: bool,
    ) -> Result<Option<VersionName>> {
        for _ in 0..TRIES {
            let version = self
                .open_version(bucket, object, name, EncryptionHeaders::default())
                .await?;
            let lock = version.record.record.lock;
            if !locked_too && lock.holds(self.clock.now(), false) {
                return Err(Error::Locked);
            }
            if self.try_rewrap(&version, decision).await? {
                return Ok(version.bucket.tell(&version.facts));
            }
        }
        Err(Error::Contended)
    }

    /// Tries it once. False: the key has changed since the version was opened.
    async fn try_rewrap(&self, version: &OpenVersion, decision: &Decision) -> Result<bool> {
        let OpenVersion { bucket, object, .. } = version;
        let content = self
            .content_of(bucket, object, version.content, &version.data_key, decision)
            .await?;
        let kept = self.kept_etag(version, decision)?;
        let facts = Facts {
            etag: kept.etag,
            mode: content.envelope.mode() as u8,
            ..version.facts.clone()
        };
        let manifest = Manifest {
            etag_is_md5: kept.is_md5,
            ..version.manifest.clone()
        };
        let outside = outside(&facts, content.envelope.as_bytes())?;
        let parts = PartsRecord {
            manifest: manifest.seal(&content.manifest_key, &outside, &*self.random)?,
            places: version.places.clone(),
        };

        // The head too: who makes this version the newest one meanwhile has written its facts as they were.
        let head = self.head(bucket, object).await?;
        let mut batch = self.rows.batch(bucket.id, FIRST_GENERATION);
        head.expect(&mut batch, object);
        if head
            .newest()
            .is_some_and(|newest| newest.version == facts.version)
        {
            head.replace(&mut batch, object, Some((&facts, false)))?;
        }
        let row = key::version(object, facts.version);
        batch.expect(row.clone(), Some(&version.record));
        let before = version.record.record.clone();
        let Some(of_version) = before.content.clone() else {
            return Err(StoreError::NotFound(format!("content of {object:?}")).into());
        };
        let parts = if of_version.parts.is_some() {
            Some(parts)
        } else {
            batch.put(key::parts(facts.version), &parts)?;
            None
        };
        let record = VersionRecord {
            facts,
            content: Some(ContentRecord {
                envelope: content.envelope.as_bytes().to_vec(),
                kms: content.kms,
                parts,
                ..of_version
            }),
            ..before
        };
        batch.put(row, &record)?;
        match batch.commit().await? {
            Ok(()) => {
                let name = VersionName::of(&record.facts).to_string();
                let of = (
                    Some(name.as_str()),
                    Some(record.facts.mode()),
                    content.envelope.outer_id(),
                );
                self.note(bucket, object, KeyUse::Rewrap, of, "ok")?;
                Ok(true)
            }
            Err(CommitRefused::Check(_)) => Ok(false),
            Err(CommitRefused::Generation) => {
                self.forget_bucket(bucket).await?;
                Err(Error::NoSuchBucket(bucket.name.clone()))
            }
        }
    }
}
