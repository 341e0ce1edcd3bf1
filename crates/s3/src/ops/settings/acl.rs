//! Access control lists. There is one, which gives its owner everything: access for others is given by policies.

mod asked;
#[cfg(test)]
mod tests;

pub(in crate::ops) use asked::{AclAsked, Target};

use super::Outcome;
use crate::errors::Answer;
use crate::ops::bucket::owner;
use crate::ops::{Operations, version_name};
use http::HeaderMap;
use s3s::dto::{
    GetBucketAclInput, GetBucketAclOutput, GetObjectAclInput, GetObjectAclOutput, Grant, Grantee, Permission,
    PutBucketAclInput, PutBucketAclOutput, PutObjectAclInput, PutObjectAclOutput, Type,
};
use s3s::{S3Request, S3Response};

pub(in crate::ops) async fn get_bucket_acl(
    operations: &Operations,
    request: S3Request<GetBucketAclInput>,
) -> Outcome<GetBucketAclOutput> {
    operations.settings(&request.input.bucket).await?;
    Ok(S3Response::new(GetBucketAclOutput {
        grants: Some(grants()),
        owner: Some(owner()),
    }))
}

pub(in crate::ops) async fn put_bucket_acl(
    operations: &Operations,
    request: S3Request<PutBucketAclInput>,
) -> Outcome<PutBucketAclOutput> {
    let bucket = &request.input.bucket;
    let settings = operations.settings(bucket).await?;
    let asked = AclAsked::of(&request.headers, &request.extensions)?;
    asked.needed()?;
    asked.judge(Target::Bucket, settings.ownership)?;
    Ok(S3Response::new(PutBucketAclOutput {}))
}

pub(in crate::ops) async fn get_object_acl(
    operations: &Operations,
    request: S3Request<GetObjectAclInput>,
) -> Outcome<GetObjectAclOutput> {
    let input = &request.input;
    expect_object(operations, &input.bucket, &input.key, input.version_id.as_deref()).await?;
    Ok(S3Response::new(GetObjectAclOutput {
        grants: Some(grants()),
        owner: Some(owner()),
        request_charged: None,
    }))
}

pub(in crate::ops) async fn put_object_acl(
    operations: &Operations,
    request: S3Request<PutObjectAclInput>,
) -> Outcome<PutObjectAclOutput> {
    let input = &request.input;
    expect_object(operations, &input.bucket, &input.key, input.version_id.as_deref()).await?;
    let settings = operations.settings(&input.bucket).await?;
    let asked = AclAsked::of(&request.headers, &request.extensions)?;
    asked.needed()?;
    asked.judge(Target::Object, settings.ownership)?;
    Ok(S3Response::new(PutObjectAclOutput::default()))
}

/// Refuses to write an object with another access control list than the one that there is.
pub(in crate::ops) async fn of_new_object(
    operations: &Operations,
    bucket: &str,
    headers: &HeaderMap,
) -> Result<(), Answer> {
    let asked = AclAsked::of_headers(headers)?;
    if asked.is_nothing() {
        return Ok(());
    }
    asked.judge(Target::Object, operations.settings(bucket).await?.ownership)
}

/// Fails unless the object is there. Its tags can be read without any key, too.
async fn expect_object(
    operations: &Operations,
    bucket: &str,
    key: &str,
    version: Option<&str>,
) -> Result<(), Answer> {
    let version = version_name(version)?;
    let found = operations.engine.object_tags(bucket, key, version).await;
    found.map(drop).map_err(|error| Answer::of(&error))
}

/// What the owner has.
fn grants() -> Vec<Grant> {
    vec![Grant {
        grantee: Some(Grantee {
            display_name: None,
            email_address: None,
            id: owner().id,
            type_: Type::from_static(Type::CANONICAL_USER),
            uri: None,
        }),
        permission: Some(Permission::from_static(Permission::FULL_CONTROL)),
    }]
}
