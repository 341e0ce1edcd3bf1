//! Versioning of a bucket.

use crate::ops::bucket_settings::{bucket_settings, change_settings, settings_document};
use crate::request::context::Permitted;
use crate::response::error::{ErrorResponse, OperationResult};
use s3s::dto::{
    BucketVersioningStatus, GetBucketVersioningInput, GetBucketVersioningOutput, PutBucketVersioningInput,
    PutBucketVersioningOutput,
};
use s3s::{S3Request, S3Response};
use strongroom_engine::settings::Versioning;

/// Returns the versioning state. An empty output means that it was never turned on.
pub(crate) async fn get_bucket_versioning(
    cx: &Permitted,
    request: S3Request<GetBucketVersioningInput>,
) -> OperationResult<GetBucketVersioningOutput> {
    let settings = bucket_settings(cx, &request.input.bucket).await?;
    let status = settings.versioning.map(|versioning| match versioning {
        Versioning::Enabled => BucketVersioningStatus::ENABLED,
        Versioning::Suspended => BucketVersioningStatus::SUSPENDED,
    });
    Ok(S3Response::new(GetBucketVersioningOutput {
        status: status.map(BucketVersioningStatus::from_static),
        ..GetBucketVersioningOutput::default()
    }))
}

pub(crate) async fn put_bucket_versioning(
    cx: &Permitted,
    request: S3Request<PutBucketVersioningInput>,
) -> OperationResult<PutBucketVersioningOutput> {
    let bucket = &request.input.bucket;
    let root = "VersioningConfiguration";
    let document = settings_document(cx, bucket, root).await?;
    document.knows(&["Status", "MfaDelete"])?;
    match document.word_of("MfaDelete")? {
        None | Some("Disabled") if request.input.mfa.is_none() => {}
        None | Some("Enabled" | "Disabled") => {
            return Err(ErrorResponse::not_implemented("MFA delete is not implemented."));
        }
        Some(_) => return Err(document.malformed("MfaDelete", "is neither Enabled nor Disabled")),
    }
    let versioning = match document.word_of("Status")? {
        Some("Enabled") => Versioning::Enabled,
        Some("Suspended") => Versioning::Suspended,
        None => {
            return Err(ErrorResponse::coded(
                400,
                "IllegalVersioningConfigurationException",
                "The Versioning element must be specified",
            ));
        }
        Some(_) => return Err(document.malformed("Status", "is neither Enabled nor Suspended")),
    };
    let set = change_settings(cx, bucket, |settings| Ok(settings.set_versioning(versioning)?));
    set.await
}
