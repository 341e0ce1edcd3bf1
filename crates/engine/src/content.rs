//! A content before it is written: its id, its keys, and the envelope that they will be found in again.

use crate::bucket::Bucket;
use crate::encryption::Decision;
use crate::{Engine, Result};
use strongroom_seal::{DataKey, Envelope, ManifestKey, Mode, Place, keys::Wrapped as _, random};

/// A content that is yet to be held by a version. The key of its manifest is all that the version's commit needs.
pub(crate) struct NewContent {
    pub(crate) id: [u8; 16],
    pub(crate) envelope: Envelope,
    pub(crate) manifest_key: ManifestKey,
}

impl Engine {
    /// A new content of the key `object`, and the data key to seal its parts under.
    pub(crate) fn new_content(
        &self,
        bucket: &Bucket,
        object: &str,
        decision: &Decision,
    ) -> Result<(NewContent, DataKey)> {
        let data_key = DataKey::generate(&*self.random)?;
        let id = random::bytes(&*self.random)?;
        let content = self.content_of(bucket, object, id, &data_key, decision)?;
        Ok((content, data_key))
    }

    /// The content with this id and data key, wrapped as was decided.
    pub(crate) fn content_of(
        &self,
        bucket: &Bucket,
        object: &str,
        id: [u8; 16],
        data_key: &DataKey,
        decision: &Decision,
    ) -> Result<NewContent> {
        let (outer, outer_id, mode) = match decision {
            Decision::S3 => (&bucket.key, bucket.key_id.as_str(), Mode::S3),
            Decision::Customer(key) => (key, "", Mode::Customer),
        };
        let place = bucket.place(object, id);
        Ok(NewContent {
            id,
            envelope: Envelope::wrap(outer, outer_id, data_key, mode, place, &*self.random)?,
            manifest_key: ManifestKey::of(data_key)?,
        })
    }
}

impl Bucket {
    /// The place of a content's envelope.
    pub(crate) fn place<'a>(&self, object: &'a str, content: [u8; 16]) -> Place<'a> {
        Place {
            bucket: self.id.0,
            key: object,
            content,
        }
    }
}
