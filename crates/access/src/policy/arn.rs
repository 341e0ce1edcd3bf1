//! ARNs of buckets and objects.

/// Prefix of all ARNs of buckets and objects.
pub const ARN_PREFIX: &str = "arn:aws:s3:::";

/// Returns the ARN of a bucket, or of an object in it, for [`Request::resource`](crate::policy::Request::resource).
pub fn arn(bucket: &str, object: Option<&str>) -> String {
    match object {
        None => [ARN_PREFIX, bucket].concat(),
        Some(object) => [ARN_PREFIX, bucket, "/", object].concat(),
    }
}
