//! GET and HEAD of an object.

use crate::content::read::{Content, Lengths};
use crate::encryption::Encrypted;
use crate::engine::Engine;
use crate::model::checksum::ChecksumAlgorithm;
use crate::model::condition::{RangeAsked, ReadConditions};
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

/// Which object to read, and what of it.
#[derive(Clone, Debug, Default)]
pub struct ReadObject {
    /// The bucket's name.
    pub bucket: String,
    /// The object key.
    pub key: String,
    /// The version; the newest one without.
    pub version: Option<VersionName>,
    /// Conditions on what is there.
    pub conditions: ReadConditions,
    /// Which of its bytes.
    pub select: Select,
}

/// Which bytes of an object to read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Select {
    /// All of them.
    #[default]
    All,
    /// A range.
    Range(RangeAsked),
    /// Those of the part with this number.
    Part(u32),
}

/// What is told of an object to who may open it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectInfo {
    /// Its version, in a bucket that keeps, or kept, versions.
    pub version: Option<VersionName>,
    /// Its `ETag`, without quotes.
    pub etag: String,
    /// Plain bytes.
    pub length: u64,
    /// When it was last modified, in microseconds since 1970.
    pub modified: u64,
    /// How it is encrypted.
    pub encrypted: Encrypted,
    /// Content headers by lower-case name.
    pub headers: BTreeMap<String, String>,
    /// User metadata by name.
    pub metadata: BTreeMap<String, String>,
    /// When it expires, if it is the newest version.
    pub expiry: Option<Expiry>,
    /// How many tags it has.
    pub tags: usize,
    /// What keeps it from being deleted.
    pub lock: Lock,
    /// Checksums over the plaintext; of a part, if a part was asked for.
    pub checksums: Vec<Checksum>,
    /// How many parts it was uploaded in; none if it was put whole.
    pub parts: Option<usize>,
}

/// A part of an object that was uploaded in parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectPart {
    /// Its number.
    pub number: u32,
    /// Plain bytes.
    pub length: u64,
    /// Its checksum.
    pub checksum: Option<Checksum>,
}

/// An object being read.
pub struct Object {
    /// What is told of it.
    pub info: ObjectInfo,
    /// The bytes that `content` gives.
    pub range: Range<u64>,
    /// Its plain bytes.
    pub content: Content,
}

impl Engine {
    /// What is told of an object, and which bytes of it are meant.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`], [`Error::NoSuchKey`], [`Error::NoSuchVersion`], [`Error::Deleted`],
    /// [`Error::IsDeleteMarker`], [`Error::Encryption`], [`Error::PreconditionFailed`], [`Error::NotModified`],
    /// [`Error::InvalidRange`], [`Error::InvalidPartNumber`], [`Error::Damaged`], [`Error::Store`]. The key is judged
    /// before the conditions: nothing is told to who does not have it.
    pub async fn head_object(
        &self,
        read: &ReadObject,
        encryption: EncryptionHeaders,
    ) -> Result<(ObjectInfo, Range<u64>)> {
        let (version, range) = self.open_for(read, encryption).await?;
        Ok((self.info(&version, read), range))
    }

    /// The parts of an object, with what is told of it; no parts if it was put whole.
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
    /// `encryption` is asked for anew each time the object is replaced while it is being opened.
    ///
    /// # Errors
    /// As [`Self::head_object`].
    pub async fn get_object(
        &self,
        read: &ReadObject,
        encryption: impl Fn() -> EncryptionHeaders,
    ) -> Result<Object> {
        self.read_object(read, encryption, Lengths::Judged).await
    }

    /// As [`Self::get_object`], from a store that is damaged: a part that was cut, or has grown, is read as far as it
    /// opens.
    ///
    /// # Errors
    /// As [`Self::head_object`].
    pub async fn salvage_object(
        &self,
        read: &ReadObject,
        encryption: impl Fn() -> EncryptionHeaders,
    ) -> Result<Object> {
        self.read_object(read, encryption, Lengths::PassedOver).await
    }

    async fn read_object(
        &self,
        read: &ReadObject,
        encryption: impl Fn() -> EncryptionHeaders,
        lengths: Lengths,
    ) -> Result<Object> {
        let mut missed = None;
        loop {
            let (version, range) = self.open_for(read, encryption()).await?;
            match self.content_with(&version, range.clone(), lengths).await {
                Ok(content) => {
                    return Ok(Object {
                        info: self.info(&version, read),
                        range,
                        content,
                    });
                }
                // Replaced and collected since it was looked up: the next look finds the newer one.
                Err(Error::Store(StoreError::NotFound(_))) if missed != Some(version.facts.version) => {
                    missed = Some(version.facts.version);
                }
                Err(Error::Store(StoreError::NotFound(what))) => {
                    return Err(Error::Damaged(format!(
                        "{}/{:?} has lost its {what}",
                        read.bucket, read.key
                    )));
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn info(&self, version: &OpenVersion, read: &ReadObject) -> ObjectInfo {
        let record = &version.record.record;
        let facts = &version.facts;
        let expiry = || self.expiry(&version.bucket, &read.key, facts, &record.tags);
        ObjectInfo {
            version: version.bucket.tell(facts),
            etag: facts.etag.clone(),
            length: facts.length,
            modified: facts.modified,
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
            .judge(&version.facts.etag, version.facts.modified)?;
        let range = version.range(read.select)?;
        Ok((version, range))
    }
}

impl OpenVersion {
    /// How it is encrypted, as answers tell it.
    pub(crate) fn encrypted(&self) -> Encrypted {
        Encrypted {
            mode: self.facts.mode(),
            kms: self.kms.as_ref().map(|kms| kms.told(&self.bucket, &self.object)),
        }
    }

    /// Whether it was uploaded in parts: its `ETag` says so, and stays when the encryption changes.
    fn is_multipart(&self) -> bool {
        self.facts.etag.contains('-')
    }

    fn range(&self, select: Select) -> Result<Range<u64>> {
        match select {
            Select::All => Ok(0..self.facts.length),
            Select::Range(range) => range.within(self.facts.length),
            Select::Part(number) => {
                let mut start = 0;
                for part in &self.manifest.parts {
                    if part.number == number {
                        return Ok(start..start + part.length);
                    }
                    start += part.length;
                }
                Err(Error::InvalidPartNumber {
                    asked: number,
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

    /// The algorithm of its checksum.
    pub(crate) fn checksum_algorithm(&self) -> Option<ChecksumAlgorithm> {
        ChecksumAlgorithm::named(&self.manifest.checksums.first()?.algorithm)
    }
}
