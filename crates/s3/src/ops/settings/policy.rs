//! The policy of a bucket.

use crate::ops::bucket_settings::{bucket_settings, change_settings, not_set};
use crate::request::context::Permitted;
use crate::response::error::{ErrorResponse, OperationResult};
use s3s::dto::{
    DeleteBucketPolicyInput, DeleteBucketPolicyOutput, GetBucketPolicyInput, GetBucketPolicyOutput,
    GetBucketPolicyStatusInput, GetBucketPolicyStatusOutput, PolicyStatus, PutBucketPolicyInput,
    PutBucketPolicyOutput,
};
use s3s::{S3Request, S3Response};
use strongroom_access::policy::Policy;

pub(crate) async fn get_bucket_policy(
    cx: &Permitted,
    request: S3Request<GetBucketPolicyInput>,
) -> OperationResult<GetBucketPolicyOutput> {
    let policy = stored(cx, &request.input.bucket).await?;
    Ok(S3Response::new(GetBucketPolicyOutput { policy: Some(policy) }))
}

pub(crate) async fn get_bucket_policy_status(
    cx: &Permitted,
    request: S3Request<GetBucketPolicyStatusInput>,
) -> OperationResult<GetBucketPolicyStatusOutput> {
    let bucket = &request.input.bucket;
    let policy = read(&stored(cx, bucket).await?, bucket)?;
    Ok(S3Response::new(GetBucketPolicyStatusOutput {
        policy_status: Some(PolicyStatus {
            is_public: Some(policy.is_public()),
        }),
    }))
}

pub(crate) async fn put_bucket_policy(
    cx: &Permitted,
    request: S3Request<PutBucketPolicyInput>,
) -> OperationResult<PutBucketPolicyOutput> {
    let PutBucketPolicyInput { bucket, policy, .. } = request.input;
    bucket_settings(cx, &bucket).await?;
    let is_public = read(&policy, &bucket)?.is_public();
    let set = change_settings(cx, &bucket, |settings| {
        Ok(settings.set_policy(policy.clone(), is_public)?)
    });
    set.await
}

pub(crate) async fn delete_bucket_policy(
    cx: &Permitted,
    request: S3Request<DeleteBucketPolicyInput>,
) -> OperationResult<DeleteBucketPolicyOutput> {
    let set = change_settings(cx, &request.input.bucket, |settings| {
        settings.policy = None;
        Ok(())
    });
    set.await
}

async fn stored(cx: &Permitted, bucket: &str) -> Result<String, ErrorResponse> {
    let settings = bucket_settings(cx, bucket).await?;
    let missing = || not_set("NoSuchBucketPolicy", "The bucket policy does not exist", bucket);
    settings.policy.clone().ok_or_else(missing)
}

fn read(text: &str, bucket: &str) -> Result<Policy, ErrorResponse> {
    Policy::parse(text, bucket)
        .map_err(|error| ErrorResponse::malformed_policy(error.to_string()).with("Hint", error.hint()))
}
