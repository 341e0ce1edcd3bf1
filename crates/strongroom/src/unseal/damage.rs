//! Finds where the damage of an object begins and ends.

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;

use strongroom_engine::{Engine, Error};
use strongroom_seal::layout::CHUNK;

use super::get::Asked;

/// An object that cannot be decrypted completely.
#[derive(Debug)]
pub(crate) struct Damage {
    pub(super) object: String,
    /// First byte that cannot be decrypted.
    pub(super) at: u64,
    /// File with the bytes before it, if they were kept.
    pub(super) kept: Option<PathBuf>,
    /// A later byte from which on data can be decrypted again.
    pub(super) again: Option<u64>,
    pub(super) source: Error,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            object,
            at,
            kept,
            again,
            source,
        } = self;
        write!(f, "{object:?} is damaged from byte {at} ({source}). ")?;
        match kept {
            Some(part) => write!(f, "The bytes before the damage are in {}. ", part.display())?,
            None => f.write_str("Nothing was kept: add --keep-part to keep the bytes before the damage. ")?,
        }
        match again {
            Some(again) => write!(
                f,
                "Data can be decrypted again from byte {again}: continue with --range {again}-"
            ),
            None => f.write_str("No data after the damage could be decrypted"),
        }
    }
}

impl std::error::Error for Damage {}

/// Returns whether an error says that stored bytes are missing, differ from those written, or cannot be read.
pub(super) fn is_damage(error: &Error) -> bool {
    matches!(error, Error::Damaged(_) | Error::Store(_))
}

/// Chunks of an object: for each part, the plaintext ranges that are decrypted together.
pub(super) struct Chunks {
    /// Plaintext range of each part.
    parts: Vec<Range<u64>>,
}

impl Chunks {
    /// Creates the chunks of an object of `length` bytes from its part lengths, which are empty for a single PUT.
    pub(super) fn of(length: u64, parts: impl Iterator<Item = u64>) -> Self {
        let mut start = 0;
        let mut parts: Vec<_> = parts
            .map(|length| {
                let part = start..start + length;
                start = part.end;
                part
            })
            .collect();
        if parts.is_empty() {
            parts.push(0..length);
        }
        Self { parts }
    }

    pub(super) fn length(&self) -> u64 {
        self.parts.last().map_or(0, |part| part.end)
    }

    /// Returns the index and range of the part that contains byte `at`.
    fn part(&self, at: u64) -> (usize, Range<u64>) {
        let place = self.parts.partition_point(|part| part.end <= at);
        let part = self.parts.get(place).cloned();
        (place, part.unwrap_or(self.length()..self.length()))
    }

    /// Returns the range of the chunk that contains byte `at`.
    pub(super) fn around(&self, at: u64) -> Range<u64> {
        let (_, part) = self.part(at);
        let start = part.start + at.saturating_sub(part.start) / CHUNK * CHUNK;
        start..(start + CHUNK).min(part.end)
    }
}

/// Finds a byte after the damage at `at` and before `end` from which on data can be decrypted.
///
/// Within the part it searches in growing steps and then between the last two, because damage is mostly contiguous.
/// In later parts it tries only the first chunks.
pub(super) async fn opens_again(
    engine: &Engine,
    asked: &Asked,
    chunks: &Chunks,
    at: u64,
    end: u64,
) -> Option<u64> {
    let opens = async |at: u64| asked.chunk(engine, chunks.around(at)).await.is_ok();
    let (place, part) = chunks.part(at);
    let first = chunks.around(at).start;
    let beyond = part.end.min(end).saturating_sub(first).div_ceil(CHUNK);
    let start_of = |chunk: u64| first + chunk * CHUNK;
    let (mut damaged, mut step) = (0, 1);
    while damaged + 1 < beyond {
        let tried = (damaged + step).min(beyond - 1);
        if opens(start_of(tried)).await {
            let mut whole = tried;
            while damaged + 1 < whole {
                let middle = damaged.midpoint(whole);
                if opens(start_of(middle)).await {
                    whole = middle;
                } else {
                    damaged = middle;
                }
            }
            return Some(start_of(whole));
        }
        damaged = tried;
        step *= 2;
    }
    for part in chunks.parts.iter().skip(place + 1) {
        if part.start >= end {
            break;
        }
        if !part.is_empty() && opens(part.start).await {
            return Some(part.start);
        }
    }
    None
}

#[cfg(test)]
mod tests;
