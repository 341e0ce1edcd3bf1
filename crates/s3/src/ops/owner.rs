//! The owner of buckets and objects in documents.

use s3s::dto::Owner;
use strongroom_access::ROOT_CANONICAL_ID;

/// Returns the account that owns every bucket and object.
pub(super) fn owner() -> Owner {
    Owner {
        display_name: None,
        id: Some(ROOT_CANONICAL_ID.to_owned()),
    }
}
