//! Owners of buckets and objects, and initiators of uploads, in documents.

use crate::request::context::Permitted;
use crate::response::error::ErrorResponse;
use s3s::dto::{Initiator, Owner};
use std::borrow::Cow;
use strongroom_access::arn::CanonicalId;
use strongroom_engine::BucketOwner;
use strongroom_engine::model::acl;
use strongroom_identity::principal::PrincipalKind;

/// Returns the account of the caller, as owner of what it creates.
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

/// Returns the caller, as initiator of an upload that it begins. `None`: the request is not signed.
pub(super) fn callers_initiator(cx: &Permitted) -> Option<acl::Initiator> {
    let principal = cx.identity.known()?;
    let arn = match principal.kind {
        PrincipalKind::Root => None,
        PrincipalKind::User(_) | PrincipalKind::Role(_) => principal.as_policy_principal().arn(),
    };
    Some(acl::Initiator {
        account: BucketOwner {
            account: principal.account,
            canonical_id: principal.canonical_id,
        },
        arn: arn.map(Cow::into_owned),
    })
}

/// Returns the initiator of an upload as a document names it: a user or a session by its ARN, a root user by its account.
/// An upload that nobody signed is shown as begun by its owner.
pub(super) fn initiator(of_upload: Option<acl::Initiator>, owner: BucketOwner) -> Initiator {
    let id = match of_upload {
        Some(acl::Initiator { arn: Some(arn), .. }) => arn,
        Some(acl::Initiator { account, arn: None }) => account.canonical_id.to_string(),
        None => owner.canonical_id.to_string(),
    };
    Initiator {
        display_name: None,
        id: Some(id),
    }
}
