//! Uploading a part.

use crate::content::digests::Digests;
use crate::content::read::Content;
use crate::content::write::{Destination, WrittenPart};
use crate::encryption::Encrypted;
use crate::engine::Engine;
use crate::model::body::Body;
use crate::model::checksum::{ChecksumAlgorithm, ExpectedChecksum};
use crate::model::encryption_headers::EncryptionHeaders;
use crate::model::error::{Error, Result};
use crate::model::limits::{MOST_BYTES, MOST_PARTS};
use crate::model::upload_name::UploadName;
use crate::process::ledger::Fate;
use crate::rows::record::{PartPlace, PartRecord, UploadRecord};
use crate::rows::{Found, key};
use crate::upload::Upload;
use futures::StreamExt as _;
use strongroom_seal::Mode;
use strongroom_seal::{Checksum, random};
use strongroom_store::CommitRefused;
use strongroom_store::index::FIRST_GENERATION;

/// How often a commit is tried while others upload the same part.
const TRIES: usize = 1024;

/// A part to upload.
pub struct UploadPart {
    /// The upload.
    pub upload: UploadName,
    /// The part's number.
    pub number: i64,
    /// The encryption headers of the request.
    pub encryption: EncryptionHeaders,
    /// Plain bytes that the body must have.
    pub length: u64,
    /// The MD5 that the body must have.
    pub md5: Option<[u8; 16]>,
    /// The checksum that the body must have.
    pub checksum: Option<ExpectedChecksum>,
}

/// A part that was uploaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartOutcome {
    /// Its `ETag`, without quotes.
    pub etag: String,
    /// How it was encrypted.
    pub encrypted: Encrypted,
    /// When it was written, in microseconds since 1970.
    pub modified: u64,
    /// Its checksum.
    pub checksum: Checksum,
    /// That checksum is of the algorithm that was asked for when the upload was begun, or by the part itself.
    pub checksum_asked: bool,
}

impl Engine {
    /// Uploads a part, in place of the one of this number that is there.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`], [`Error::NoSuchUpload`], [`Error::PartNumber`], [`Error::EntityTooLarge`],
    /// [`Error::Encryption`], [`Error::UploadChecksum`], [`Error::Body`], [`Error::BadDigest`],
    /// [`Error::BadChecksum`], [`Error::BadTrailer`], [`Error::Contended`], [`Error::Store`].
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
        source: Content,
    ) -> Result<PartOutcome> {
        if part.length > MOST_BYTES {
            return Err(Error::EntityTooLarge(part.length));
        }
        let data_key = self.upload_key(upload, part.encryption).await?;
        let of_upload = upload.record().checksum;
        let given = part.checksum.as_ref().map(|checksum| checksum.algorithm);
        let algorithm = match given {
            Some(given) if of_upload.asked && given != of_upload.algorithm => {
                return Err(type_mismatch(of_upload.algorithm, given));
            }
            Some(given) => given,
            None => of_upload.algorithm,
        };
        let etag_is_md5 = upload.mode() == Mode::S3;
        let digests = Digests::new(etag_is_md5 || part.md5.is_some(), algorithm);
        let destination = Destination {
            bucket: &upload.bucket,
            data_key: &data_key,
            number,
            may_be_inline: false,
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
            checksum_asked: of_upload.asked || given.is_some(),
        })
    }

    async fn commit_part(&self, upload: &Upload, etag: [u8; 16], written: &mut WrittenPart) -> Result<u64> {
        let row = key::part(upload.id, written.manifest.number);
        let PartPlace::Blob(blob) = written.place() else {
            return Err(Error::Damaged("a part of an upload is not in a blob".to_owned()));
        };
        // The upload's key may be wrapped anew meanwhile, which makes another row of the same upload.
        let mut newer: Option<Found<UploadRecord>> = None;
        for _ in 0..TRIES {
            let before = self.rows.get::<PartRecord>(upload.bucket.id, &row).await?;
            let record = PartRecord {
                length: written.manifest.length,
                modified: self.clock.now(),
                etag,
                salt: written.manifest.salt,
                algorithm: written.digested.algorithm,
                checksum: written.digested.value.clone(),
                blob,
            };
            let mut batch = self.rows.batch(upload.bucket.id, FIRST_GENERATION);
            batch.expect(upload.row(), Some(newer.as_ref().unwrap_or(&upload.found)));
            batch.expect(row.clone(), before.as_ref());
            batch.put(row.clone(), &record)?;
            written.hold(&mut batch, &upload.object, upload.id)?;
            let places: Vec<_> = before
                .iter()
                .map(|part| PartPlace::Blob(part.record.blob))
                .collect();
            let garbage = self.discard(&mut batch, upload.id, &places)?;
            written.fate(Fate::InDoubt);
            let commit = batch.commit();
            let committed = self.collector.watch(upload.bucket.id, garbage, commit).await?;
            written.fate(match committed {
                Ok(()) => Fate::Held,
                Err(_) => Fate::Abandoned,
            });
            match committed {
                Ok(()) => return Ok(record.modified),
                // Completed, aborted, or this part was uploaded by someone else.
                Err(CommitRefused::Check(_)) => {
                    let still = self
                        .rows
                        .get::<UploadRecord>(upload.bucket.id, &upload.row())
                        .await?;
                    newer = Some(still.ok_or_else(|| upload.gone())?);
                }
                Err(CommitRefused::Generation) => {
                    self.forget_bucket(&upload.bucket.name, upload.bucket.id).await?;
                    return Err(Error::NoSuchBucket(upload.bucket.name.clone()));
                }
            }
        }
        Err(Error::Contended)
    }
}

/// A number that a part can have.
pub(crate) fn part_number(number: i64) -> Result<u32> {
    u32::try_from(number)
        .ok()
        .filter(|number| (1..=MOST_PARTS).contains(number))
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
