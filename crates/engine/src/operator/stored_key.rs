//! Data keys as they are stored.

use crate::rows::record::{ContentRecord, KmsRecord, UploadRecord};

/// Data key as it is stored.
#[derive(Clone, Copy)]
pub(crate) struct StoredKey<'a> {
    pub(crate) envelope: &'a [u8],
    pub(crate) kms: Option<&'a KmsRecord>,
}

impl ContentRecord {
    /// Returns the data key of the content.
    pub(crate) fn stored_key(&self) -> StoredKey<'_> {
        StoredKey {
            envelope: &self.envelope,
            kms: self.kms.as_ref(),
        }
    }
}

impl UploadRecord {
    /// Returns the data key of the upload.
    pub(crate) fn stored_key(&self) -> StoredKey<'_> {
        StoredKey {
            envelope: &self.envelope,
            kms: self.kms.as_ref(),
        }
    }
}
