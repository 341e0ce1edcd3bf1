//! Checks of aws-chunked bodies that s3s does not make: the size of a chunk (s3s buffers a chunk until its signature
//! is checked; clients send chunks of 64 KiB to 1 MiB), and the presence of the last, empty chunk.

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use s3s::Body;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

#[cfg(test)]
mod tests;

/// Maximum size of a chunk, in bytes.
const MAX_CHUNK: u64 = 16 << 20;
/// Maximum length of the line before a chunk, which holds its size and its signature, in bytes.
const MAX_LINE: usize = 1024;

/// Returns the body with checks added. It ends with an error at a chunk that is too large, or if the last chunk is
/// missing.
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

/// Position of the stream in the framing.
enum Chunks {
    /// In the line before a chunk: size so far, whether the size is complete, length of the line so far.
    Line {
        size: u64,
        complete: bool,
        length: usize,
    },
    /// In a chunk or the line end after it: bytes that remain.
    Data(u64),
    /// After the last chunk: trailers. s3s limits their size itself.
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

/// A chunk, or the line before it, is too long.
#[derive(Debug)]
pub(crate) struct ChunkTooLarge;

impl std::fmt::Display for ChunkTooLarge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ChunkTooLarge: a chunk has more than {MAX_CHUNK} bytes")
    }
}

impl std::error::Error for ChunkTooLarge {}

/// The body ended before its last, empty chunk. s3s accepts such a body if it has the announced number of bytes.
#[derive(Debug)]
struct NoLastChunk;

impl std::fmt::Display for NoLastChunk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NoLastChunk: the body ended before its last chunk")
    }
}

impl std::error::Error for NoLastChunk {}

impl Chunks {
    /// Follows the framing through the next bytes. s3s refuses bytes that are not framing at all.
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
                    if *size > MAX_CHUNK || *length > MAX_LINE {
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
