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
use strongroom_identity::IdentityError;

pub(crate) async fn get_bucket_policy(
    cx: &Permitted,
    request: S3Request<GetBucketPolicyInput>,
) -> OperationResult<GetBucketPolicyOutput> {
    let bucket = &request.input.bucket;
    let stored = stored(cx, bucket).await?;
    let policy = match cx.caller().shown_policy(&stored, bucket).await {
        Ok(shown) => shown,
        // The owner must see a policy that cannot be read, to replace it.
        Err(IdentityError::MalformedPolicyDocument(_)) => stored,
        Err(error) => return Err(failed(&error)),
    };
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
    let policy = match cx.caller().stored_policy(&policy, &bucket).await {
        Ok(stored) => stored,
        Err(IdentityError::MalformedPolicyDocument(why)) => return Err(ErrorResponse::malformed_policy(why)),
        Err(error) => return Err(failed(&error)),
    };
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

fn failed(error: &IdentityError) -> ErrorResponse {
    tracing::error!(%error, "the principals of a policy cannot be looked up");
    ErrorResponse::internal()
}

fn read(text: &str, bucket: &str) -> Result<Policy, ErrorResponse> {
    Policy::parse(text, bucket)
        .map_err(|error| ErrorResponse::malformed_policy(error.to_string()).with("Hint", error.hint()))
}
