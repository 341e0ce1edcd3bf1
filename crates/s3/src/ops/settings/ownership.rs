//! Ownership of the objects that others write into a bucket.

use crate::ops::bucket_settings::{bucket_settings, change_settings, not_set, settings_document};
use crate::request::context::Permitted;
use crate::response::error::{ErrorResponse, OperationResult};
use s3s::dto::{
    DeleteBucketOwnershipControlsInput, DeleteBucketOwnershipControlsOutput, GetBucketOwnershipControlsInput,
    GetBucketOwnershipControlsOutput, ObjectOwnership, OwnershipControls, OwnershipControlsRule,
    PutBucketOwnershipControlsInput, PutBucketOwnershipControlsOutput,
};
use s3s::{S3Request, S3Response};
use strongroom_engine::model::settings::Ownership;

const ENFORCED: &str = "BucketOwnerEnforced";
const PREFERRED: &str = "BucketOwnerPreferred";
const WRITER: &str = "ObjectWriter";

/// Returns the ownership of this name.
pub(crate) fn named(name: &str) -> Option<Ownership> {
    match name {
        ENFORCED => Some(Ownership::BucketOwnerEnforced),
        PREFERRED => Some(Ownership::BucketOwnerPreferred),
        WRITER => Some(Ownership::ObjectWriter),
        _ => None,
    }
}

pub(crate) async fn get_bucket_ownership_controls(
    cx: &Permitted,
    request: S3Request<GetBucketOwnershipControlsInput>,
) -> OperationResult<GetBucketOwnershipControlsOutput> {
    let bucket = &request.input.bucket;
    let ownership = match bucket_settings(cx, bucket).await?.ownership {
        None | Some(Ownership::BucketOwnerEnforced) => ENFORCED,
        Some(Ownership::BucketOwnerPreferred) => PREFERRED,
        Some(Ownership::ObjectWriter) => WRITER,
        Some(Ownership::Removed) => {
            return Err(not_set(
                "OwnershipControlsNotFoundError",
                "The bucket ownership controls were not found",
                bucket,
            ));
        }
    };
    let rule = OwnershipControlsRule {
        object_ownership: ObjectOwnership::from_static(ownership),
    };
    Ok(S3Response::new(GetBucketOwnershipControlsOutput {
        ownership_controls: Some(OwnershipControls { rules: vec![rule] }),
    }))
}

pub(crate) async fn put_bucket_ownership_controls(
    cx: &Permitted,
    request: S3Request<PutBucketOwnershipControlsInput>,
) -> OperationResult<PutBucketOwnershipControlsOutput> {
    let bucket = &request.input.bucket;
    let root = "OwnershipControls";
    let document = settings_document(cx, bucket, root).await?;
    let rule = document.expect_only(&["Rule"])?.expect_one("Rule")?;
    let name = rule
        .expect_only(&["ObjectOwnership"])?
        .word_of("ObjectOwnership")?;
    let ownership = name.and_then(named);
    let ownership = ownership.ok_or_else(ErrorResponse::malformed_xml)?;
    let set = change_settings(cx, bucket, |settings| {
        settings.set_ownership(ownership)?;
        Ok(())
    });
    set.await
}

pub(crate) async fn delete_bucket_ownership_controls(
    cx: &Permitted,
    request: S3Request<DeleteBucketOwnershipControlsInput>,
) -> OperationResult<DeleteBucketOwnershipControlsOutput> {
    let set = change_settings(cx, &request.input.bucket, |settings| {
        settings.ownership = Some(Ownership::Removed);
        Ok(())
    });
    set.await
}
