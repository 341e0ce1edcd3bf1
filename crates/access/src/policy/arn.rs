//! ARNs of buckets and objects.

/// What all ARNs of buckets and objects begin with.
pub const ARN_PREFIX: &str = "arn:aws:s3:::";

/// The ARN of a bucket, or of an object in it, as [`Request::resource`](crate::policy::Request::resource) wants it.
pub fn arn(bucket: &str, object: Option<&str>) -> String {
    match object {
        None => [ARN_PREFIX, bucket].concat(),
        Some(object) => [ARN_PREFIX, bucket, "/", object].concat(),
    }
}
