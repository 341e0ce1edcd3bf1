//! Operations on buckets.

use crate::ops::bucket_settings::bucket_settings;
use crate::ops::owner::{callers_account, owner};
use crate::ops::settings::acl::canned::AclTarget;
use crate::ops::settings::acl::requested::RequestedAcl;
use crate::ops::settings::{bucket_tagging, ownership};
use crate::request::context::Permitted;
use crate::response::error::{ErrorResponse, OperationResult};
use crate::response::time::timestamp;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use s3s::dto::{
    Bucket, BucketLocationConstraint, CreateBucketInput, CreateBucketOutput, DeleteBucketInput,
    DeleteBucketOutput, GetBucketLocationInput, GetBucketLocationOutput, HeadBucketInput, HeadBucketOutput,
    ListBucketsInput, ListBucketsOutput,
};
use s3s::{S3Request, S3Response};
use strongroom_engine::Error;
use strongroom_engine::model::settings::{BucketSettings, ObjectLock, Versioning};
use strongroom_engine::model::tags::{MAX_BUCKET_TAGS, Tags};

/// Region whose buckets have no location constraint. Creating one's own bucket again succeeds there.
const FIRST_REGION: &str = "us-east-1";
/// Maximum number of buckets in one page, as on AWS.
const MAX_BUCKETS: usize = 10_000;

pub(super) async fn list_buckets(
    cx: &Permitted,
    request: S3Request<ListBucketsInput>,
) -> OperationResult<ListBucketsOutput> {
    let input = request.input;
    let invalid = || ErrorResponse::invalid_argument("The continuation token provided is incorrect");
    let after = match &input.continuation_token {
        Some(token) => {
            let name = BASE64_URL_SAFE_NO_PAD
                .decode(token)
                .ok()
                .and_then(|name| String::from_utf8(name).ok());
            name.ok_or_else(invalid)?
        }
        None => String::new(),
    };
    let limit = match input.max_buckets {
        None => MAX_BUCKETS,
        Some(limit) => usize::try_from(limit)
            .ok()
            .filter(|limit| (1..=MAX_BUCKETS).contains(limit))
            .ok_or_else(|| ErrorResponse::invalid_argument("max-buckets must be between 1 and 10000"))?,
    };
    let elsewhere = input
        .bucket_region
        .as_ref()
        .is_some_and(|region| *region != cx.settings.region);
    let prefix = input.prefix.clone().unwrap_or_default();
    let account = callers_account(cx)?;
    let mut found = if elsewhere {
        Vec::new()
    } else {
        cx.engine()
            .list_buckets(account.account, &prefix, &after, limit + 1)
            .await?
    };
    let more = found.len() > limit;
    found.truncate(limit);
    let token = found
        .last()
        .filter(|_| more)
        .map(|bucket| BASE64_URL_SAFE_NO_PAD.encode(&bucket.name));
    let buckets = found.into_iter().map(|bucket| Bucket {
        bucket_region: Some(cx.settings.region.clone()),
        creation_date: Some(timestamp(bucket.created)),
        name: Some(bucket.name),
    });
    Ok(S3Response::new(ListBucketsOutput {
        buckets: Some(buckets.collect()),
        continuation_token: token,
        owner: Some(owner(account.canonical_id)),
        prefix: input.prefix,
    }))
}

