//! GET and HEAD of an object.

use crate::condition::{RangeAsked, ReadConditions};
use crate::encryption::EncryptionHeaders;
use crate::open::{Content, OpenVersion};
use crate::{Engine, Error, Mode, Result};
use std::collections::BTreeMap;
use std::ops::Range;
use strongroom_seal::Checksum;
use strongroom_store::StoreError;

/// What is told of an object to who may open it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectInfo {
    /// Its `ETag`, without quotes.
    pub etag: String,
    /// Plain bytes.
    pub length: u64,
    /// When it was last modified, in microseconds since 1970.
    pub modified: u64,
    /// How it is encrypted.
    pub mode: Mode,
    /// Content headers by lower-case name.
    pub headers: BTreeMap<String, String>,
    /// User metadata by name.
    pub metadata: BTreeMap<String, String>,
    /// Checksums over the plaintext.
    pub checksums: Vec<Checksum>,
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
    /// What is told of an object.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`], [`Error::NoSuchKey`], [`Error::Encryption`], [`Error::PreconditionFailed`],
    /// [`Error::NotModified`], [`Error::InvalidRange`], [`Error::Damaged`], [`Error::Store`]. The key is judged before
    /// the conditions: nothing is told to who does not have it.
    pub async fn head_object(
        &self,
        bucket: &str,
        key: &str,
        encryption: EncryptionHeaders,
        conditions: &ReadConditions,
        range: Option<RangeAsked>,
    ) -> Result<(ObjectInfo, Range<u64>)> {
        let version = self.open_current(bucket, key, encryption).await?;
        conditions.judge(&version.facts.etag, version.facts.modified)?;
        let range = within(range, version.facts.length)?;
        Ok((version.into_info(), range))
    }

    /// Reads an object, or a range of it.
    ///
    /// `encryption` is asked for anew each time the object is replaced while it is being opened.
    ///
    /// # Errors
    /// As [`Self::head_object`].
    pub async fn get_object(
        &self,
        bucket: &str,
        key: &str,
        encryption: impl Fn() -> EncryptionHeaders,
        conditions: &ReadConditions,
        range: Option<RangeAsked>,
    ) -> Result<Object> {
        let mut missed = None;
        loop {
            let version = self.open_current(bucket, key, encryption()).await?;
            conditions.judge(&version.facts.etag, version.facts.modified)?;
            let range = within(range, version.facts.length)?;
            match self.content(&version, range.clone()).await {
                Ok(content) => {
                    return Ok(Object {
                        info: version.into_info(),
                        range,
                        content,
                    });
                }
                // Replaced and collected since it was looked up: the next look finds the newer one.
                Err(Error::Store(StoreError::NotFound(_))) if missed != Some(version.facts.version) => {
                    missed = Some(version.facts.version);
                }
                Err(Error::Store(StoreError::NotFound(what))) => {
                    return Err(Error::Damaged(format!("{bucket}/{key:?} has lost its {what}")));
                }
                Err(error) => return Err(error),
            }
        }
    }
}

fn within(range: Option<RangeAsked>, length: u64) -> Result<Range<u64>> {
    range.map_or(Ok(0..length), |range| range.within(length))
}

impl OpenVersion {
    fn into_info(self) -> ObjectInfo {
        ObjectInfo {
            mode: if self.facts.is_customer() {
                Mode::Customer
            } else {
                Mode::S3
            },
            etag: self.facts.etag,
            length: self.facts.length,
            modified: self.facts.modified,
            headers: self.manifest.headers,
            metadata: self.manifest.metadata,
            checksums: self.manifest.checksums,
        }
    }
}
