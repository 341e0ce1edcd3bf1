//! GET and HEAD of an object.

use crate::content::read::{LengthCheck, PlaintextStream};
use crate::encryption::Encrypted;
use crate::engine::Engine;
use crate::model::checksum::ChecksumAlgorithm;
use crate::model::condition::{ByteRange, ReadConditions};
use crate::model::encryption_headers::EncryptionHeaders;
use crate::model::error::{Error, Result};
use crate::model::lock::Lock;
use crate::model::version_name::VersionName;
use crate::version::expiry::Expiry;
use crate::version::open::OpenVersion;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use strongroom_seal::{Checksum, ManifestPart};
use strongroom_store::StoreError;

/// Parameters of a read.
#[derive(Clone, Debug, Default)]
pub struct ReadObject {
    /// Name of the bucket.
    pub bucket: String,
    /// Key of the object.
    pub key: String,
    /// Version to read. `None`: the newest.
    pub version: Option<VersionName>,
    /// Conditions on the object.
    pub conditions: ReadConditions,
    /// Bytes to read.
    pub select: Select,
}

/// Bytes of an object to read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Select {
    /// All bytes.
    #[default]
    All,
    /// Byte range.
    Range(ByteRange),
    /// Bytes of the part with this number.
    Part(u32),
}

/// Metadata of an object, for callers that can decrypt it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectInfo {
    /// Name of the version. `None`: the bucket never kept versions.
    pub version: Option<VersionName>,
    /// `ETag`, without quotes.
    pub etag: String,
    /// Plaintext bytes.
    pub length: u64,
    /// Time of the last modification, in microseconds since 1970.
    pub modified: u64,
    /// Encryption of the object.
    pub encrypted: Encrypted,
    /// Content headers by lower-case name.
    pub headers: BTreeMap<String, String>,
    /// User metadata by name.
    pub metadata: BTreeMap<String, String>,
    /// Expiration by lifecycle rules. `None`: no rule applies, or this is not the newest version.
    pub expiry: Option<Expiry>,
    /// Number of tags.
    pub tags: usize,
    /// Retention and legal hold.
    pub lock: Lock,
    /// Checksums over the plaintext: those of the part, if a part was requested.
    pub checksums: Vec<Checksum>,
    /// Number of parts of a multipart upload. `None`: uploaded as a whole.
    pub parts: Option<usize>,
}

/// Part of an object that was uploaded in parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectPart {
    /// Number of the part.
    pub number: u32,
    /// Plaintext bytes.
    pub length: u64,
    /// Checksum of the part.
    pub checksum: Option<Checksum>,
}

/// Object being read.
pub struct Object {
    /// Metadata of the object.
    pub info: ObjectInfo,
    /// Byte range that `content` returns.
    pub range: Range<u64>,
    /// Plaintext of the range.
    pub content: PlaintextStream,
}

impl ReadObject {
    /// Returns the bytes to read of an object with this `etag`, last modified at `modified`: all of them if the range was
    /// requested of another state of the object.
    pub fn select_of(&self, etag: &str, modified: u64) -> Select {
        match self.select {
            Select::Range(_) if !self.conditions.admits_range(etag, modified) => Select::All,
            select => select,
        }
    }
}

impl Engine {
    /// Returns the metadata of an object, and the byte range that the request selects.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`], [`Error::NoSuchKey`], [`Error::NoSuchVersion`], [`Error::Deleted`],
    /// [`Error::IsDeleteMarker`], [`Error::Encryption`], [`Error::PreconditionFailed`], [`Error::NotModified`],
    /// [`Error::InvalidRange`], [`Error::InvalidPartNumber`], [`Error::Damaged`], [`Error::Store`]. The key is checked
    /// before the conditions: callers without it learn nothing about the object.
    pub async fn head_object(
        &self,
        read: &ReadObject,
        encryption: EncryptionHeaders,
    ) -> Result<(ObjectInfo, Range<u64>)> {
        let (version, range) = self.open_for(read, encryption).await?;
        Ok((self.info(&version, read), range))
    }

    /// Returns the metadata of an object and its parts. An object that was uploaded as a whole has no parts.
    ///
    /// # Errors
    /// As [`Self::head_object`].
    pub async fn object_parts(
        &self,
        read: &ReadObject,
        encryption: EncryptionHeaders,
    ) -> Result<(ObjectInfo, Vec<ObjectPart>)> {
        let (version, _) = self.open_for(read, encryption).await?;
        let mut parts = Vec::new();
        if version.is_multipart() {
            parts.extend(version.manifest.parts.iter().map(|part| ObjectPart {
                number: part.number,
                length: part.length,
                checksum: version.checksum_of(part),
            }));
        }
        Ok((self.info(&version, read), parts))
    }

    /// Reads an object, or a range of it.
    ///
    /// Calls `encryption` again each time the object is replaced while it is being opened.
    ///
    /// # Errors
    /// As [`Self::head_object`].
    pub async fn get_object(
        &self,
        read: &ReadObject,
        encryption: impl Fn() -> EncryptionHeaders,
    ) -> Result<Object> {
        self.get_object_within(read, encryption, |_| Ok(())).await
    }