pub(super) async fn create_bucket(
    cx: &Permitted,
    request: S3Request<CreateBucketInput>,
) -> OperationResult<CreateBucketOutput> {
    let input = request.input;
    // Location.
    let region = cx.settings.region.as_str();
    let configuration = input.create_bucket_configuration.unwrap_or_default();
    if configuration.bucket.is_some() || configuration.location.is_some() {
        return Err(ErrorResponse::not_implemented(
            "Directory buckets are not implemented.",
        ));
    }
    if let Some(constraint) = configuration
        .location_constraint
        .filter(|constraint| constraint.as_str() != region)
    {
        return Err(ErrorResponse::coded(
            400,
            "IllegalLocationConstraintException",
            "The specified location constraint is incompatible for the region specific endpoint this request was sent \
             to.",
        )
        .with("LocationConstraint", constraint.as_str()));
    }

    // Ownership and access control list.
    let ownership = match &input.object_ownership {
        None => None,
        Some(name) => Some(ownership::named(name.as_str()).ok_or_else(|| {
            ErrorResponse::invalid_argument("Invalid x-amz-object-ownership header")
                .with("ArgumentValue", name.as_str())
        })?),
    };
    let account = callers_account(cx)?;

    // Settings of the new bucket.
    let locked = input.object_lock_enabled_for_bucket == Some(true);
    let mut settings = BucketSettings {
        tags: tags(cx)?,
        ownership,
        versioning: locked.then_some(Versioning::Enabled),
        object_lock: locked.then(ObjectLock::default),
        ..BucketSettings::default()
    };
    let acl = RequestedAcl::of_headers(&request.headers)?;
    if settings.acls_enabled() {
        let both = (account.canonical_id, account.canonical_id);
        let acl = acl.resolve(AclTarget::NewBucket, both, &settings, cx.accounts());
        settings.acl = acl.await?;
    } else {
        acl.expect_owners_alone(AclTarget::NewBucket, account.canonical_id)?;
    }
    let created = cx.engine().create_bucket_with(&input.bucket, account, &settings);
    match created.await {
        Ok(()) => {}
        // "Amazon S3 returns 200 OK and resets the bucket access control lists" (API Reference, "CreateBucket").
        Err(Error::BucketExists(_)) if region == FIRST_REGION => {
            if bucket_settings(cx, &input.bucket).await?.acl.is_some() {
                let reset = cx.engine().change_bucket_settings(&input.bucket, |settings| {
                    settings.acl = None;
                    Ok(())
                });
                reset.await?;
            }
        }
        Err(error) => return Err(error.into()),
    }
    Ok(S3Response::new(CreateBucketOutput {
        location: Some(format!("/{}", input.bucket)),
    }))
}

/// Returns the tags of a bucket that is being created. s3s does not know them.
fn tags(cx: &Permitted) -> Result<Tags, ErrorResponse> {
    if !cx.has_document() {
        return Ok(Tags::default());
    }
    let document = cx.document("CreateBucketConfiguration")?;
    document.expect_only(&["LocationConstraint", "Location", "Bucket", "Tags"])?;
    match document.find("Tags")? {
        Some(tags) => bucket_tagging::read(tags.expect_only(&["Tag"])?, MAX_BUCKET_TAGS),
        None => Ok(Tags::default()),
    }
}

pub(super) async fn head_bucket(
    cx: &Permitted,
    request: S3Request<HeadBucketInput>,
) -> OperationResult<HeadBucketOutput> {
    exists(cx, &request.input.bucket).await?;
    Ok(S3Response::new(HeadBucketOutput {
        bucket_region: Some(cx.settings.region.clone()),
        ..HeadBucketOutput::default()
    }))
}

pub(super) async fn delete_bucket(
    cx: &Permitted,
    request: S3Request<DeleteBucketInput>,
) -> OperationResult<DeleteBucketOutput> {
    cx.engine().delete_bucket(&request.input.bucket).await?;
    Ok(S3Response::new(DeleteBucketOutput {}))
}

pub(super) async fn get_bucket_location(
    cx: &Permitted,
    request: S3Request<GetBucketLocationInput>,
) -> OperationResult<GetBucketLocationOutput> {
    exists(cx, &request.input.bucket).await?;
    let region = cx.settings.region.clone();
    let location_constraint = (region != FIRST_REGION).then(|| BucketLocationConstraint::from(region));
    Ok(S3Response::new(GetBucketLocationOutput { location_constraint }))
}

async fn exists(cx: &Permitted, bucket: &str) -> Result<(), ErrorResponse> {
    cx.engine()
        .head_bucket(bucket)
        .await
        .map(drop)
        .map_err(ErrorResponse::from)
}
