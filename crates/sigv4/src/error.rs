//! Errors of signatures. Each service words them in its own way; the texts here are those of S3.

use crate::scope::ScopeError;
use time::OffsetDateTime;

/// Location of a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Location {
    /// The `Authorization` header.
    Header,
    /// The query of a presigned URL.
    Query,
}

/// Error of a signature. Contains texts of the request, but no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// The signature is one of version 2.
    #[error("The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.")]
    VersionTwo,
    /// There is a signature in the header and one in the query.
    #[error(
        "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or \
         the Authorization header should be specified"
    )]
    Both,
    /// A header that a signature depends on comes more than once.
    #[error("The header {0} was sent more than once.")]
    Repeated(&'static str),
    /// The signature does not have the form of the specification: the reason.
    #[error("{1}")]
    Malformed(Location, String),
    /// The credential is not one of this server.
    #[error("{1}")]
    Scope(Location, ScopeError),
    /// The session token comes twice, in an unsigned request, or is no text.
    #[error("The provided token is malformed or otherwise invalid.")]
    Token,
    /// Headers are not signed: their names, separated by commas.
    #[error("There were headers present in the request which were not signed")]
    HeadersNotSigned(String),
    /// A header is signed but was not sent: its name.
    #[error("The header {0} is signed but was not sent.")]
    HeaderNotSent(String),
    /// An `x-amz-` header is not UTF-8 text: its name.
    #[error("The header {0} must be UTF-8 text.")]
    NoText(String),
    /// The time of the signature is missing or cannot be read.
    #[error("AWS authentication requires a valid Date or x-amz-date header")]
    NoDate,
    /// The request was signed too long ago, or too far in the future.
    #[error("The difference between the request time and the current time is too large.")]
    Skewed {
        /// Time in the request, as sent or in the same form.
        date: String,
        /// Time of the server.
        now: OffsetDateTime,
    },
    /// The presigned URL is no longer valid.
    #[error("Request has expired")]
    Expired {
        /// Lifetime in seconds, as sent.
        seconds: String,
        /// Time at which it expired.
        at: OffsetDateTime,
        /// Time of the server.
        now: OffsetDateTime,
    },
    /// The signature is not the one of this request under this secret.
    #[error(
        "The request signature we calculated does not match the signature you provided. Check your key and signing \
         method."
    )]
    Mismatch,
}
