//! Access control lists of buckets and objects.

pub(crate) mod canned;
pub(crate) mod named;
pub(crate) mod requested;
#[cfg(test)]
mod tests;

use crate::ops::bucket_settings::change_settings;
use crate::ops::owner::{callers_account, owner};
use crate::ops::settings::acl::canned::AclTarget;
use crate::ops::settings::acl::named::GROUPS;
use crate::ops::settings::acl::requested::RequestedAcl;
use crate::request::context::Permitted;
use crate::request::target::version_name;
use crate::response::error::{ErrorResponse, OperationResult};
use http::HeaderMap;
use s3s::dto;
use s3s::dto::{
    GetBucketAclInput, GetBucketAclOutput, GetObjectAclInput, GetObjectAclOutput, PutBucketAclInput,
    PutBucketAclOutput, PutObjectAclInput, PutObjectAclOutput, Type,
};
use s3s::{S3Request, S3Response};
use strongroom_access::arn::CanonicalId;
use strongroom_engine::BucketOwner;
use strongroom_engine::model::acl::{Acl, Grant, Grantee, ObjectAccess, Permission};
use strongroom_engine::model::settings::Ownership;

pub(crate) async fn get_bucket_acl(
    cx: &Permitted,
    request: S3Request<GetBucketAclInput>,
) -> OperationResult<GetBucketAclOutput> {
    let (bucket_owner, settings) = cx.engine().bucket_access(&request.input.bucket).await?;
    let account = bucket_owner.canonical_id;
    let acl = settings.acl.clone().filter(|_| settings.acls_enabled());
    Ok(S3Response::new(GetBucketAclOutput {
        grants: Some(documents(acl, account)),
        owner: Some(owner(account)),
    }))
}

pub(crate) async fn put_bucket_acl(
    cx: &Permitted,
    request: S3Request<PutBucketAclInput>,
) -> OperationResult<PutBucketAclOutput> {
    let bucket = &request.input.bucket;
    let (bucket_owner, settings) = cx.engine().bucket_access(bucket).await?;
    let account = bucket_owner.canonical_id;
    let acl = RequestedAcl::of(&request.headers, cx)?;
    acl.expect_some()?;
    if !settings.acls_enabled() {
        acl.expect_owners_alone(AclTarget::Bucket, account)?;
        return Ok(S3Response::new(PutBucketAclOutput {}));
    }
    let acl = acl.resolve(AclTarget::Bucket, (account, account), &settings, cx.accounts());
    let acl = acl.await?;
    change_settings(cx, bucket, |settings| Ok(settings.set_acl(acl.clone())?)).await
}

pub(crate) async fn get_object_acl(
    cx: &Permitted,
    request: S3Request<GetObjectAclInput>,
) -> OperationResult<GetObjectAclOutput> {
    let input = &request.input;
    let version = version_name(input.version_id.as_deref())?;
    let read = cx.engine().object_access(&input.bucket, &input.key, version);
    let (access, _) = read.await?;
    let (bucket_owner, _) = cx.engine().bucket_access(&input.bucket).await?;
    let account = access.owner.unwrap_or(bucket_owner).canonical_id;
    Ok(S3Response::new(GetObjectAclOutput {
        grants: Some(documents(access.acl, account)),
        owner: Some(owner(account)),
        request_charged: None,
    }))
}

pub(crate) async fn put_object_acl(
    cx: &Permitted,
    request: S3Request<PutObjectAclInput>,
) -> OperationResult<PutObjectAclOutput> {
    let input = &request.input;
    let version = version_name(input.version_id.as_deref())?;
    // A missing object is reported before a malformed list.
    let read = cx.engine().object_access(&input.bucket, &input.key, version);
    let (access, _) = read.await?;
    let (bucket_owner, settings) = cx.engine().bucket_access(&input.bucket).await?;
    let acl = RequestedAcl::of(&request.headers, cx)?;
    acl.expect_some()?;
    if !settings.acls_enabled() {
        acl.expect_owners_alone(AclTarget::Object, bucket_owner.canonical_id)?;
        return Ok(S3Response::new(PutObjectAclOutput::default()));
    }
    let account = access.owner.unwrap_or(bucket_owner).canonical_id;
    let accounts = (account, bucket_owner.canonical_id);
    let acl = acl.resolve(AclTarget::Object, accounts, &settings, cx.accounts());
    let acl = acl.await?;
    let set = cx
        .engine()
        .set_object_acl(&input.bucket, &input.key, version, acl.as_ref());
    set.await?;
    Ok(S3Response::new(PutObjectAclOutput::default()))
}

/// Returns owner and access control list of the object that a request creates.
///
/// (S3 User Guide, "Controlling ownership of objects and disabling ACLs for your bucket", "Object Ownership settings".)
pub(crate) async fn of_new_object(
    cx: &Permitted,
    bucket: &str,
    headers: &HeaderMap,
) -> Result<ObjectAccess, ErrorResponse> {
    let acl = RequestedAcl::of_headers(headers)?;
    let (bucket_owner, settings) = cx.engine().bucket_access(bucket).await?;
    if !settings.acls_enabled() {
        acl.expect_owners_alone(AclTarget::Object, bucket_owner.canonical_id)?;
        return Ok(ObjectAccess::default());
    }
    // An object that somebody without an account writes belongs to the bucket's owner: it must belong to somebody.
    let writer = callers_account(cx).unwrap_or(bucket_owner);
    let is_given = settings.ownership == Some(Ownership::BucketOwnerPreferred) && acl.gives_to_bucket_owner();
    let owner: BucketOwner = if is_given { bucket_owner } else { writer };
    let accounts = (owner.canonical_id, bucket_owner.canonical_id);
    let acl = acl.resolve(AclTarget::Object, accounts, &settings, cx.accounts());
    Ok(ObjectAccess {
        acl: acl.await?,
        owner: (owner != bucket_owner).then_some(owner),
    })
}

/// Returns the grants of a list as documents have them. `None`: those of [`Acl::private`].
fn documents(acl: Option<Acl>, owner: CanonicalId) -> Vec<dto::Grant> {
    let acl = acl.unwrap_or_else(|| Acl::private(owner));
    acl.grants().iter().map(document).collect()
}

fn document(grant: &Grant) -> dto::Grant {
    let group = GROUPS.iter().find(|(_, group)| *group == grant.grantee);
    let grantee = dto::Grantee {
        display_name: None,
        email_address: None,
        id: match grant.grantee {
            Grantee::Account(id) => Some(id.to_string()),
            _ => None,
        },
        type_: Type::from_static(match group {
            Some(_) => Type::GROUP,
            None => Type::CANONICAL_USER,
        }),
        uri: group.map(|(uri, _)| (*uri).to_owned()),
    };
    dto::Grant {
        grantee: Some(grantee),
        permission: Some(dto::Permission::from_static(match grant.permission {
            Permission::FullControl => dto::Permission::FULL_CONTROL,
            Permission::Read => dto::Permission::READ,
            Permission::Write => dto::Permission::WRITE,
            Permission::ReadAcp => dto::Permission::READ_ACP,
            Permission::WriteAcp => dto::Permission::WRITE_ACP,
        })),
    }
}
