//! Request bodies.

use bytes::Bytes;
use futures::stream::BoxStream;

/// Body of a request, as a stream of pieces of any size.
pub type Body = BoxStream<'static, Result<Bytes, BodyError>>;

/// Error while the body of a request is received.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BodyError {
    /// The body had fewer bytes than announced, or the connection broke.
    #[error("the body has fewer bytes than announced")]
    Incomplete,
    /// The body had more bytes than announced.
    #[error("the body has more bytes than announced")]
    TooLong,
    /// The body had more bytes than the request allows; the maximum.
    #[error("the body has more than the maximum of {0} bytes")]
    AboveLimit(u64),
    /// The body had fewer bytes than the request requires; the minimum.
    #[error("the body has fewer than the minimum of {0} bytes")]
    BelowLimit(u64),
    /// No bytes arrived for a long time.
    #[error("no bytes of the body arrived for too long")]
    Stalled,
    /// The body does not match its signed SHA-256.
    #[error("the body does not match the x-amz-content-sha256 header")]
    HashMismatch,
    /// A chunk or trailer of the body has a wrong signature.
    #[error("a chunk of the body has a wrong signature")]
    SignatureMismatch,
    /// The framing of the body is broken.
    #[error("the aws-chunked framing of the body is broken: {0}")]
    Malformed(String),
}
