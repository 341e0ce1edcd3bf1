//! PUT of an object.

use crate::bucket::Bucket;
use crate::checksum::{ChecksumAlgorithm, Digests, ExpectedChecksum};
use crate::collect::Fate;
use crate::condition::WriteConditions;
use crate::encryption::{self, Decision, EncryptionHeaders};
use crate::open::outside;
use crate::record::{Facts, GarbageRecord, PartPlace, VersionRecord, key};
use crate::rows::{Batch, Found, OBJECTS};
use crate::start::FIRST_GENERATION;
use crate::write::WrittenPart;
use crate::{Body, Engine, Error, Mode, Result};
use std::collections::BTreeMap;
use strongroom_seal::{Checksum, DataKey, Envelope, Manifest, Place, keys::Wrapped as _, random};
use strongroom_store::CommitRefused;

/// The most bytes of one PUT: 5 GiB, as on AWS.
const MOST_BYTES: u64 = 5 << 30;
/// The most bytes of names and values of user metadata: 2 KiB, as on AWS.
const MOST_METADATA: usize = 2048;
/// The most bytes of an object key.
const MOST_KEY: usize = 1024;
/// How often a commit is tried while other writers of the same key are faster. Each round one of them wins, so this
/// many writers at once all get through.
const TRIES: usize = 1024;

/// An object to put.
pub struct PutObject {
    /// The bucket's name.
    pub bucket: String,
    /// The object key.
    pub key: String,
    /// Content headers by lower-case name.
    pub headers: BTreeMap<String, String>,
    /// User metadata by name, without `x-amz-meta-`.
    pub metadata: BTreeMap<String, String>,
    /// The encryption headers of the request.
    pub encryption: EncryptionHeaders,
    /// Plain bytes that the body must have.
    pub length: u64,
    /// The MD5 that the body must have.
    pub md5: Option<[u8; 16]>,
    /// The checksum that the body must have.
    pub checksum: Option<ExpectedChecksum>,
    /// Conditions on what is there already.
    pub conditions: WriteConditions,
}

/// An object that was put.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PutOutcome {
    /// Its `ETag`, without quotes.
    pub etag: String,
    /// How it was encrypted.
    pub mode: Mode,
    /// Its checksum.
    pub checksum: Checksum,
}

impl Engine {
    /// Puts an object. Readers of the key see the object before or this one, whole. When this returns, it survives a
    /// power cut.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`], [`Error::KeyTooLong`], [`Error::MetadataTooLarge`], [`Error::EntityTooLarge`],
    /// [`Error::Encryption`], [`Error::PreconditionFailed`], [`Error::Body`], [`Error::BadDigest`],
    /// [`Error::BadChecksum`], [`Error::BadTrailer`], [`Error::Contended`], [`Error::Store`].
    pub async fn put_object(&self, put: PutObject, body: Body) -> Result<PutOutcome> {
        let bucket = self.bucket(&put.bucket).await?;
        check_sizes(&put)?;
        let decision = encryption::resolve(put.encryption, &bucket.settings)?;
        // A condition that fails already need not cost the upload. What counts is the look at the commit.
        let found = self.current(&bucket, &put.key).await?;
        put.conditions
            .judge(&put.key, found.as_ref().map(|found| found.record.etag.as_str()))?;
        drop(found);

        let data_key = DataKey::generate(&*self.random)?;
        let (algorithm, expected) = match put.checksum {
            Some(checksum) => (checksum.algorithm, Some(checksum.value)),
            None => (ChecksumAlgorithm::Crc64Nvme, None),
        };
        // The ETag of SSE-C need not be an MD5, and MD5 is what limits the speed of the others.
        let etag_is_md5 = matches!(decision, Decision::S3);
        let digests = Digests::new(etag_is_md5 || put.md5.is_some(), algorithm);
        let mut part = self
            .write_part(&bucket, &data_key, 1, put.length, body, digests)
            .await?;
        part.digested.verify(put.md5, expected)?;

        let etag = match part.digested.md5 {
            Some(md5) if etag_is_md5 => md5,
            _ => random::bytes(&*self.random)?,
        };
        let manifest = Manifest {
            parts: vec![part.manifest.clone()],
            headers: put.headers,
            metadata: put.metadata,
            checksums: vec![part.digested.checksum()],
        };
        let version = NewVersion {
            object: put.key,
            etag: hex::encode(etag),
            decision,
            data_key,
            manifest,
        };
        let mode = self
            .commit_version(&bucket, &version, &mut part, &put.conditions)
            .await?;
        Ok(PutOutcome {
            etag: version.etag,
            mode,
            checksum: part.digested.checksum(),
        })
    }

