//! Finds the key of an object among several, by its envelope alone.

use crate::encryption::data_key::Sealed;
use crate::engine::Engine;
use crate::model::encryption_headers::EncryptionHeaders;
use crate::model::error::{Error, Result};
use crate::model::version_name::VersionName;
use strongroom_seal::Envelope;

impl Engine {
    /// Returns the index of the first customer key in `candidates` that opens the newest version of a key, or the named
    /// one. `None`: none does. Reads no content.
    ///
    /// # Errors
    /// Those of [`Self::head_object`], except that of a wrong key.
    pub async fn try_keys(
        &self,
        bucket: &str,
        object: &str,
        version: Option<VersionName>,
        candidates: Vec<EncryptionHeaders>,
    ) -> Result<Option<usize>> {
        let bucket = self.bucket(bucket).await?;
        let (found, content) = self.find_version(&bucket, object, version).await?;
        let summary = &found.record.summary;
        let envelope = Envelope::from_bytes(&content.envelope).map_err(|error| {
            Error::Damaged(format!(
                "{}/{object:?} version {}: {error}",
                bucket.name,
                hex::encode(summary.version)
            ))
        })?;
        let sealed = Sealed {
            bucket: &bucket,
            object,
            content: content.id,
            envelope: &envelope,
            kms: content.kms.as_ref(),
            version: Some(&summary.name().to_string()),
        };
        self.find_key(sealed, candidates).await
    }
}
