//! Errors of buckets as a whole.

use crate::response::error::ErrorResponse;
use strongroom_engine::Error;

/// Returns the response to an error of a bucket.
pub(super) fn response(error: &Error) -> ErrorResponse {
    match error {
        Error::NoSuchBucket(bucket) => {
            ErrorResponse::new(404, "NoSuchBucket", "The specified bucket does not exist")
                .with("BucketName", bucket)
        }
        Error::BucketExists(bucket) => ErrorResponse::new(
            409,
            "BucketAlreadyOwnedByYou",
            "Your previous request to create the named bucket succeeded and you already own it.",
        )
        .with("BucketName", bucket),
        Error::BucketTaken(bucket) => ErrorResponse::new(
            409,
            "BucketAlreadyExists",
            "The requested bucket name is not available. The bucket namespace is shared by all users of the system. \
             Please select a different name and try again.",
        )
        .with("BucketName", bucket),
        Error::BucketNotEmpty(bucket) => ErrorResponse::new(
            409,
            "BucketNotEmpty",
            "The bucket you tried to delete is not empty",
        )
        .with("BucketName", bucket),
        Error::InvalidBucketName(bucket) => {
            ErrorResponse::new(400, "InvalidBucketName", "The specified bucket is not valid.")
                .with("BucketName", bucket)
        }
        Error::TooManyBuckets(limit) => ErrorResponse::new(
            400,
            "TooManyBuckets",
            "You have attempted to create more buckets than allowed.",
        )
        .with("MaxBuckets", limit.to_string()),
        _ => ErrorResponse::internal(),
    }
}
