//! The table of errors: engine error to S3 code, status and message.
//!
//! Codes and messages are those of AWS S3, letter for letter where known, because programs compare them. Additional
//! advice goes into `<Hint>`, an element of our own.

use crate::response::error::ErrorResponse;
use strongroom_engine::{BodyError, Error};

mod bucket;
mod copy;
mod encryption;
mod settings;
mod store;
mod tags;
#[cfg(test)]
mod tests;
mod upload;
mod version;

impl From<Error> for ErrorResponse {
    fn from(error: Error) -> Self {
        Self::of(&error)
    }
}

impl ErrorResponse {
    /// Returns the response to an error of the engine.
    pub(crate) fn of(error: &Error) -> Self {
        match error {
            Error::NoSuchBucket(_)
            | Error::BucketExists(_)
            | Error::BucketTaken(_)
            | Error::BucketNotEmpty(_)
            | Error::InvalidBucketName(_)
            | Error::TooManyBuckets(_) => bucket::response(error),
            Error::NoSuchKey(_)
            | Error::NoSuchVersion(..)
            | Error::Deleted(..)
            | Error::IsDeleteMarker(..)
            | Error::Locked
            | Error::NoObjectLock
            | Error::RetentionInPast => version::response(error),
            Error::KeyTooLong(_) | Error::MetadataTooLarge(_) | Error::EntityTooLarge(_) => {
                Self::of_too_large(error)
            }
            Error::PreconditionFailed(condition) => Self::new(
                412,
                "PreconditionFailed",
                "At least one of the pre-conditions you specified did not hold",
            )
            .with("Condition", *condition),
            Error::NotModified { etag, modified } => Self::not_modified(etag, *modified),
            Error::InvalidRange(length) => {
                Self::new(416, "InvalidRange", "The requested range is not satisfiable")
                    .with("ActualObjectSize", length.to_string())
            }
            Error::Encryption(refusal) => encryption::response(refusal),
            Error::Kms(error) => encryption::key_service_response(error),
            Error::Audit(error) => {
                tracing::error!(alarm = "audit", %error, "the request was refused");
                Self::unavailable("The server cannot audit the use of a key now. Please try again.")
            }
            Error::Settings(conflict) => settings::response(*conflict),
            Error::NoSuchUpload(_)
            | Error::PartNumber(_)
            | Error::InvalidPartNumber { .. }
            | Error::InvalidPart { .. }
            | Error::NoParts
            | Error::InvalidPartOrder
            | Error::PartTooSmall { .. }
            | Error::UploadChecksum(_)
            | Error::UploadLength { .. } => upload::response(error),
            Error::CopyOntoItself
            | Error::CopySourceTooLarge(_)
            | Error::CopyRange(_)
            | Error::SourceIsDeleteMarker => copy::response(error),
            Error::Body(error) => Self::of_body(error),
            Error::BadDigest => Self::new(
                400,
                "BadDigest",
                "The Content-MD5 you specified did not match what we received.",
            ),
            Error::BadChecksum(algorithm) => Self::new(
                400,
                "BadDigest",
                format!("The {algorithm} you specified did not match the calculated checksum."),
            ),
            Error::BadTrailer(trailer) => Self::invalid_request(format!(
                "The trailer {trailer} announced in x-amz-trailer is missing or is not a valid checksum."
            )),
            Error::QuotaExceeded(exceeded) => Self::new(403, "QuotaExceeded", exceeded.to_string()),
            Error::Contended | Error::NoRoom => Self::slow_down(),
            Error::Store(error) => store::response(error),
            Error::Damaged(what) => {
                tracing::error!(alarm = "damaged", %what, "stored data is damaged; the read was refused");
                Self::internal()
            }
            other => {
                tracing::error!(error = %other, "the request failed");
                Self::internal()
            }
        }
    }

    fn of_too_large(error: &Error) -> Self {
        match error {
            Error::KeyTooLong(size) => Self::new(400, "KeyTooLongError", "Your key is too long")
                .with("Size", size.to_string())
                .with("MaxSizeAllowed", "1024"),
            Error::MetadataTooLarge(size) => Self::new(
                400,
                "MetadataTooLarge",
                "Your metadata headers exceed the maximum allowed metadata size",
            )
            .with("Size", size.to_string())
            .with("MaxSizeAllowed", "2048"),
            Error::EntityTooLarge(size) => Self::new(
                400,
                "EntityTooLarge",
                "Your proposed upload exceeds the maximum allowed size",
            )
            .with("ProposedSize", size.to_string())
            .with("MaxSizeAllowed", (5u64 << 30).to_string()),
            _ => Self::internal(),
        }
    }

    fn of_body(error: &BodyError) -> Self {
        match error {
            BodyError::Incomplete | BodyError::TooLong => Self::new(
                400,
                "IncompleteBody",
                "You did not provide the number of bytes specified by the Content-Length HTTP header",
            ),
            BodyError::AboveLimit(max) => Self::new(
                400,
                "EntityTooLarge",
                "Your proposed upload exceeds the maximum allowed size",
            )
            .with("MaxSizeAllowed", max.to_string()),
            BodyError::BelowLimit(min) => Self::new(
                400,
                "EntityTooSmall",
                "Your proposed upload is smaller than the minimum allowed size",
            )
            .with("MinSizeAllowed", min.to_string()),
            BodyError::Stalled => Self::new(
                400,
                "RequestTimeout",
                "Your socket connection to the server was not read from or written to within the timeout period.",
            ),
            BodyError::HashMismatch => Self::new(
                400,
                "XAmzContentSHA256Mismatch",
                "The provided 'x-amz-content-sha256' header does not match what was computed.",
            ),
            BodyError::SignatureMismatch => Self::new(
                403,
                "SignatureDoesNotMatch",
                "The signature of a chunk of the body does not match the signature we calculated.",
            ),
            BodyError::Malformed(why) => {
                Self::invalid_request(format!("The aws-chunked body is malformed: {why}"))
            }
            _ => Self::internal(),
        }
    }
}
