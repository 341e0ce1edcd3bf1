//! The one table: engine error to S3 code, status and message.
//!
//! Codes and messages are those of AWS S3, letter for letter where they are known, because programs compare them. What
//! they leave unsaid goes into `<Hint>`, an element of our own.

use crate::ops::timestamp;
use crate::reply::Told;
use http::header::{ETAG, LAST_MODIFIED, RETRY_AFTER};
use http::{HeaderName, HeaderValue, Response, StatusCode};
use s3s::dto::TimestampFormat;
use s3s::{Body, S3Error, S3ErrorCode};
use std::borrow::Cow;
use strongroom_engine::{BodyError, Error};

mod copy;
mod encryption;
mod settings;
mod tags;
#[cfg(test)]
mod tests;
mod upload;
mod version;

/// Seconds after which what cannot be had now may be asked for again.
const RETRY_SECONDS: &str = "5";

/// An error as S3 tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) message: Cow<'static, str>,
    /// More elements of the error document.
    pub(crate) extra: Vec<(&'static str, String)>,
    /// Headers of the answer.
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
}

impl Answer {
    fn new(status: u16, code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self {
            status,
            code,
            message: message.into(),
            extra: Vec::new(),
            headers: Vec::new(),
        }
    }

    /// With another element in the error document.
    pub(crate) fn with(mut self, element: &'static str, value: impl Into<String>) -> Self {
        self.extra.push((element, value.into()));
        self
    }

    pub(crate) fn invalid_argument(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(400, "InvalidArgument", message)
    }

