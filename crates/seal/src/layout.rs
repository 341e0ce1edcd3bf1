//! The arithmetic between plain and sealed offsets of a part. No bytes are touched here.
//!
//! A sealed part is a header of 40 bytes and one or more chunks. Each chunk holds 65,536 plain bytes, the last one 0
//! to 65,536, followed by its tag. An empty part has one empty chunk, so that it too can only be opened by the right
//! key, and cannot be mistaken for a truncated one.

use crate::suite::{SALT, TAG};
use std::ops::Range;

#[cfg(test)]
mod tests;

/// Plain bytes in a full chunk.
pub const CHUNK: u64 = 64 * 1024;
/// Sealed bytes of a full chunk.
pub const SEALED_CHUNK: u64 = CHUNK + TAG as u64;
/// Bytes before the first chunk.
pub const HEADER: usize = 8 + SALT;
/// Most plain bytes in one part: 5 TiB, far below where chunk counters or the limits of GCM matter.
pub const MAX_PLAIN: u64 = 5 << 40;

/// Chunks of a part of `plain` bytes.
pub fn chunks(plain: u64) -> u64 {
    plain.div_ceil(CHUNK).max(1)
}

/// Sealed bytes of a part of `plain` bytes, header included.
pub fn sealed_length(plain: u64) -> u64 {
    HEADER as u64 + plain + chunks(plain) * TAG as u64
}

/// The chunks that hold a range of plain bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// Their numbers, from 0.
    pub chunks: Range<u64>,
    /// Where they lie in the sealed part.
    pub sealed: Range<u64>,
    /// Plain bytes before the range in the first of them.
    pub skip: u64,
    /// Plain bytes of the range.
    pub take: u64,
}

/// The chunks to open for the plain bytes `range` of a part of `plain` bytes.
///
/// `range` must lie within the part. An empty range of an empty part gives its one chunk, which must be opened all
/// the same; any other empty range gives no chunk.
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
