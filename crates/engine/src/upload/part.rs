//! Uploads a part.

use crate::bucket::commit::{Attempt, Effects, MAX_WRITERS, retry};
use crate::content::digests::Digests;
use crate::content::read::PlaintextStream;
use crate::content::write::{Destination, WrittenPart};
use crate::encryption::Encrypted;
use crate::engine::Engine;
use crate::model::body::Body;
use crate::model::checksum::{ChecksumAlgorithm, ExpectedChecksum};
use crate::model::encryption_headers::EncryptionHeaders;
use crate::model::error::{Error, Result};
use crate::model::limits::{MAX_BYTES, MAX_PARTS};
use crate::model::quota::Amount;
use crate::model::upload_name::UploadName;
use crate::model::usage::Usage;
use crate::process::ledger::Fate;
use crate::process::meters::Room;
use crate::rows::key;
use crate::rows::record::{PartLocation, PartRecord, UploadRecord};
use crate::upload::Upload;
use futures::StreamExt as _;
use strongroom_rows::Found;
use strongroom_seal::Mode;
use strongroom_seal::{Checksum, random};

/// Parameters of a part to upload.
pub struct UploadPart {
    /// Upload that the part belongs to.
    pub upload: UploadName,
    /// Number of the part.
    pub number: i64,
    /// Encryption headers of the request.
    pub encryption: EncryptionHeaders,
    /// Expected plaintext length in bytes.
    pub length: u64,
    /// MD5 that the body must have.
    pub md5: Option<[u8; 16]>,
    /// Checksum that the body must have.
    pub checksum: Option<ExpectedChecksum>,
}

/// Uploaded part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartOutcome {
    /// `ETag` of the part, without quotes.
    pub etag: String,
    /// Encryption of the part.
    pub encrypted: Encrypted,
    /// Time at which the part was written, in microseconds since 1970.
    pub modified: u64,
    /// Checksum of the part.
    pub checksum: Checksum,
    /// True if the checksum's algorithm was requested, by the request that began the upload or by the part's.
    pub checksum_requested: bool,
}

impl Engine {
    /// Uploads a part. Replaces an earlier part with the same number.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`], [`Error::NoSuchUpload`], [`Error::PartNumber`], [`Error::EntityTooLarge`],
    /// [`Error::Encryption`], [`Error::UploadChecksum`], [`Error::Body`], [`Error::BadDigest`],
    /// [`Error::BadChecksum`], [`Error::BadTrailer`], [`Error::QuotaExceeded`], [`Error::Contended`], [`Error::Store`].
    pub async fn upload_part(&self, part: UploadPart, body: Body) -> Result<PartOutcome> {
        let source = body.map(|piece| piece.map_err(Error::Body)).boxed();
        let number = part_number(part.number)?;
        let upload = self.upload(&part.upload).await?;
        self.fill_part(&upload, number, part, source).await
    }

    /// Writes `source` as a part of an upload.
    pub(crate) async fn fill_part(
        &self,
        upload: &Upload,
        number: u32,
        part: UploadPart,
        source: PlaintextStream,
    ) -> Result<PartOutcome> {
        if part.length > MAX_BYTES {
            return Err(Error::EntityTooLarge(part.length));
        }
        // Determine the checksum's algorithm: the part's must be the upload's, if the upload has one.
        let data_key = self.upload_key(upload, part.encryption).await?;
        let of_upload = upload.record().checksum;
        let given = part.checksum.as_ref().map(|checksum| checksum.algorithm);
        let algorithm = match given {
            Some(given) if of_upload.requested && given != of_upload.algorithm => {
                return Err(type_mismatch(of_upload.algorithm, given));
            }
            Some(given) => given,
            None => of_upload.algorithm,
        };
        let etag_is_md5 = upload.mode() == Mode::S3;
        let digests = Digests::new(etag_is_md5 || part.md5.is_some(), algorithm);
        let room = self.room_for_part(upload, number, part.length).await?;
        // Encrypt the body and write it, computing checksums on the way.
        let destination = Destination {
            bucket: &upload.bucket,
            data_key: &data_key,
            number,
            may_be_inline: false,
            room,
        };
        let mut written = self
            .write_part(destination, Some(part.length), source, digests)
            .await?;
        let expected = part.checksum.map(|checksum| checksum.value);
        written.digested.verify(part.md5, expected)?;
        let etag = match written.digested.md5 {
            Some(md5) if etag_is_md5 => md5,
            _ => random::bytes(&*self.random)?,
        };
        let modified = self.commit_part(upload, etag, &mut written).await?;
        Ok(PartOutcome {
            etag: hex::encode(etag),
            encrypted: upload.encrypted(),
            modified,
            checksum: written.digested.checksum(),
            checksum_requested: of_upload.requested || given.is_some(),
        })
    }

