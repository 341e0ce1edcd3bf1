//! A content before it is written: its id, its keys, and the envelope that they will be found in again.

use crate::encryption::{Decision, Encrypted};
use crate::engine::Engine;
use crate::model::error::Result;
use crate::process::buckets_in_use::Bucket;
use crate::rows::record::KmsRecord;
use strongroom_seal::{DataKey, Envelope, ManifestKey, Mode, keys::Wrapped as _, random};

/// A content that is yet to be held by a version. The key of its manifest is all that the version's commit needs.
pub(crate) struct NewContent {
    pub(crate) id: [u8; 16],
    pub(crate) envelope: Envelope,
    /// How the outer key is found again if a key management service has it.
    pub(crate) kms: Option<KmsRecord>,
    pub(crate) manifest_key: ManifestKey,
}

impl NewContent {
    /// How it is encrypted, as answers tell it.
    pub(crate) fn encrypted(&self, bucket: &Bucket, object: &str) -> Encrypted {
        Encrypted {
            mode: self.envelope.mode(),
            kms: self.kms.as_ref().map(|kms| kms.told(bucket, object)),
        }
    }
}

impl Engine {
    /// A new content of the key `object`, and the data key to seal its parts under.
    pub(crate) async fn new_content(
        &self,
        bucket: &Bucket,
        object: &str,
        decision: &Decision,
    ) -> Result<(NewContent, DataKey)> {
        let data_key = DataKey::generate(&*self.random)?;
        let id = random::bytes(&*self.random)?;
        let content = self.content_of(bucket, object, id, &data_key, decision).await?;
        Ok((content, data_key))
    }

    /// The content with this id and data key, wrapped as was decided.
    pub(crate) async fn content_of(
        &self,
        bucket: &Bucket,
        object: &str,
        id: [u8; 16],
        data_key: &DataKey,
        decision: &Decision,
    ) -> Result<NewContent> {
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
        Ok(NewContent {
            id,
            envelope: Envelope::wrap(outer, outer_id, data_key, mode, place, &*self.random)?,
            kms: issued.map(|(_, record)| record),
            manifest_key: ManifestKey::of(data_key)?,
        })
    }
}