    pub(crate) fn invalid_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(400, "InvalidRequest", message)
    }

    pub(crate) fn not_implemented(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(501, "NotImplemented", message)
    }

    pub(crate) fn access_denied(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(403, "AccessDenied", message)
    }

    pub(crate) fn headers_not_signed(headers: String) -> Self {
        Self::access_denied("There were headers present in the request which were not signed")
            .with("HeadersNotSigned", headers)
    }

    pub(crate) fn malformed_authorization(why: &str) -> Self {
        Self::new(
            400,
            "AuthorizationHeaderMalformed",
            format!("The authorization header is malformed; {why}"),
        )
    }

    pub(crate) fn malformed_query(why: &str) -> Self {
        Self::new(400, "AuthorizationQueryParametersError", why.to_owned())
    }

    pub(crate) fn coded(status: u16, code: &'static str, message: &'static str) -> Self {
        Self::new(status, code, message)
    }

    pub(crate) fn bad_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(400, "BadRequest", message)
    }

    pub(crate) fn malformed_policy(message: String) -> Self {
        Self::new(400, "MalformedPolicy", message)
    }

    pub(crate) fn no_document() -> Self {
        let code = "MissingRequestBodyError";
        Self::coded(400, code, message_of(code))
    }

    pub(crate) fn malformed_xml() -> Self {
        Self::coded(400, "MalformedXML", message_of("MalformedXML"))
    }

    /// With a header.
    fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((name, value));
        }
        self
    }

    /// What can be had later.
    fn unavailable(message: &'static str) -> Self {
        Self::new(503, "ServiceUnavailable", message).header(RETRY_AFTER, RETRY_SECONDS)
    }

    pub(crate) fn internal() -> Self {
        Self::new(
            500,
            "InternalError",
            "We encountered an internal error. Please try again.",
        )
    }

    /// A 304, with the headers that a client renews what it keeps by (RFC 9110 section 15.4.5).
    fn not_modified(etag: &str, modified: u64) -> Self {
        let mut answer = Self::new(304, "NotModified", "Not Modified");
        let mut date = Vec::new();
        // Writing to memory does not fail, and a time of ours can be written as a date.
        let _ = timestamp(modified).format(TimestampFormat::HttpDate, &mut date);
        for (name, value) in [(ETAG, format!("\"{etag}\"").into_bytes()), (LAST_MODIFIED, date)] {
            if let Ok(value) = HeaderValue::from_bytes(&value) {
                answer.headers.push((name, value));
            }
        }
        answer
    }

    /// The answer to an engine's error.
    pub(crate) fn of(error: &Error) -> Self {
        match error {
            Error::NoSuchBucket(bucket) => {
                Self::new(404, "NoSuchBucket", "The specified bucket does not exist")
                    .with("BucketName", bucket)
            }
            Error::NoSuchKey(_)
            | Error::NoSuchVersion(..)
            | Error::Deleted(..)
            | Error::IsDeleteMarker(_)
            | Error::Locked
            | Error::NoObjectLock
            | Error::RetentionInPast => version::answer(error),
            Error::BucketExists(bucket) => Self::new(
                409,
                "BucketAlreadyOwnedByYou",
                "Your previous request to create the named bucket succeeded and you already own it.",
            )
            .with("BucketName", bucket),
            Error::BucketNotEmpty(bucket) => Self::new(
                409,
                "BucketNotEmpty",
                "The bucket you tried to delete is not empty",
            )
            .with("BucketName", bucket),
            Error::InvalidBucketName(bucket) => {
                Self::new(400, "InvalidBucketName", "The specified bucket is not valid.")
                    .with("BucketName", bucket)
            }
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
            Error::Encryption(refusal) => encryption::answer(refusal),
            Error::Kms(error) => encryption::answer_of_service(error),
            Error::Audit(error) => {
                tracing::error!(alarm = "audit", %error, "the request was refused");
                Self::unavailable("The server cannot note the use of a key now. Please try again.")
            }
            Error::Settings(conflict) => settings::answer(*conflict),
            Error::NoSuchUpload(_)
            | Error::PartNumber(_)
            | Error::InvalidPartNumber { .. }
            | Error::InvalidPart { .. }
            | Error::NoParts
            | Error::InvalidPartOrder
            | Error::PartTooSmall { .. }
            | Error::UploadChecksum(_)
            | Error::UploadLength { .. } => upload::answer(error),
            Error::CopyOntoItself
            | Error::CopySourceTooLarge(_)
            | Error::CopyRange(_)
            | Error::SourceIsDeleteMarker => copy::answer(error),
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
            Error::Contended => Self::new(503, "SlowDown", "Please reduce your request rate."),
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

    fn of_body(error: &BodyError) -> Self {
        match error {
            BodyError::Incomplete | BodyError::TooLong => Self::new(
                400,
                "IncompleteBody",
                "You did not provide the number of bytes specified by the Content-Length HTTP header",
            ),
            BodyError::AboveLimit(most) => Self::new(
                400,
                "EntityTooLarge",
                "Your proposed upload exceeds the maximum allowed size",
            )
            .with("MaxSizeAllowed", most.to_string()),
            BodyError::BelowLimit(fewest) => Self::new(
                400,
                "EntityTooSmall",
                "Your proposed upload is smaller than the minimum allowed size",
            )
            .with("MinSizeAllowed", fewest.to_string()),
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

    /// As s3s carries it through its machinery. What it cannot carry goes by `told`.
    pub(crate) fn into_s3(self, told: &crate::reply::Details) -> S3Error {
        let code = S3ErrorCode::from_bytes(self.code.as_bytes()).unwrap_or(S3ErrorCode::InternalError);
        let mut error = S3Error::with_message(code, self.message.clone());
        error.set_status_code(self.status);
        told.set(self);
        error
    }

    /// As an answer of its own.
    pub(crate) fn into_response(self, told: &Told) -> Response<Body> {
        crate::reply::error_response(&self, told)
    }
}

/// The refusal of a customer key that came where others could read it.
pub(crate) fn cleartext() -> Answer {
    Answer::invalid_request(
        "Requests specifying Server Side Encryption with Customer provided keys must be made over a secure connection.",
    )
    .with(
        "Hint",
        "Take the key as known to others from now on: it came over clear text. Use the HTTPS address, or, behind a \
         proxy that ends TLS, list the proxy in trusted_proxies.",
    )
}

/// The message of an S3 code that came without one: an empty message breaks clients.
pub(crate) fn message_of(code: &str) -> &'static str {
    match code {
        "AccessDenied" => "Access Denied",
        "IncompleteBody" => {
            "You did not provide the number of bytes specified by the Content-Length HTTP header"
        }
        "InvalidBucketName" => "The specified bucket is not valid.",
        "InvalidURI" => "Couldn't parse the specified URI.",
        "KeyTooLongError" => "Your key is too long",
        "MalformedXML" => {
            "The XML you provided was not well-formed or did not validate against our published schema"
        }
        "MissingRequestBodyError" => "Request Body is empty",
        "MethodNotAllowed" => "The specified method is not allowed against this resource.",
        "MissingContentLength" => "You must provide the Content-Length HTTP header.",
        "MaxMessageLengthExceeded" => "Your request was too big.",
        "NotImplemented" => "A header or query you provided implies functionality that is not implemented.",
        "RequestTimeTooSkewed" => {
            "The difference between the request time and the current time is too large."
        }
        "SignatureDoesNotMatch" => {
            "The request signature we calculated does not match the signature you provided. Check your key and signing \
             method."
        }
        "InternalError" => "We encountered an internal error. Please try again.",
        _ => "The request cannot be carried out.",
    }
}
