//! PUT of an object.

use crate::content::digests::Digests;
use crate::content::write::Destination;
use crate::engine::Engine;
use crate::model::body::Body;
use crate::model::checksum::{ChecksumAlgorithm, ExpectedChecksum};
use crate::model::condition::WriteConditions;
use crate::model::error::{Error, Result};
use crate::model::limits::MAX_BYTES;
use crate::model::lock::Lock;
use crate::model::new_object::{NewObject, check_sizes};
use crate::model::quota::Amount;
use crate::object::single_part::SinglePart;
use crate::version::commit::{Committed, NewVersion};
use crate::version::head::replaced;
use futures::StreamExt as _;
use strongroom_seal::{Checksum, Manifest, random};

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
    /// [`Error::BadChecksum`], [`Error::BadTrailer`], [`Error::QuotaExceeded`], [`Error::Contended`], [`Error::Store`].
    pub async fn put_object(&self, put: PutObject, body: Body) -> Result<PutOutcome> {
        let new = put.object;
        let bucket = self.bucket(&new.bucket).await?;
        check_sizes(&new)?;
        if let Some(length) = put.length.filter(|length| *length > MAX_BYTES) {
            return Err(Error::EntityTooLarge(length));
        }
        let decision = self.resolve(&bucket, &new.key, new.encryption)?;
        let lock = Lock::of_new(new.lock, bucket.settings.object_lock.as_ref(), self.clock.now())?;
        // Checked before the upload, to refuse early. The check that counts is the one at the commit.
        let head = self.head(&bucket, &new.key).await?;
        put.conditions
            .judge(&new.key, head.current().map(|summary| summary.etag.as_str()))?;
        let needed = Amount::of_put(put.length.unwrap_or(0), replaced(&bucket, &head));
        let room = self.reserve(&bucket, needed).await?;
        drop(head);

        // Encrypt the body and write it, computing checksums on the way.
        let (content, data_key) = self.new_content_keys(&bucket, &new.key, &decision).await?;
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
            room,
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
            locations: vec![part.location()],
            tags: new.tags,
            lock,
            access: new.access,
        };
        let mut part = SinglePart::of(part, &version);
        let committed = self
            .commit_version(&bucket, &version, &put.conditions, &mut part)
            .await?;
        Ok(PutOutcome { committed, checksum })
    }
}
