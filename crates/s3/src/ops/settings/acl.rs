//! Access control lists. There is only one, which grants everything to the owner; policies grant access to others.

pub(crate) mod requested;
#[cfg(test)]
mod tests;

use crate::ops::owner::{owner, owner_of};
use crate::ops::settings::acl::requested::{AclTarget, RequestedAcl};
use crate::request::context::Permitted;
use crate::request::target::version_name;
use crate::response::error::{ErrorResponse, OperationResult};
use http::HeaderMap;
use s3s::dto::{
    GetBucketAclInput, GetBucketAclOutput, GetObjectAclInput, GetObjectAclOutput, Grant, Grantee, Permission,
    PutBucketAclInput, PutBucketAclOutput, PutObjectAclInput, PutObjectAclOutput, Type,
};
use s3s::{S3Request, S3Response};
use strongroom_access::arn::CanonicalId;

pub(crate) async fn get_bucket_acl(
    cx: &Permitted,
    request: S3Request<GetBucketAclInput>,
) -> OperationResult<GetBucketAclOutput> {
    let account = owner_of(cx, &request.input.bucket).await?.canonical_id;
    Ok(S3Response::new(GetBucketAclOutput {
        grants: Some(grants(account)),
        owner: Some(owner(account)),
    }))
}

pub(crate) async fn put_bucket_acl(
    cx: &Permitted,
    request: S3Request<PutBucketAclInput>,
) -> OperationResult<PutBucketAclOutput> {
    let bucket = &request.input.bucket;
    let (owner, settings) = cx.engine().bucket_access(bucket).await?;
    let acl = RequestedAcl::of(&request.headers, cx)?;
    acl.expect_some()?;
    acl.judge(AclTarget::Bucket, settings.ownership, owner.canonical_id)?;
    Ok(S3Response::new(PutBucketAclOutput {}))
}

pub(crate) async fn get_object_acl(
    cx: &Permitted,
    request: S3Request<GetObjectAclInput>,
) -> OperationResult<GetObjectAclOutput> {
    let input = &request.input;
    expect_object(cx, &input.bucket, &input.key, input.version_id.as_deref()).await?;
    let account = owner_of(cx, &input.bucket).await?.canonical_id;
    Ok(S3Response::new(GetObjectAclOutput {
        grants: Some(grants(account)),
        owner: Some(owner(account)),
        request_charged: None,
    }))
}

pub(crate) async fn put_object_acl(
    cx: &Permitted,
    request: S3Request<PutObjectAclInput>,
) -> OperationResult<PutObjectAclOutput> {
    let input = &request.input;
    expect_object(cx, &input.bucket, &input.key, input.version_id.as_deref()).await?;
    let (owner, settings) = cx.engine().bucket_access(&input.bucket).await?;
    let acl = RequestedAcl::of(&request.headers, cx)?;
    acl.expect_some()?;
    acl.judge(AclTarget::Object, settings.ownership, owner.canonical_id)?;
    Ok(S3Response::new(PutObjectAclOutput::default()))
}

/// Refuses to write an object with any other access control list.
pub(crate) async fn of_new_object(
    cx: &Permitted,
    bucket: &str,
    headers: &HeaderMap,
) -> Result<(), ErrorResponse> {
    let acl = RequestedAcl::of_headers(headers)?;
    if acl.is_empty() {
        return Ok(());
    }
    let (owner, settings) = cx.engine().bucket_access(bucket).await?;
    acl.judge(AclTarget::Object, settings.ownership, owner.canonical_id)
}

/// Fails unless the object exists. Reading its tags needs no key.
async fn expect_object(
    cx: &Permitted,
    bucket: &str,
    key: &str,
    version: Option<&str>,
) -> Result<(), ErrorResponse> {
    let version = version_name(version)?;
    let found = cx.engine().object_tags(bucket, key, version).await;
    found.map(drop).map_err(ErrorResponse::from)
}

/// Returns the grants of the owner.
fn grants(account: CanonicalId) -> Vec<Grant> {
    vec![Grant {
        grantee: Some(Grantee {
            display_name: None,
            email_address: None,
            id: Some(account.to_string()),
            type_: Type::from_static(Type::CANONICAL_USER),
            uri: None,
        }),
        permission: Some(Permission::from_static(Permission::FULL_CONTROL)),
    }]
}
