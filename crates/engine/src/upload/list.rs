//! Lists uploads, and the parts of an upload. Requires no key.

use crate::engine::Engine;
use crate::model::acl::Initiator;
use crate::model::checksum::UploadChecksum;
use crate::model::encryption_headers::EncryptionHeaders;
use crate::model::error::Result;
use crate::model::limits::MAX_PARTS;
use crate::model::owner::BucketOwner;
use crate::model::upload_name::UploadName;
use crate::object::walk::{Page, Scope, Step};
use crate::rows::key;
use crate::rows::record::{PartRecord, UploadRecord};
use strongroom_rows::key as row_key;
use strongroom_seal::Checksum;
use strongroom_seal::Mode;

/// Parameters of a listing of uploads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListUploads {
    /// Keys to list.
    pub scope: Scope,
    /// Only keys and common prefixes after this one; with [`Self::after_upload`] also this key.
    pub after: String,
    /// Only uploads of the key [`Self::after`] that were begun after this one.
    pub after_upload: Option<String>,
    /// Maximum number of uploads and common prefixes.
    pub limit: usize,
}

/// Listed upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedUpload {
    /// Key of the object.
    pub key: String,
    /// Id of the upload.
    pub id: String,
    /// Time at which the upload was begun, in microseconds since 1970.
    pub begun: u64,
    /// Checksum of the upload.
    pub checksum: UploadChecksum,
    /// Owner of the future object.
    pub owner: BucketOwner,
    /// Caller that began the upload. `None`: its request was not signed.
    pub initiator: Option<Initiator>,
}

/// Page of an upload's parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartsPage {
    /// Parts in the order of their numbers.
    pub parts: Vec<ListedPart>,
    /// True if there are more parts after the last one.
    pub truncated: bool,
    /// Checksum of the upload.
    pub checksum: UploadChecksum,
    /// Mode of the parts' encryption.
    pub mode: Mode,
    /// Owner of the future object.
    pub owner: BucketOwner,
    /// Caller that began the upload. `None`: its request was not signed.
    pub initiator: Option<Initiator>,
}

/// Listed part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedPart {
    /// Number of the part.
    pub number: u32,
    /// `ETag`, without quotes.
    pub etag: String,
    /// Plaintext bytes.
    pub length: u64,
    /// Time at which the part was written, in microseconds since 1970.
    pub modified: u64,
    /// Checksum of the part. `None`: the upload has a customer's key and the caller did not send it.
    pub checksum: Option<Checksum>,
}

impl Engine {
    /// Lists the uploads of a bucket that are in progress, in byte order of their keys, those of one key oldest first.
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
            from = row_key::after(&key::upload(&list.after, id))
                .max(key::of_key(key::UPLOAD, &list.scope.prefix));
        }
        let make = |step: Step<UploadRecord>| ListedUpload {
            key: step.object,
            id: hex::encode(step.id.unwrap_or_default()),
            begun: step.record.begun,
            checksum: step.record.checksum,
            owner: bucket.owner_of(step.record.owner),
            initiator: step.record.initiator,
        };
        self.walk(&bucket, key::UPLOAD, &list.scope, from, list.limit, make)
            .await
    }

    /// Lists at most `limit` parts of an upload with numbers after `after`. A customer's key is only needed for their
    /// checksums.
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
        let from = key::part(upload.id, after.min(MAX_PARTS) + 1);
        let mut rows = upload
            .bucket
            .rows
            .scan::<PartRecord>(&prefix, from, limit.saturating_add(1))
            .await?;
        let truncated = rows.len() > limit;
        rows.truncate(limit);
        let parts = rows.into_iter().filter_map(|(row, found)| {
            let part = found.record;
            Some(ListedPart {
                number: key::part_number(&row)?,
                etag: hex::encode(part.etag),
                length: part.length,
                modified: part.modified,
                checksum: tells.then(|| part.algorithm.checksum(part.checksum, false)),
            })
        });
        Ok(PartsPage {
            parts: parts.collect(),
            truncated,
            checksum: upload.record().checksum,
            mode: upload.mode(),
            owner: upload.bucket.owner_of(upload.record().owner),
            initiator: upload.record().initiator.clone(),
        })
    }
}
