//! Completes an upload: its parts become a version, and no data moves.

use crate::bucket::commit::{MAX_WRITERS, retry};
use crate::content::digests::{checksum_of, joined};
use crate::encryption::{self, Encrypted};
use crate::engine::Engine;
use crate::model::checksum::ChecksumAlgorithm;
use crate::model::condition::WriteConditions;
use crate::model::encryption_headers::EncryptionHeaders;
use crate::model::error::{Error, Result};
use crate::model::limits::MIN_PART_BYTES;
use crate::model::upload_name::UploadName;
use crate::model::usage::Usage;
use crate::process::buckets_in_use::Bucket;
use crate::rows::key;
use crate::rows::record::{PartLocation, PartRecord, UploadRecord};
use crate::upload::Upload;
use crate::version::commit::{Committed, ContentOwner, NewVersion};
use bytes::Bytes;
use md5::{Digest as _, Md5};
use std::collections::BTreeMap;
use std::sync::Arc;
use strongroom_rows::{Batch, Found, Pages};
use strongroom_seal::Mode;
use strongroom_seal::{Checksum, ManifestPart};

/// Parameters of a completion.
pub struct CompleteUpload {
    /// Upload to complete.
    pub upload: UploadName,
    /// Parts of the object.
    pub parts: Vec<CompletedPart>,
    /// Encryption headers of the request.
    pub encryption: EncryptionHeaders,
    /// Checksum that the object must have, without the number of parts that follows a COMPOSITE one.
    pub checksum: Option<(ChecksumAlgorithm, Vec<u8>)>,
    /// Type of that checksum, if the request names it. True: COMPOSITE.
    pub composite: Option<bool>,
    /// Plaintext bytes that the object must have.
    pub length: Option<u64>,
    /// Conditions on the object that the key has already.
    pub conditions: WriteConditions,
}

/// Part in the list of a completion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompletedPart {
    /// Number of the part.
    pub number: i64,
    /// `ETag` of the part, without quotes.
    pub etag: String,
    /// Checksum that the part must have.
    pub checksum: Option<(ChecksumAlgorithm, Vec<u8>)>,
}

/// Completed upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// Version created.
    pub committed: Committed,
    /// Checksum of the object. `None`: it has none, or the upload was completed by an earlier request.
    pub checksum: Option<Checksum>,
}

impl Engine {
    /// Completes an upload: the listed parts become a version of its key, the other ones garbage.
    ///
    /// Idempotent as long as the version is the key's newest: a client that did not receive the first response can
    /// repeat the request and gets the same response.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`], [`Error::NoSuchUpload`], [`Error::InvalidPart`], [`Error::InvalidPartOrder`],
    /// [`Error::PartTooSmall`], [`Error::UploadChecksum`], [`Error::UploadLength`], [`Error::BadChecksum`],
    /// [`Error::Encryption`], [`Error::PreconditionFailed`], [`Error::Contended`], [`Error::Store`].
    pub async fn complete_upload(&self, complete: CompleteUpload) -> Result<Completion> {
        let upload = match self.upload(&complete.upload).await {
            Ok(upload) => upload,
            Err(Error::NoSuchUpload(id)) => {
                let done = self.completed_before(&complete.upload).await?;
                return done.ok_or(Error::NoSuchUpload(id));
            }
            Err(error) => return Err(error),
        };
        let (rows, row) = (upload.bucket.rows.clone(), upload.row());
        let name = complete.upload.clone();
        match self.complete_found(upload, complete).await {
            Ok(completion) => Ok(completion),
            // After an error of the store the commit may be visible and still not durable, so it is not reported as a
            // success.
            Err(error @ (Error::Store(_) | Error::Damaged(_))) => Err(error),
            Err(error) => {
                // Two completions at once: if the other one succeeded, return its result, whatever error this one met.
                let still = rows.get::<UploadRecord>(&row).await?;
                if still.is_some() {
                    return Err(error);
                }
                let done = self.completed_before(&name).await?;
                done.ok_or(Error::NoSuchUpload(name.id))
            }
        }
    }

