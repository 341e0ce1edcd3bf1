//! Owners of buckets and objects in documents.

use crate::request::context::Permitted;
use crate::response::error::ErrorResponse;
use s3s::dto::{Initiator, Owner};
use strongroom_access::arn::CanonicalId;
use strongroom_engine::BucketOwner;

/// Returns the account that owns a bucket and everything in it.
pub(super) async fn owner_of(cx: &Permitted, bucket: &str) -> Result<BucketOwner, ErrorResponse> {
    Ok(cx.engine().bucket_access(bucket).await?.0)
}

/// Returns the account of the caller, as owner of a bucket that it creates.
///
/// # Errors
/// `AccessDenied` for a request without a signature, which belongs to no account.
pub(super) fn callers_account(cx: &Permitted) -> Result<BucketOwner, ErrorResponse> {
    let known = cx.identity.known();
    let principal = known.ok_or_else(|| ErrorResponse::access_denied("Access Denied"))?;
    Ok(BucketOwner {
        account: principal.account,
        canonical_id: principal.canonical_id,
    })
}

/// Returns an account as a document names it.
pub(super) fn owner(id: CanonicalId) -> Owner {
    Owner {
        display_name: None,
        id: Some(id.to_string()),
    }
}

/// Returns the account that began an upload as a document names it.
pub(super) fn initiator(id: CanonicalId) -> Initiator {
    Initiator {
        display_name: None,
        id: Some(id.to_string()),
    }
}
