//! Copies of an object onto itself: a version becomes the newest again, or gets another key. No data moves.

use crate::failure::Failure;
use crate::operation::{COPY_OBJECT, GET_OBJECT, GET_TAGS, PUT_TAGS};
use crate::visitor::{Target, Values, Visitor};
use std::collections::BTreeMap;
use strongroom_engine::encryption::EncryptionHeaders;
use strongroom_engine::model::condition::WriteConditions;
use strongroom_engine::model::lock::Lock;
use strongroom_engine::model::new_object::NewObject;
use strongroom_engine::model::tags::Tags;
use strongroom_engine::object::copy::CopyObject;
use strongroom_engine::object::get::ReadObject;
use strongroom_engine::object::summary::ObjectSummary;

/// Encryption of the copy, and the condition keys that policies know it by.
pub(crate) struct NewProtection {
    pub(crate) encryption: EncryptionHeaders,
    pub(crate) values: Values,
}

impl NewProtection {
    /// Returns the protection that the bucket's settings say.
    pub(crate) fn by_default() -> Self {
        Self {
            encryption: EncryptionHeaders::default(),
            values: Values::new(),
        }
    }
}

/// Copies a version of an object onto its key, with its metadata and tags. `key`: returns the key that opens it. Takes the
/// permissions of the same copy by S3. Returns what was known of the version.
///
/// # Errors
/// The failure of a denial; errors of the engine.
pub(crate) async fn copy(
    visitor: &Visitor,
    source: Target<'_>,
    protection: NewProtection,
    key: impl Fn() -> EncryptionHeaders,
) -> Result<ObjectSummary, Failure> {
    let object = source.key.unwrap_or_default();
    let target = Target {
        version: None,
        ..source
    };
    let reader = visitor.permit(&GET_OBJECT, source, Values::new()).await?;
    let summary = match reader.object_summary(source.bucket, object, source.version).await {
        Ok(summary) => summary,
        Err(error) => return Err(visitor.hide_missing(source, error).await),
    };
    if summary.tags > 0 {
        // As on S3: the copy gets the tags of its source, and a caller that may copy may not always read and set tags.
        visitor.permit(&GET_TAGS, source, Values::new()).await?;
        visitor.permit(&PUT_TAGS, target, Values::new()).await?;
    }
    let engine = visitor.permit(&COPY_OBJECT, target, protection.values).await?;
    let copy = CopyObject {
        source: ReadObject {
            bucket: source.bucket.to_owned(),
            key: object.to_owned(),
            version: source.version,
            ..ReadObject::default()
        },
        object: NewObject {
            bucket: source.bucket.to_owned(),
            key: object.to_owned(),
            headers: BTreeMap::new(),
            metadata: BTreeMap::new(),
            tags: Tags::default(),
            lock: Lock::default(),
            encryption: protection.encryption,
            access: visitor.access_of_new(source.bucket).await?,
        },
        keep_metadata: true,
        keep_tags: true,
        checksum: None,
        may_change_nothing: true,
        conditions: WriteConditions::default(),
    };
    engine.copy_object(copy, key).await?;
    Ok(summary)
}
