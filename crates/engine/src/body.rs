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
