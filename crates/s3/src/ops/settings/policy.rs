//! The policy of a bucket.

use crate::ops::operations::{Operations, Outcome, not_set};
use crate::response::error::ErrorResponse;
use s3s::dto::{
    DeleteBucketPolicyInput, DeleteBucketPolicyOutput, GetBucketPolicyInput, GetBucketPolicyOutput,
    GetBucketPolicyStatusInput, GetBucketPolicyStatusOutput, PolicyStatus, PutBucketPolicyInput,
    PutBucketPolicyOutput,
};
use s3s::{S3Request, S3Response};
use strongroom_access::policy::Policy;

pub(crate) async fn get_bucket_policy(
    operations: &Operations,
    request: S3Request<GetBucketPolicyInput>,
) -> Outcome<GetBucketPolicyOutput> {
    let policy = stored(operations, &request.input.bucket).await?;
    Ok(S3Response::new(GetBucketPolicyOutput { policy: Some(policy) }))
}

pub(crate) async fn get_bucket_policy_status(
    operations: &Operations,
    request: S3Request<GetBucketPolicyStatusInput>,
) -> Outcome<GetBucketPolicyStatusOutput> {
    let bucket = &request.input.bucket;
    let policy = read(&stored(operations, bucket).await?, bucket)?;
    Ok(S3Response::new(GetBucketPolicyStatusOutput {
        policy_status: Some(PolicyStatus {
            is_public: Some(policy.is_public()),
        }),
    }))
}

pub(crate) async fn put_bucket_policy(
    operations: &Operations,
    request: S3Request<PutBucketPolicyInput>,
) -> Outcome<PutBucketPolicyOutput> {
    let PutBucketPolicyInput { bucket, policy, .. } = request.input;
    operations.settings(&bucket).await?;
    let is_public = read(&policy, &bucket)?.is_public();
    let set = operations.change(&bucket, |settings| {
        Ok(settings.set_policy(policy.clone(), is_public)?)
    });
    set.await
}

pub(crate) async fn delete_bucket_policy(
    operations: &Operations,
    request: S3Request<DeleteBucketPolicyInput>,
) -> Outcome<DeleteBucketPolicyOutput> {
    let set = operations.change(&request.input.bucket, |settings| {
        settings.policy = None;
        Ok(())
    });
    set.await
}

async fn stored(operations: &Operations, bucket: &str) -> Result<String, ErrorResponse> {
    let settings = operations.settings(bucket).await?;
    let missing = || not_set("NoSuchBucketPolicy", "The bucket policy does not exist", bucket);
    settings.policy.clone().ok_or_else(missing)
}

fn read(text: &str, bucket: &str) -> Result<Policy, ErrorResponse> {
    Policy::parse(text, bucket)
        .map_err(|error| ErrorResponse::malformed_policy(error.to_string()).with("Hint", error.hint()))
}
