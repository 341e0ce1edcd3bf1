//! The properties of a version that are known without its key.

use crate::encryption::Encrypted;
use crate::engine::Engine;
use crate::model::error::{Error, Result};
use crate::model::lock::Lock;
use crate::model::version_name::VersionName;
use strongroom_seal::Envelope;

/// Properties of a version that are known without its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectSummary {
    /// Name of the version. `None`: the bucket never kept versions.
    pub version: Option<VersionName>,
    /// `ETag`, without quotes.
    pub etag: String,
    /// Plaintext bytes.
    pub length: u64,
    /// Time of the last modification, in microseconds since 1970.
    pub modified: u64,
    /// Encryption of the version.
    pub encrypted: Encrypted,
    /// Number of tags.
    pub tags: usize,
    /// Retention and legal hold.
    pub lock: Lock,
}

impl Engine {
    /// Returns what is known without its key of the newest version of a key, or of the named one.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`], [`Error::NoSuchKey`], [`Error::NoSuchVersion`], [`Error::Deleted`],
    /// [`Error::IsDeleteMarker`], [`Error::Damaged`], [`Error::Store`].
    pub async fn object_summary(
        &self,
        bucket: &str,
        object: &str,
        version: Option<VersionName>,
    ) -> Result<ObjectSummary> {
        let bucket = self.bucket(bucket).await?;
        let (found, content) = self.find_version(&bucket, object, version).await?;
        let record = &found.record;
        let summary = &record.summary;
        let envelope = Envelope::from_bytes(&content.envelope).map_err(|error| {
            Error::Damaged(format!(
                "{}/{object:?} version {}: {error}",
                bucket.name,
                hex::encode(summary.version)
            ))
        })?;
        Ok(ObjectSummary {
            version: bucket.version_name(summary),
            etag: summary.etag.clone(),
            length: summary.length,
            modified: summary.modified,
            encrypted: Encrypted::of(envelope.mode(), content.kms.as_ref(), &bucket, object),
            tags: record.tags.len(),
            lock: record.lock,
        })
    }
}