    /// Works like [`Self::get_object`]. Calls `admit` with the number of bytes that will be read before the first of them
    /// is, again each time the object is replaced while it is being opened.
    ///
    /// # Errors
    /// As [`Self::head_object`]; that of `admit`.
    pub async fn get_object_within(
        &self,
        read: &ReadObject,
        encryption: impl Fn() -> EncryptionHeaders,
        admit: impl Fn(u64) -> Result<()>,
    ) -> Result<Object> {
        self.read_object(read, encryption, admit, LengthCheck::Strict)
            .await
    }

    /// Works like [`Self::get_object`], for a damaged store: a part that was truncated or extended is read as far as it
    /// can be decrypted.
    ///
    /// # Errors
    /// As [`Self::head_object`].
    pub async fn salvage_object(
        &self,
        read: &ReadObject,
        encryption: impl Fn() -> EncryptionHeaders,
    ) -> Result<Object> {
        self.read_object(read, encryption, |_| Ok(()), LengthCheck::Lenient)
            .await
    }

    async fn read_object(
        &self,
        read: &ReadObject,
        encryption: impl Fn() -> EncryptionHeaders,
        admit: impl Fn(u64) -> Result<()>,
        length_check: LengthCheck,
    ) -> Result<Object> {
        let mut missed = None;
        loop {
            let (version, range) = self.open_for(read, encryption()).await?;
            admit(range.end - range.start)?;
            match self.content_with(&version, range.clone(), length_check).await {
                Ok(content) => {
                    return Ok(Object {
                        info: self.info(&version, read),
                        range,
                        content,
                    });
                }
                // Replaced and collected since it was looked up: the next read finds the newer version.
                Err(Error::Store(StoreError::NotFound(_))) if missed != Some(version.summary.version) => {
                    missed = Some(version.summary.version);
                }
                Err(Error::Store(StoreError::NotFound(what))) => {
                    return Err(Error::Damaged(format!(
                        "{}/{:?}: the {what} is missing",
                        read.bucket, read.key
                    )));
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn info(&self, version: &OpenVersion, read: &ReadObject) -> ObjectInfo {
        let record = &version.record.record;
        let summary = &version.summary;
        let expiry = || self.expiry(&version.bucket, &read.key, summary, &record.tags);
        ObjectInfo {
            version: version.bucket.version_name(summary),
            etag: summary.etag.clone(),
            length: summary.length,
            modified: summary.modified,
            encrypted: version.encrypted(),
            headers: version.manifest.headers.clone(),
            metadata: version.manifest.metadata.clone(),
            expiry: read.version.is_none().then(expiry).flatten(),
            tags: record.tags.len(),
            lock: record.lock,
            checksums: version.checksums(read.select),
            parts: version.is_multipart().then_some(version.manifest.parts.len()),
        }
    }

    async fn open_for(
        &self,
        read: &ReadObject,
        encryption: EncryptionHeaders,
    ) -> Result<(Arc<OpenVersion>, Range<u64>)> {
        let version = self
            .open_version(&read.bucket, &read.key, read.version, encryption)
            .await?;
        read.conditions
            .judge(&version.summary.etag, version.summary.modified)?;
        let select = read.select_of(&version.summary.etag, version.summary.modified);
        let range = version.range(select)?;
        Ok((version, range))
    }
}

impl OpenVersion {
    /// Returns the encryption of the version for responses.
    pub(crate) fn encrypted(&self) -> Encrypted {
        Encrypted::of(self.summary.mode(), self.kms.as_ref(), &self.bucket, &self.object)
    }

    /// Returns whether the object was uploaded in parts. Its `ETag` shows it, also after the encryption was changed.
    fn is_multipart(&self) -> bool {
        self.summary.etag.contains('-')
    }

    fn range(&self, select: Select) -> Result<Range<u64>> {
        match select {
            Select::All => Ok(0..self.summary.length),
            Select::Range(range) => range.within(self.summary.length),
            Select::Part(number) => {
                let mut start = 0;
                for part in &self.manifest.parts {
                    if part.number == number {
                        return Ok(start..start + part.length);
                    }
                    start += part.length;
                }
                Err(Error::InvalidPartNumber {
                    requested: number,
                    parts: self.manifest.parts.len(),
                })
            }
        }
    }

    fn checksum_of(&self, part: &ManifestPart) -> Option<Checksum> {
        let of_object = self.manifest.checksums.first()?;
        Some(Checksum {
            algorithm: of_object.algorithm.clone(),
            value: part.checksum.clone()?,
            composite: of_object.composite,
        })
    }

    fn checksums(&self, select: Select) -> Vec<Checksum> {
        match select {
            Select::Part(number) if self.is_multipart() => {
                let part = self.manifest.parts.iter().find(|part| part.number == number);
                part.and_then(|part| self.checksum_of(part)).into_iter().collect()
            }
            _ => self.manifest.checksums.clone(),
        }
    }

    /// Returns the algorithm of the object's checksum.
    pub(crate) fn checksum_algorithm(&self) -> Option<ChecksumAlgorithm> {
        ChecksumAlgorithm::named(&self.manifest.checksums.first()?.algorithm)
    }
}
