//! Listing uploads, and the parts of one. Needs no key.

use crate::engine::Engine;
use crate::model::checksum::{ChecksumAlgorithm, UploadChecksum};
use crate::model::encryption_headers::EncryptionHeaders;
use crate::model::error::Result;
use crate::model::limits::MOST_PARTS;
use crate::model::upload_name::UploadName;
use crate::object::walk::{Page, Scope, Step};
use crate::rows::key;
use crate::rows::record::{PartRecord, UploadRecord};
use strongroom_seal::Checksum;
use strongroom_seal::Mode;

/// Which uploads to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListUploads {
    /// Which keys.
    pub scope: Scope,
    /// Only keys, and common prefixes, after this; with [`Self::after_upload`] this key too.
    pub after: String,
    /// Only uploads of the key [`Self::after`] that were begun after this one.
    pub after_upload: Option<String>,
    /// How many uploads and common prefixes at most.
    pub limit: usize,
}

/// What a listing tells of an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedUpload {
    /// The object key.
    pub key: String,
    /// The upload's id.
    pub id: String,
    /// When it was begun, in microseconds since 1970.
    pub begun: u64,
    /// Its checksum.
    pub checksum: UploadChecksum,
}

/// Parts of an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartsPage {
    /// In the order of their numbers.
    pub parts: Vec<ListedPart>,
    /// There are more after the last one.
    pub truncated: bool,
    /// The upload's checksum.
    pub checksum: UploadChecksum,
    /// How they are encrypted.
    pub mode: Mode,
}

/// What a listing tells of a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedPart {
    /// Its number.
    pub number: u32,
    /// Its `ETag`, without quotes.
    pub etag: String,
    /// Plain bytes.
    pub length: u64,
    /// When it was written, in microseconds since 1970.
    pub modified: u64,
    /// Its checksum; not told of an upload with a customer's key to who does not have that.
    pub checksum: Option<Checksum>,
}

impl Engine {
    /// Lists the uploads of a bucket that are under way, in byte order of their keys, those of a key oldest first.
    ///
    /// # Errors
    /// [`crate::Error::NoSuchBucket`], [`crate::Error::Damaged`], [`crate::Error::Store`].
    pub async fn list_uploads(&self, bucket: &str, list: &ListUploads) -> Result<Page<ListedUpload>> {
        let bucket = self.bucket(bucket).await?;
        let mut from = list.scope.start(key::UPLOAD, &list.after);
        let mut id = [0; 16];
        if let Some(after) = &list.after_upload
            && hex::decode_to_slice(after, &mut id).is_ok()
            && list.scope.common_prefix(&list.after).is_none()
        {
            from =
                key::after(&key::upload(&list.after, id)).max(key::of_key(key::UPLOAD, &list.scope.prefix));
        }
        let make = |step: Step<UploadRecord>| ListedUpload {
            key: step.object,
            id: hex::encode(step.id.unwrap_or_default()),
            begun: step.record.begun,
            checksum: step.record.checksum,
        };
        self.walk(&bucket, key::UPLOAD, &list.scope, from, list.limit, make)
            .await
    }

    /// Lists the parts of an upload that come after the number `after`, `limit` at most. A customer's key is only needed
    /// for their checksums.
    ///
    /// # Errors
    /// [`crate::Error::NoSuchBucket`], [`crate::Error::NoSuchUpload`], [`crate::Error::Store`].
    pub async fn list_parts(
        &self,
        name: &UploadName,
        after: u32,
        limit: usize,
        encryption: EncryptionHeaders,
    ) -> Result<PartsPage> {
        let upload = self.upload(name).await?;
        let tells = upload.mode() != Mode::Customer || self.upload_key(&upload, encryption).await.is_ok();
        let prefix = key::parts_of(upload.id);
        let from = key::part(upload.id, after.min(MOST_PARTS) + 1);
        let mut rows = self
            .rows
            .scan::<PartRecord>(upload.bucket.id, &prefix, from, limit.saturating_add(1))
            .await?;
        let truncated = rows.len() > limit;
        rows.truncate(limit);
        let parts = rows.into_iter().filter_map(|(row, part)| {
            Some(ListedPart {
                number: key::part_number(&row)?,
                etag: hex::encode(part.etag),
                length: part.length,
                modified: part.modified,
                checksum: tells.then(|| checksum(part.algorithm, part.checksum)),
            })
        });
        Ok(PartsPage {
            parts: parts.collect(),
            truncated,
            checksum: upload.record().checksum,
            mode: upload.mode(),
        })
    }
}

fn checksum(algorithm: ChecksumAlgorithm, value: Vec<u8>) -> Checksum {
    Checksum {
        algorithm: algorithm.name().to_owned(),
        value,
        composite: false,
    }
}
