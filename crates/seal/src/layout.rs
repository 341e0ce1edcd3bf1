//! Arithmetic between plaintext and sealed offsets of a part. Touches no data.
//!
//! A sealed part is a header of 40 bytes and one or more chunks. Each chunk holds 65,536 plaintext bytes, the last one
//! 0 to 65,536, followed by its tag. An empty part has one empty chunk, so that it too can only be opened with the
//! right key, and cannot be confused with a truncated one.

use crate::suite::{SALT, TAG};
use std::ops::Range;

#[cfg(test)]
mod tests;

/// Plaintext bytes in a full chunk.
pub const CHUNK: u64 = 64 * 1024;
/// Sealed bytes of a full chunk.
pub const SEALED_CHUNK: u64 = CHUNK + TAG as u64;
/// Bytes before the first chunk.
pub const HEADER: usize = 8 + SALT;
/// Maximum plaintext length of a part: 5 TiB, far below where chunk counters or the limits of GCM matter.
pub const MAX_PLAIN: u64 = 5 << 40;

/// Returns the number of chunks of a part of `plain` bytes.
pub fn chunks(plain: u64) -> u64 {
    plain.div_ceil(CHUNK).max(1)
}

/// Returns the sealed length of a part of `plain` bytes, header included.
pub fn sealed_length(plain: u64) -> u64 {
    HEADER as u64 + plain + chunks(plain) * TAG as u64
}

/// The chunks that contain a range of plaintext.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// Numbers of the chunks, from 0.
    pub chunks: Range<u64>,
    /// Byte range of the chunks in the sealed part.
    pub sealed: Range<u64>,
    /// Plaintext bytes of the first chunk before the range.
    pub skip: u64,
    /// Plaintext bytes in the range.
    pub take: u64,
}

/// Returns the chunks to open for the plaintext `range` of a part of `plain` bytes.
///
/// `range` must be within the part. An empty range of an empty part returns its one chunk, which must still be opened;
/// any other empty range returns no chunk.
pub fn span(plain: u64, range: Range<u64>) -> Span {
    debug_assert!(
        range.start <= range.end && range.end <= plain,
        "range outside the part"
    );
    let first = range.start / CHUNK;
    let end = match (plain, range.is_empty()) {
        (0, _) => 1,
        (_, true) => first,
        (_, false) => range.end.div_ceil(CHUNK),
    };
    let sealed_end = (HEADER as u64 + end * SEALED_CHUNK).min(sealed_length(plain));
    let sealed_start = (HEADER as u64 + first * SEALED_CHUNK).min(sealed_end);
    Span {
        chunks: first..end,
        sealed: sealed_start..sealed_end,
        skip: range.start - first * CHUNK,
        take: range.end - range.start,
    }
}
