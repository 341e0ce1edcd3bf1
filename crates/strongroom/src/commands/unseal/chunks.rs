//! Chunks of an object.

use std::ops::Range;

use strongroom_seal::layout::CHUNK;

/// Chunks of an object: for each part, the plaintext ranges that are decrypted together.
pub(super) struct Chunks {
    /// Plaintext range of each part.
    pub(super) parts: Vec<Range<u64>>,
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
    pub(super) fn part(&self, at: u64) -> (usize, Range<u64>) {
        let index = self.parts.partition_point(|part| part.end <= at);
        let part = self.parts.get(index).cloned();
        (index, part.unwrap_or(self.length()..self.length()))
    }

    /// Returns the range of the chunk that contains byte `at`.
    pub(super) fn around(&self, at: u64) -> Range<u64> {
        let (_, part) = self.part(at);
        let start = part.start + at.saturating_sub(part.start) / CHUNK * CHUNK;
        start..(start + CHUNK).min(part.end)
    }
}

#[cfg(test)]
mod tests;
