//! New object, without its content.

use crate::model::acl::ObjectAccess;
use crate::model::encryption_headers::EncryptionHeaders;
use crate::model::error::{Error, Result};
use crate::model::limits::{MAX_KEY, MAX_METADATA};
use crate::model::lock::Lock;
use crate::model::tags::Tags;
use std::collections::BTreeMap;

/// New object, without its content.
pub struct NewObject {
    /// Name of the bucket.
    pub bucket: String,
    /// Key of the object.
    pub key: String,
    /// Content headers by lower-case name.
    pub headers: BTreeMap<String, String>,
    /// User metadata by name, without `x-amz-meta-`.
    pub metadata: BTreeMap<String, String>,
    /// Tags of the object.
    pub tags: Tags,
    /// Retention and legal hold.
    pub lock: Lock,
    /// Owner and access control list.
    pub access: ObjectAccess,
    /// Encryption headers of the request.
    pub encryption: EncryptionHeaders,
}

/// Checks the lengths of object key and user metadata.
///
/// # Errors
/// [`Error::KeyTooLong`], [`Error::MetadataTooLarge`].
pub(crate) fn check_sizes(new: &NewObject) -> Result<()> {
    if new.key.len() > MAX_KEY {
        return Err(Error::KeyTooLong(new.key.len()));
    }
    let metadata = new
        .metadata
        .iter()
        .map(|(name, value)| name.len() + value.len())
        .sum();
    if metadata > MAX_METADATA {
        return Err(Error::MetadataTooLarge(metadata));
    }
    Ok(())
}
