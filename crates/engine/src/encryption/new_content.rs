//! Id, keys and envelope of a content, created before the content is written.

use crate::encryption::{Decision, Encrypted};
use crate::engine::Engine;
use crate::engine::pending::PendingKeyEvent;
use crate::model::error::Result;
use crate::process::buckets_in_use::Bucket;
use crate::rows::record::KmsRecord;
use strongroom_audit::KeyUse;
use strongroom_seal::{DataKey, Envelope, ManifestKey, Mode, keys::Wrapped as _, random};

/// Content that no version holds yet. The commit of its version needs only the manifest key, not the data key.
pub(crate) struct SealedContentKeys {
    pub(crate) id: [u8; 16],
    pub(crate) envelope: Envelope,
    /// KMS key of the envelope. `None`: the mode is not SSE-KMS.
    pub(crate) kms: Option<KmsRecord>,
    pub(crate) manifest_key: ManifestKey,
}

impl SealedContentKeys {
    /// Returns the encryption of the content for responses.
    pub(crate) fn encrypted(&self, bucket: &Bucket, object: &str) -> Encrypted {
        Encrypted::of(self.envelope.mode(), self.kms.as_ref(), bucket, object)
    }

    /// Returns the audit event for a use of the outer key.
    pub(crate) fn event(&self, what: KeyUse, bucket: &Bucket) -> PendingKeyEvent {
        PendingKeyEvent::new(what, &bucket.name, self.envelope.mode(), self.envelope.outer_id())
    }
}

impl Engine {
    /// Creates a content for the key `object`. Returns it with the data key that encrypts its parts.
    pub(crate) async fn new_content_keys(
        &self,
        bucket: &Bucket,
        object: &str,
        decision: &Decision,
    ) -> Result<(SealedContentKeys, DataKey)> {
        let data_key = DataKey::generate(&*self.random)?;
        let id = random::bytes(&*self.random)?;
        let content = self
            .wrap_content_keys(bucket, object, id, &data_key, decision)
            .await?;
        Ok((content, data_key))
    }

    /// Returns the content with this id and data key, wrapped according to `decision`.
    pub(crate) async fn wrap_content_keys(
        &self,
        bucket: &Bucket,
        object: &str,
        id: [u8; 16],
        data_key: &DataKey,
        decision: &Decision,
    ) -> Result<SealedContentKeys> {
        self.audit.ready()?;
        let issued = match decision {
            Decision::Kms(wish) => Some(self.issue(bucket, object, wish).await?),
            Decision::S3 | Decision::Customer(_) => None,
        };
        let (outer, outer_id, mode) = match (decision, &issued) {
            (Decision::Customer(key), _) => (key, "", Mode::Customer),
            (_, Some((issued, _))) => (&*issued.key, issued.key_id.as_str(), Mode::Kms),
            (_, None) => (&bucket.key, bucket.key_id.as_str(), Mode::S3),
        };
        let place = bucket.place(object, id);
        Ok(SealedContentKeys {
            id,
            envelope: Envelope::wrap(outer, outer_id, data_key, mode, place, &*self.random)?,
            kms: issued.map(|(_, record)| record),
            manifest_key: ManifestKey::of(data_key)?,
        })
    }
}
