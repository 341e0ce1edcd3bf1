//! PUT of an object.

use crate::bucket::Bucket;
use crate::checksum::{ChecksumAlgorithm, Digests, ExpectedChecksum};
use crate::collector::Fate;
use crate::commit::{Committed, Holder, NewVersion};
use crate::condition::WriteConditions;
use crate::encryption::EncryptionHeaders;
use crate::lock::Lock;
use crate::rows::Batch;
use crate::tags::Tags;
use crate::write::{Destination, WrittenPart};
use crate::{Body, Engine, Error, Result};
use futures::StreamExt as _;
use std::collections::BTreeMap;
use strongroom_seal::{Checksum, Manifest, random};

/// Maximum number of bytes of one PUT or one part: 5 GiB, as on AWS.
pub const MOST_BYTES: u64 = 5 << 30;
/// Maximum number of bytes in names and values of user metadata: 2 KiB, as on AWS.
const MOST_METADATA: usize = 2048;
/// Maximum number of bytes in an object key.
pub(crate) const MOST_KEY: usize = 1024;

/// New object, without its content.
pub struct NewObject {
    /// Name of the bucket.
    pub bucket: String,
    /// Key of the object.
    pub key: String,
    /// Content headers by lower-case name.
    pub headers: BTreeMap<String, String>,
    /// User metadata by name, without `x-amz-meta-`.
    pub metadata: BTreeMap<String, String>,
    /// Tags of the object.
    pub tags: Tags,
    /// Retention and legal hold.
    pub lock: Lock,
    /// Encryption headers of the request.
    pub encryption: EncryptionHeaders,
}

/// Parameters of a PUT.
pub struct PutObject {
    /// Object to create.
    pub object: NewObject,
    /// Expected plaintext length in bytes. `None`: unknown; read to the end, at most 5 GiB.
    pub length: Option<u64>,
    /// MD5 that the body must have.
    pub md5: Option<[u8; 16]>,
    /// Checksum that the body must have.
    pub checksum: Option<ExpectedChecksum>,
    /// Conditions on the object that the key has already.
    pub conditions: WriteConditions,
}

/// Object created by a PUT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PutOutcome {
    /// Version created.
    pub committed: Committed,
    /// Checksum of the object.
    pub checksum: Checksum,
}

impl Engine {
    /// Creates or replaces an object. Readers of the key see either the previous object or this one, each complete.
    /// When this returns, the object survives a power cut.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`], [`Error::KeyTooLong`], [`Error::MetadataTooLarge`], [`Error::EntityTooLarge`],
    /// [`Error::Encryption`], [`Error::PreconditionFailed`], [`Error::Body`], [`Error::BadDigest`],
    /// [`Error::BadChecksum`], [`Error::BadTrailer`], [`Error::Contended`], [`Error::Store`].
    pub async fn put_object(&self, put: PutObject, body: Body) -> Result<PutOutcome> {
        let new = put.object;
        let bucket = self.bucket(&new.bucket).await?;
        check_sizes(&new)?;
        if let Some(length) = put.length.filter(|length| *length > MOST_BYTES) {
            return Err(Error::EntityTooLarge(length));
        }
        let decision = self.resolve(&bucket, &new.key, new.encryption)?;
        let lock = Lock::of_new(new.lock, &bucket, self.clock.now())?;
        // Checked before the upload, to refuse early. The check that counts is the one at the commit.
        let head = self.head(&bucket, &new.key).await?;
        put.conditions
            .judge(&new.key, head.current().map(|facts| facts.etag.as_str()))?;
        drop(head);

        // Encrypt the body and write it, computing checksums on the way.
        let (content, data_key) = self.new_content(&bucket, &new.key, &decision).await?;
        let (algorithm, expected) = match put.checksum {
            Some(checksum) => (checksum.algorithm, Some(checksum.value)),
            None => (ChecksumAlgorithm::Crc64Nvme, None),
        };
        let etag_is_md5 = decision.etag_is_md5();
        let digests = Digests::new(etag_is_md5 || put.md5.is_some(), algorithm);
        let source = body.map(|piece| piece.map_err(Error::Body)).boxed();
        let destination = Destination {
            bucket: &bucket,
            data_key: &data_key,
            number: 1,
            may_be_inline: true,
        };
        let part = self.write_part(destination, put.length, source, digests).await?;
        part.digested.verify(put.md5, expected)?;

        // Commit the part as a version.
        let etag = match part.digested.md5 {
            Some(md5) if etag_is_md5 => md5,
            _ => random::bytes(&*self.random)?,
        };
        let checksum = part.digested.checksum();
        let version = NewVersion {
            object: new.key,
            etag: hex::encode(etag),
            content,
            manifest: Manifest {
                parts: vec![part.manifest.clone()],
                headers: new.headers,
                metadata: new.metadata,
                checksums: vec![checksum.clone()],
                etag_is_md5: None,
            },
            places: vec![part.place()],
            tags: new.tags,
            lock,
        };
        let mut part = WholePart::of(part, &version);
        let committed = self
            .commit_version(&bucket, &version, &put.conditions, &mut part)
            .await?;
        Ok(PutOutcome { committed, checksum })
    }
}

/// The only part of an object that is uploaded as a whole.
pub(crate) struct WholePart {
    part: WrittenPart,
    object: String,
    content: [u8; 16],
}

impl WholePart {
    pub(crate) fn of(part: WrittenPart, version: &NewVersion) -> Self {
        Self {
            part,
            object: version.object.clone(),
            content: version.content.id,
        }
    }
}

impl Holder for WholePart {
    async fn hold(&mut self, _: &Engine, _: &Bucket, batch: &mut Batch<'_>, _: bool) -> Result<()> {
        self.part.hold(batch, &self.object, self.content)
    }

    fn fate(&mut self, fate: Fate) {
        self.part.fate(fate);
    }
}

pub(crate) fn check_sizes(new: &NewObject) -> Result<()> {
    if new.key.len() > MOST_KEY {
        return Err(Error::KeyTooLong(new.key.len()));
    }
    let metadata = new
        .metadata
        .iter()
        .map(|(name, value)| name.len() + value.len())
        .sum();
    if metadata > MOST_METADATA {
        return Err(Error::MetadataTooLarge(metadata));
    }
    Ok(())
}
