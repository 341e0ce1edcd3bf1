//! States of the store that the log notes, so that a store which was rolled back is found.

use std::io;
use std::path::Path;

use super::files;
use super::line::{Line, Mark};
use super::read::Lines;

#[cfg(test)]
mod tests;

/// State of a store: its last commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoreHead {
    /// Id of the store.
    pub store: [u8; 16],
    /// Timeline of the store: a restored store begins a new one.
    pub timeline: [u8; 16],
    /// Number of the last commit.
    pub commit: u64,
    /// Value that binds all commits up to that one.
    pub chain: [u8; 32],
}

impl StoreHead {
    pub(super) fn mark(&self) -> Mark {
        Mark::Head {
            store: hex::encode(self.store),
            timeline: hex::encode(self.timeline),
            commit: self.commit,
            chain: hex::encode(self.chain),
        }
    }

    fn of(mark: &Mark) -> Option<Self> {
        let Mark::Head {
            store,
            timeline,
            commit,
            chain,
        } = mark
        else {
            return None;
        };
        let mut head = Self {
            store: [0; 16],
            timeline: [0; 16],
            commit: *commit,
            chain: [0; 32],
        };
        hex::decode_to_slice(store, &mut head.store).ok()?;
        hex::decode_to_slice(timeline, &mut head.timeline).ok()?;
        hex::decode_to_slice(chain, &mut head.chain).ok()?;
        Some(head)
    }
}

/// Returns the newest state of a store's timeline in the log of a directory. `None`: the log has none. Each file begins with
/// the newest state before it, so this usually reads the last file.
///
/// # Errors
/// The system's error if the directory or a file cannot be read.
pub fn newest(directory: &Path, store: [u8; 16], timeline: [u8; 16]) -> io::Result<Option<StoreHead>> {
    for file in files::list(directory)?.iter().rev() {
        let (mut lines, mut newest) = (Lines::of(file)?, None);
        while let Some((found, _)) = lines.next_line()? {
            let head = Line::read(found.bytes).and_then(|line| {
                let head = StoreHead::of(&line.mark()?)?;
                let is_of_store = head.store == store && head.timeline == timeline;
                (is_of_store && line.is_genuine()).then_some(head)
            });
            newest = head.or(newest);
        }
        if newest.is_some() {
            return Ok(newest);
        }
    }
    Ok(None)
}
