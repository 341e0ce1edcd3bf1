//! Where the damage of an object begins and ends.

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;

use strongroom_engine::{Engine, Error};
use strongroom_seal::layout::CHUNK;

use super::get::Asked;

/// An object that does not open as a whole.
#[derive(Debug)]
pub(crate) struct Damage {
    pub(super) object: String,
    /// The first byte that does not open.
    pub(super) at: u64,
    /// Where the bytes before it were kept.
    pub(super) kept: Option<PathBuf>,
    /// A byte behind it from which on there are some that open.
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
        write!(f, "{object:?} is damaged from byte {at} on ({source}). ")?;
        match kept {
            Some(part) => write!(f, "What opened before it is in {}. ", part.display())?,
            None => f.write_str("Nothing was kept: --keep-part keeps what opens before the damage. ")?,
        }
        match again {
            Some(again) => write!(f, "It opens again from byte {again} on: --range {again}-"),
            None => f.write_str("Nothing behind it was found to open"),
        }
    }
}

impl std::error::Error for Damage {}

/// Whether an error says that stored bytes are not there, not those that were written, or cannot be read.
pub(super) fn is_damage(error: &Error) -> bool {
    matches!(error, Error::Damaged(_) | Error::Store(_))
}

/// The chunks of an object: of each of its parts, the plain bytes that open together.
pub(super) struct Chunks {
    /// The plain bytes of each part.
    parts: Vec<Range<u64>>,
}

impl Chunks {
    /// Of an object of `length` bytes with parts of these lengths; one that was put whole tells of none.
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

    /// The part that a byte lies in, by its place among the parts.
    fn part(&self, at: u64) -> (usize, Range<u64>) {
        let place = self.parts.partition_point(|part| part.end <= at);
        let part = self.parts.get(place).cloned();
        (place, part.unwrap_or(self.length()..self.length()))
    }

    /// The chunk that a byte lies in.
    pub(super) fn around(&self, at: u64) -> Range<u64> {
        let (_, part) = self.part(at);
        let start = part.start + at.saturating_sub(part.start) / CHUNK * CHUNK;
        start..(start + CHUNK).min(part.end)
    }
}

/// A byte behind the damage at `at`, before `end`, from which on there are some that open.
///
/// Within the part it is looked for in growing steps, then between the last two: damage is mostly in one piece. Of the
/// parts behind it only the first chunks are tried.
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