    /// Reserves room for a part; one in the place of another needs only what it adds.
    async fn room_for_part(&self, upload: &Upload, number: u32, length: u64) -> Result<Room> {
        if !self.is_limited(&upload.bucket) {
            return Ok(Room::default());
        }
        let row = key::part(upload.id, number);
        let before = upload.bucket.rows.get::<PartRecord>(&row).await?;
        let mut needed = Amount::new(length, 0);
        if let Some(before) = before {
            needed -= Amount::new(before.record.length, 0);
        }
        self.reserve(&upload.bucket, needed).await
    }

    async fn commit_part(&self, upload: &Upload, etag: [u8; 16], written: &mut WrittenPart) -> Result<u64> {
        let row = key::part(upload.id, written.manifest.number);
        let PartLocation::Blob(blob) = written.location() else {
            return Err(Error::Damaged(
                "a part of an upload is not stored in a blob".to_owned(),
            ));
        };
        // The upload's key may be rewrapped in the meantime, which replaces the row of the upload.
        let mut newer: Option<Found<UploadRecord>> = None;
        retry!(MAX_WRITERS, {
            let before = upload.bucket.rows.get::<PartRecord>(&row).await?;
            let record = PartRecord {
                length: written.manifest.length,
                modified: self.clock.now(),
                etag,
                salt: written.manifest.salt,
                algorithm: written.digested.algorithm,
                checksum: written.digested.value.clone(),
                blob,
                mode: upload.mode() as u8,
            };
            let mut batch = upload.bucket.rows.batch();
            batch.expect(upload.row(), Some(newer.as_ref().unwrap_or(&upload.found)));
            batch.expect(row.clone(), before.as_ref());
            batch.put(row.clone(), &record)?;
            Usage::of_part(&record).add_to(&mut batch);
            if let Some(before) = &before {
                Usage::of_part(&before.record).subtract_from(&mut batch);
            }
            written.add_rows(&mut batch, &upload.object, upload.id)?;
            let locations: Vec<_> = before
                .iter()
                .map(|part| PartLocation::Blob(part.record.blob))
                .collect();
            let garbage = self.discard(&mut batch, upload.id, &locations)?;
            written.set_fate(Fate::InDoubt);
            let effects = Effects {
                garbage,
                room: written.room.clone(),
                ..Effects::default()
            };
            let outcome = self.commit_batch(&upload.bucket, batch, effects).await?;
            written.set_fate(if outcome.is_done() {
                Fate::Held
            } else {
                Fate::Abandoned
            });
            let attempt = self.accept(&upload.bucket, outcome).await?;
            if attempt == Attempt::Done {
                return Ok(record.modified);
            }
            // The upload was completed or aborted, or another request uploaded this part.
            let still = upload.bucket.rows.get::<UploadRecord>(&upload.row()).await?;
            newer = Some(still.ok_or_else(|| upload.gone())?);
            None
        })
    }
}

/// Checks that a part number is valid, and converts it.
pub(crate) fn part_number(number: i64) -> Result<u32> {
    u32::try_from(number)
        .ok()
        .filter(|number| (1..=MAX_PARTS).contains(number))
        .ok_or(Error::PartNumber(number))
}

fn type_mismatch(expected: ChecksumAlgorithm, actual: ChecksumAlgorithm) -> Error {
    let name = |algorithm: ChecksumAlgorithm| algorithm.name().to_ascii_lowercase();
    Error::UploadChecksum(format!(
        "Checksum Type mismatch occurred, expected checksum Type: {}, actual checksum Type: {}",
        name(expected),
        name(actual)
    ))
}