    /// Completes an upload that was found: checks the request, builds the version, commits it.
    async fn complete_found(&self, upload: Upload, complete: CompleteUpload) -> Result<Completion> {
        self.audit.ready()?;
        let of_upload = upload.record().checksum;
        let key = encryption::admit_completion(complete.encryption, upload.mode(), of_upload.requested)?;
        if let Some(key) = key {
            self.upload_key(&upload, key).await?;
        }
        let types_differ = complete
            .composite
            .is_some_and(|composite| of_upload.requested && composite != of_upload.composite);
        if types_differ {
            return Err(Error::UploadChecksum(format!(
                "The upload was created using the {} checksum mode. The complete request must use the same checksum mode.",
                if of_upload.composite {
                    "COMPOSITE"
                } else {
                    "FULL_OBJECT"
                }
            )));
        }

        // Choose the listed parts, and compare the checksum of the whole with the request's.
        let mut there = self.parts_that_are_there(&upload).await?;
        let chosen = choose(&upload, &complete.parts, &mut there)?;
        let checksum = upload.checksum(&chosen);
        if let Some((algorithm, value)) = &complete.checksum {
            let same = checksum
                .as_ref()
                .is_some_and(|is| is.algorithm == algorithm.name() && is.value == *value);
            if !same {
                return Err(Error::BadChecksum(algorithm.name()));
            }
        }
        // Fill the manifest.
        let (manifest_key, mut manifest) = self.upload_manifest(&upload)?;
        manifest.parts = chosen
            .iter()
            .map(|part| part.manifest(checksum.as_ref()))
            .collect();
        manifest.checksums = checksum.clone().into_iter().collect();
        let length = manifest.length();
        if let Some(requested) = complete.length.filter(|requested| *requested != length) {
            return Err(Error::UploadLength {
                requested,
                actual: length,
            });
        }
        // As on AWS, the `ETag` is the MD5 of the parts' `ETag`s, with the number of parts.
        let mut etags = Md5::new();
        for part in &chosen {
            etags.update(part.found.record.etag);
        }
        let version = NewVersion {
            object: upload.object.clone(),
            etag: format!("{}-{}", hex::encode(etags.finalize()), chosen.len()),
            content: upload.content(manifest_key),
            manifest,
            locations: chosen
                .iter()
                .map(|part| PartLocation::Blob(part.found.record.blob))
                .collect(),
            tags: upload.record().tags.clone(),
            lock: upload.record().lock,
            access: upload.access(),
        };
        let bucket = upload.bucket.clone();
        let mut parts = UploadedParts { upload, chosen };
        let committed = self
            .try_completion(&bucket, &version, &complete.conditions, &mut parts)
            .await?;
        Ok(Completion { committed, checksum })
    }

    async fn try_completion(
        &self,
        bucket: &Arc<Bucket>,
        version: &NewVersion,
        conditions: &WriteConditions,
        parts: &mut UploadedParts,
    ) -> Result<Committed> {
        retry!(MAX_WRITERS, {
            let committed = self.try_commit(bucket, version, conditions, parts).await?;
            if committed.is_none() {
                parts.still_there().await?;
            }
            committed
        })
    }

    /// Returns the result of an earlier completion, if the upload is the key's newest version.
    async fn completed_before(&self, name: &UploadName) -> Result<Option<Completion>> {
        let bucket = self.bucket(&name.bucket).await?;
        let (newest, kms) = match self.find_version(&bucket, &name.key, None).await {
            Ok((found, content)) if hex::encode(content.id) == name.id => (found.record, content.kms),
            Ok(_) | Err(Error::NoSuchKey(_) | Error::Deleted(..)) => return Ok(None),
            Err(error) => return Err(error),
        };
        Ok(Some(Completion {
            committed: Committed {
                encrypted: Encrypted::of(newest.summary.mode(), kms.as_ref(), &bucket, &name.key),
                version: bucket.version_name(&newest.summary),
                modified: newest.summary.modified,
                expiry: self.expiry(&bucket, &name.key, &newest.summary, &newest.tags),
                etag: newest.summary.etag,
            },
            // The checksum is in the manifest, which needs a key that the request may not have.
            checksum: None,
        }))
    }

    async fn parts_that_are_there(&self, upload: &Upload) -> Result<BTreeMap<u32, ChosenPart>> {
        let mut pages = Pages::<PartRecord>::new(&upload.bucket.rows, key::parts_of(upload.id));
        let mut parts = BTreeMap::new();
        while let Some(page) = pages.next().await? {
            for (row, found) in page {
                if let Some(number) = key::part_number(&row) {
                    let found = found?;
                    parts.insert(number, ChosenPart { number, row, found });
                }
            }
        }
        Ok(parts)
    }
}

/// Part that was chosen for the object.
struct ChosenPart {
    number: u32,
    row: Bytes,
    found: Found<PartRecord>,
}

impl ChosenPart {
    fn manifest(&self, of_object: Option<&Checksum>) -> ManifestPart {
        let record = &self.found.record;
        ManifestPart {
            number: self.number,
            length: record.length,
            salt: record.salt,
            checksum: of_object
                .filter(|checksum| checksum.algorithm == record.algorithm.name())
                .map(|_| record.checksum.clone()),
        }
    }
}

