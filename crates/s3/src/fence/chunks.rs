//! What s3s does not check of aws-chunked bodies: how large a chunk is (it holds each one whole until its signature is
//! checked; clients send chunks of 64 KiB to 1 MiB), and that the last, empty one came.

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use s3s::Body;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

#[cfg(test)]
mod tests;

/// The largest chunk that is taken.
const MOST: u64 = 16 << 20;
/// The longest line before a chunk: its size, and its signature.
const MOST_LINE: usize = 1024;

/// The body, which breaks off with an error at a chunk that is too large.
pub(crate) fn bounded(body: Body) -> Body {
    Body::http_body_unsync(Bounded {
        inner: body,
        frame: Chunks::default(),
    })
}

struct Bounded {
    inner: Body,
    frame: Chunks,
}

/// Where in the framing the stream is.
enum Chunks {
    /// In the line before a chunk: the size so far, whether it is complete, and the bytes of the line.
    Line {
        size: u64,
        complete: bool,
        length: usize,
    },
    /// In a chunk and the line end after it: bytes still to come.
    Data(u64),
    /// Behind the last chunk: trailers, which s3s bounds itself.
    Trailers,
}

impl Default for Chunks {
    fn default() -> Self {
        Self::Line {
            size: 0,
            complete: false,
            length: 0,
        }
    }
}

/// A chunk is larger than is taken, or its line is no line.
#[derive(Debug)]
pub(crate) struct ChunkTooLarge;

impl std::fmt::Display for ChunkTooLarge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ChunkTooLarge: a chunk has more than {MOST} bytes")
    }
}

impl std::error::Error for ChunkTooLarge {}

/// The body ended before its last, empty chunk: s3s takes it for whole if it has as many bytes as were announced.
#[derive(Debug)]
struct NoLastChunk;

impl std::fmt::Display for NoLastChunk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NoLastChunk: the body ended before its last chunk")
    }
}

impl std::error::Error for NoLastChunk {}

impl Chunks {
    /// Follows the framing through the next bytes. What is not framing at all is left to s3s to refuse.
    fn follow(&mut self, mut bytes: &[u8]) -> Result<(), ChunkTooLarge> {
        while let Some((first, rest)) = bytes.split_first() {
            match self {
                Self::Line {
                    size,
                    complete,
                    length,
                } => {
                    bytes = rest;
                    *length += 1;
                    match char::from(*first).to_digit(16) {
                        _ if *first == b'\n' => {
                            *self = if *size == 0 {
                                Self::Trailers
                            } else {
                                Self::Data(*size + 2)
                            };
                            continue;
                        }
                        Some(digit) if !*complete => *size = *size << 4 | u64::from(digit),
                        _ => *complete = true,
                    }
                    if *size > MOST || *length > MOST_LINE {
                        return Err(ChunkTooLarge);
                    }
                }
                Self::Data(left) => {
                    let here = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
                    bytes = &bytes[here..];
                    *left -= here as u64;
                    if *left == 0 {
                        *self = Self::default();
                    }
                }
                Self::Trailers => return Ok(()),
            }
        }
        Ok(())
    }
}

impl http_body::Body for Bounded {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let frame = ready!(Pin::new(&mut self.inner).poll_frame(context));
        if frame.is_none() && !matches!(self.frame, Chunks::Trailers) {
            return Poll::Ready(Some(Err(Box::new(NoLastChunk))));
        }
        if let Some(Ok(frame)) = &frame
            && let Some(bytes) = frame.data_ref()
        {
            self.frame.follow(bytes)?;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.frame, Chunks::Trailers) && self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
