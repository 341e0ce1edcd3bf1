//! The content of a request on its way in.

use bytes::Bytes;
use futures::stream::BoxStream;

/// The content of a request, as a stream of pieces of any size.
pub type Body = BoxStream<'static, Result<Bytes, BodyError>>;

/// Why the content of a request could not be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BodyError {
    /// Fewer bytes came than were announced, or the connection broke.
    #[error("the body ended before the announced number of bytes had come")]
    Incomplete,
    /// More bytes came than were announced.
    #[error("the body is longer than was announced")]
    TooLong,
    /// More bytes came than the request itself allows; how many that is.
    #[error("the body has more than the {0} bytes that are allowed")]
    AboveLimit(u64),
    /// Fewer bytes came than the request itself demands; how many that is.
    #[error("the body has fewer than the {0} bytes that are demanded")]
    BelowLimit(u64),
    /// No bytes came for a long time.
    #[error("the body stood still for too long")]
    Stalled,
    /// The body is not what its signed SHA-256 says.
    #[error("the body does not match the x-amz-content-sha256 header")]
    HashMismatch,
    /// A chunk or trailer of the body has a wrong signature.
    #[error("a chunk of the body has a wrong signature")]
    SignatureMismatch,
    /// The framing of the body is broken.
    #[error("the aws-chunked framing of the body is broken: {0}")]
    Malformed(String),
}
