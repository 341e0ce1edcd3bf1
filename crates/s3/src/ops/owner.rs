//! The owner of buckets and objects, in documents.

use s3s::dto::Owner;
use strongroom_access::ROOT_CANONICAL_ID;

/// The account that owns everything.
pub(super) fn owner() -> Owner {
    Owner {
        display_name: None,
        id: Some(ROOT_CANONICAL_ID.to_owned()),
    }
}