    /// Makes a written part the current version of its key, in place of what is there.
    async fn commit_version(
        &self,
        bucket: &Bucket,
        new: &NewVersion,
        part: &mut WrittenPart,
        conditions: &WriteConditions,
    ) -> Result<Mode> {
        let object = new.object.as_str();
        for _ in 0..TRIES {
            let found = self.current(bucket, object).await?;
            conditions.judge(object, found.as_ref().map(|found| found.record.etag.as_str()))?;

            let now = self.clock.now();
            let id = self.new_version(now)?;
            let envelope = new.envelope(self, bucket, id)?;
            let facts = Facts {
                version: id,
                length: new.manifest.length(),
                modified: now,
                etag: new.etag.clone(),
                mode: envelope.mode() as u8,
            };
            let record = VersionRecord {
                manifest: new.manifest.seal(
                    &new.data_key,
                    &outside(&facts, envelope.as_bytes())?,
                    &*self.random,
                )?,
                envelope: envelope.as_bytes().to_vec(),
                places: vec![part.place()],
                facts,
            };
            let mut batch = self.rows.batch(bucket.id, FIRST_GENERATION);
            let replaced = self.replace(&mut batch, bucket, object, found.as_ref()).await?;
            part.hold(&mut batch, object, id)?;
            batch.put(key::version(object, id), &record)?;
            batch.put(key::current(object), &record.facts)?;
            if found.is_none() {
                batch.count(OBJECTS, 1);
            }
            let _notice = replaced.then(|| self.collector.notice(bucket.id));
            // From here until the store has answered, the commit may be made though nobody waits for it any more.
            part.fate(Fate::InDoubt);
            let committed = batch.commit().await?;
            part.fate(match committed {
                Ok(()) => Fate::Held,
                Err(_) => Fate::Abandoned,
            });
            match committed {
                Ok(()) => return Ok(envelope.mode()),
                Err(CommitRefused::Check(_)) => {}
                Err(CommitRefused::Generation) => {
                    self.forget_bucket(bucket).await?;
                    return Err(Error::NoSuchBucket(bucket.name.clone()));
                }
            }
        }
        Err(Error::Contended)
    }

    /// Adds to `batch` that the current version is still `found`, and takes that version's rows away. Its blobs become
    /// garbage; whether there are any is returned.
    pub(crate) async fn replace(
        &self,
        batch: &mut Batch<'_>,
        bucket: &Bucket,
        object: &str,
        found: Option<&Found<Facts>>,
    ) -> Result<bool> {
        batch.expect(key::current(object), found);
        let Some(found) = found else { return Ok(false) };
        let id = found.record.version;
        let row = key::version(object, id);
        // Gone: the current version was replaced after it was looked up, and the commit will be refused.
        let Some(version) = self.rows.get::<VersionRecord>(bucket.id, &row).await? else {
            return Ok(false);
        };
        let mut garbage = false;
        for place in &version.record.places {
            match place {
                PartPlace::Inline => batch.delete(key::inline(id)),
                PartPlace::Blob(blob) => {
                    batch.delete(key::blob(*blob));
                    batch.put(
                        key::garbage(*blob),
                        &GarbageRecord {
                            since: self.clock.now(),
                        },
                    )?;
                    garbage = true;
                }
            }
        }
        batch.delete(row);
        Ok(garbage)
    }

    /// What is known of the current version of a key without opening it.
    pub(crate) async fn current(&self, bucket: &Bucket, object: &str) -> Result<Option<Found<Facts>>> {
        self.rows.get::<Facts>(bucket.id, &key::current(object)).await
    }
}

/// A version that is complete but for its id and time, which come with the commit.
struct NewVersion {
    object: String,
    etag: String,
    decision: Decision,
    data_key: DataKey,
    manifest: Manifest,
}

impl NewVersion {
    fn envelope(&self, engine: &Engine, bucket: &Bucket, id: [u8; 16]) -> Result<Envelope> {
        let place = Place {
            bucket: bucket.id.0,
            key: &self.object,
            version: id,
        };
        let (outer, outer_id, mode) = match &self.decision {
            Decision::S3 => (&bucket.key, bucket.key_id.as_str(), Mode::S3),
            Decision::Customer(key) => (key, "", Mode::Customer),
        };
        Ok(Envelope::wrap(
            outer,
            outer_id,
            &self.data_key,
            mode,
            place,
            &*engine.random,
        )?)
    }
}

fn check_sizes(put: &PutObject) -> Result<()> {
    if put.key.len() > MOST_KEY {
        return Err(Error::KeyTooLong(put.key.len()));
    }
    if put.length > MOST_BYTES {
        return Err(Error::EntityTooLarge(put.length));
    }
    let metadata = put
        .metadata
        .iter()
        .map(|(name, value)| name.len() + value.len())
        .sum();
    if metadata > MOST_METADATA {
        return Err(Error::MetadataTooLarge(metadata));
    }
    Ok(())
}