/// Moves the listed parts out of `there`, after checking each against the request.
fn choose(
    upload: &Upload,
    listed: &[CompletedPart],
    there: &mut BTreeMap<u32, ChosenPart>,
) -> Result<Vec<ChosenPart>> {
    if listed.is_empty() {
        return Err(Error::NoParts);
    }
    if listed.windows(2).any(|pair| pair[0].number >= pair[1].number) {
        return Err(Error::InvalidPartOrder);
    }
    let of_upload = upload.record().checksum;
    let mut chosen = Vec::with_capacity(listed.len());
    for part in listed {
        let missing = || Error::InvalidPart {
            number: u32::try_from(part.number).unwrap_or_default(),
            etag: part.etag.clone(),
        };
        let number = u32::try_from(part.number).map_err(|_| missing())?;
        let found = there.remove(&number).ok_or_else(missing)?;
        let record = &found.found.record;
        if hex::encode(record.etag) != part.etag.to_ascii_lowercase() {
            return Err(missing());
        }
        match &part.checksum {
            Some((algorithm, value)) if *algorithm != record.algorithm || *value != record.checksum => {
                return Err(missing());
            }
            None if of_upload.composite => {
                let name = of_upload.algorithm.name().to_ascii_lowercase();
                return Err(Error::UploadChecksum(format!(
                    "The upload was created using a {name} checksum. The complete request must include the checksum for \
                     each part. It was missing for part {number} in the request."
                )));
            }
            _ => {}
        }
        chosen.push(found);
    }
    // All parts but the last must have the minimum size.
    let small = chosen
        .iter()
        .rev()
        .skip(1)
        .rev()
        .find(|part| part.found.record.length < MIN_PART_BYTES);
    match small {
        Some(part) => Err(Error::PartTooSmall {
            number: part.number,
            length: part.found.record.length,
            etag: hex::encode(part.found.record.etag),
        }),
        None => Ok(chosen),
    }
}

impl Upload {
    /// Returns the checksum of the object made of these parts. `None`: the parts have no algorithm in common, or, as on
    /// AWS, none was requested and the upload has a customer's key.
    fn checksum(&self, parts: &[ChosenPart]) -> Option<Checksum> {
        let of_upload = self.record().checksum;
        let algorithm = parts.first()?.found.record.algorithm;
        let same = parts.iter().all(|part| part.found.record.algorithm == algorithm);
        if !same || (!of_upload.requested && self.mode() == Mode::Customer) {
            return None;
        }
        let records = parts.iter().map(|part| &part.found.record);
        let value = if of_upload.composite {
            let all: Vec<u8> = records.flat_map(|part| part.checksum.iter().copied()).collect();
            checksum_of(algorithm, &all)
        } else {
            joined(
                algorithm,
                records.map(|part| (part.checksum.as_slice(), part.length)),
            )?
        };
        Some(algorithm.checksum(value, of_upload.composite))
    }
}

/// Parts of an upload as the owner of a version's content.
struct UploadedParts {
    upload: Upload,
    chosen: Vec<ChosenPart>,
}

impl UploadedParts {
    /// Checks that a refused commit can be tried again: the upload and its parts are unchanged.
    async fn still_there(&self) -> Result<()> {
        let upload = self
            .upload
            .bucket
            .rows
            .get::<UploadRecord>(&self.upload.row())
            .await?;
        let upload = upload.ok_or_else(|| self.upload.gone())?;
        if !self.upload.found.is_still(&upload) {
            // The upload's key was rewrapped: the version was prepared from the old row and has to be prepared again.
            return Err(Error::Contended);
        }
        for part in &self.chosen {
            let now = self.upload.bucket.rows.get::<PartRecord>(&part.row).await?;
            if now.is_none_or(|now| now.record != part.found.record) {
                return Err(Error::InvalidPart {
                    number: part.number,
                    etag: hex::encode(part.found.record.etag),
                });
            }
        }
        Ok(())
    }
}

impl ContentOwner for UploadedParts {
    async fn add_rows(&mut self, engine: &Engine, _: &Bucket, batch: &mut Batch, _: bool) -> Result<()> {
        engine.end(batch, &self.upload)?;
        for part in &self.chosen {
            batch.expect(part.row.clone(), Some(&part.found));
            batch.delete(part.row.clone());
            Usage::of_part(&part.found.record).subtract_from(batch);
        }
        Ok(())
    }

    fn makes_garbage(&self) -> bool {
        true
    }
}
