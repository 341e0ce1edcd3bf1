//! Reading the log when a store is opened.
//!
//! Only one thing is accepted as the result of a crash: bytes after the last whole group of the last segment, if the
//! mark names none of them as acknowledged and no whole group follows them. Everything else is damage.

use crate::authenticator::Authenticator;
use crate::error::{Result, StoreError};
use crate::local::log::Head;
use crate::local::log::group::{Group, MAGIC, NoGroup};
use crate::local::log::segment::{self, HEADER_BYTES, Origin, SegmentHeader};
use crate::local::log::writer::{Entry, LogWriter, Segments};
use std::collections::VecDeque;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A log whose groups were all checked.
#[derive(Debug)]
pub(in crate::local) struct Verified {
    pub(super) directory: PathBuf,
    origin: Origin,
    pub(super) segments: VecDeque<Entry>,
    pub(in crate::local) head: Head,
    /// Bytes after the last group that a crash left behind, discarded.
    pub(in crate::local) torn: u64,
}

impl Verified {
    /// Makes the checked groups durable. A process that was killed before its sync has left them in the page cache only.
    pub(in crate::local) fn sync(&self) -> Result<()> {
        self.segments.iter().try_for_each(|entry| {
            let path = segment::path(&self.directory, entry.ordinal);
            File::open(&path)
                .and_then(|file| file.sync_data())
                .map_err(|error| StoreError::failed(format!("syncing {}", path.display()), error))
        })
    }

    /// Returns the writer that continues the log.
    pub(in crate::local) fn writer(
        self,
        authenticator: Arc<dyn Authenticator>,
        segment_bytes: u64,
    ) -> LogWriter {
        let next = self.segments.back().map_or(1, |entry| entry.ordinal + 1);
        let segments = Arc::new(Segments::new(&self.directory, self.segments));
        LogWriter::new(
            &self.directory,
            self.origin,
            authenticator,
            self.head,
            segments,
            next,
            segment_bytes,
        )
    }
}

/// Checks the whole log and changes nothing.
///
/// `tables` is the head up to which the tables contain all commits, `mark` the last head that was acknowledged.
///
/// # Errors
/// [`StoreError::Damaged`] names the file, the place and what is missing.
pub(in crate::local) fn verify(
    directory: &Path,
    origin: Origin,
    tables: Head,
    mark: Head,
    authenticator: &dyn Authenticator,
) -> Result<Verified> {
    let headers = headers(directory, origin)?;
    let Some(first) = headers.first() else {
        return Err(damaged(directory, "there is no segment".to_owned()));
    };
    let mut walk = Walk {
        head: Head {
            number: first.first.saturating_sub(1),
            chain: first.chain,
        },
        expected: [tables, mark],
        torn: 0,
    };
    if walk.head.number > tables.number {
        let why = format!(
            "commits {} to {} are missing: the tables end before them, and the oldest segment begins after them",
            tables.number + 1,
            walk.head.number
        );
        return Err(damaged(directory, why));
    }
    walk.compare(&segment::path(directory, first.ordinal))?;
    for (position, header) in headers.iter().enumerate() {
        let next = headers.get(position + 1);
        walk.segment(
            &segment::path(directory, header.ordinal),
            header,
            next,
            authenticator,
        )?;
    }
    for (head, name) in [(tables, "the tables contain"), (mark, "the mark names")] {
        if head.number > walk.head.number {
            let why = format!(
                "it ends with commit {}, but {name} commit {}",
                walk.head.number, head.number
            );
            return Err(damaged(directory, why));
        }
    }
    let entry = |header: &SegmentHeader| Entry {
        ordinal: header.ordinal,
        first: header.first,
    };
    Ok(Verified {
        directory: directory.to_owned(),
        origin,
        segments: headers.iter().map(entry).collect(),
        head: walk.head,
        torn: walk.torn,
    })
}

/// Checks that closed segments, oldest first, continue one another without a gap up to where the last one begins. The last
/// one is not read.
///
/// # Errors
/// [`StoreError::Damaged`] names the file, the place and what is missing.
pub(in crate::local) fn verify_closed(
    segments: &[(u64, PathBuf)],
    origin: Origin,
    authenticator: &dyn Authenticator,
) -> Result<()> {
    let headers = headers_of(segments, origin)?;
    let Some(first) = headers.first() else {
        return Ok(());
    };
    let head = Head {
        number: first.first.saturating_sub(1),
        chain: first.chain,
    };
    let mut walk = Walk {
        head,
        expected: [head; 2],
        torn: 0,
    };
    for ((_, path), pair) in segments.iter().zip(headers.windows(2)) {
        if let [header, next] = pair {
            walk.segment(path, header, Some(next), authenticator)?;
        }
    }
    match headers.last() {
        Some(last) if last.chain != walk.head.chain => {
            let why = "at byte 0: it does not continue the segment before it".to_owned();
            Err(damaged(
                segments.last().map_or(Path::new(""), |(_, path)| path),
                why,
            ))
        }
        _ => Ok(()),
    }
}

fn damaged(path: &Path, why: String) -> StoreError {
    StoreError::damaged(format!("the commit log {}", path.display()), why)
}

pub(super) fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|error| StoreError::failed(format!("reading {}", path.display()), error))
}

/// Returns the headers of all segments, checked against their names and their store.
fn headers(directory: &Path, origin: Origin) -> Result<Vec<SegmentHeader>> {
    let failed = |error| StoreError::failed(format!("reading {}", directory.display()), error);
    let ordinals = segment::ordinals(directory).map_err(failed)?;
    let place = |ordinal| (ordinal, segment::path(directory, ordinal));
    headers_of(&ordinals.into_iter().map(place).collect::<Vec<_>>(), origin)
}

/// Returns the headers of the segments of these ordinals at these paths, checked against their ordinals and their store.
fn headers_of(segments: &[(u64, PathBuf)], origin: Origin) -> Result<Vec<SegmentHeader>> {
    let mut headers = Vec::<SegmentHeader>::new();
    for (ordinal, path) in segments {
        if let Some(previous) = headers.last()
            && previous.ordinal + 1 != *ordinal
        {
            let directory = path.parent().unwrap_or(path);
            let missing = segment::path(directory, previous.ordinal + 1);
            return Err(damaged(&missing, "the segment is missing".to_owned()));
        }
        let header = segment::read_header(path)
            .map_err(|error| StoreError::failed(format!("reading {}", path.display()), error))?;
        let Some(header) = header else {
            return Err(damaged(path, "at byte 0: its header is damaged".to_owned()));
        };
        if header.ordinal != *ordinal {
            let why = format!("it is another segment, with the ordinal {:016x}", header.ordinal);
            return Err(damaged(path, why));
        }
        if header.origin.store != origin.store {
            return Err(damaged(path, "it belongs to another store".to_owned()));
        }
        if header.origin.timeline != origin.timeline {
            let why = "it belongs to another timeline of this store: one before or after a restore";
            return Err(damaged(path, why.to_owned()));
        }
        headers.push(header);
    }
    Ok(headers)
}

/// State of the walk over the groups.
struct Walk {
    head: Head,
    /// Heads that the log must contain: those of the tables and of the mark.
    expected: [Head; 2],
    torn: u64,
}

impl Walk {
    /// Compares the current head with the expected heads of the same number.
    fn compare(&self, path: &Path) -> Result<()> {
        for expected in self.expected {
            if expected.number == self.head.number && expected.chain != self.head.chain {
                let why = format!(
                    "commit {} is not the one that was acknowledged: the log has another history",
                    expected.number
                );
                return Err(damaged(path, why));
            }
        }
        Ok(())
    }

    /// Walks over the groups of a segment, up to the commit at which `next` goes on.
    fn segment(
        &mut self,
        path: &Path,
        header: &SegmentHeader,
        next: Option<&SegmentHeader>,
        authenticator: &dyn Authenticator,
    ) -> Result<()> {
        if header.first != self.head.number + 1 || header.chain != self.head.chain {
            let why = format!(
                "at byte 0: it begins with commit {} of another history; commit {} must follow",
                header.first,
                self.head.number + 1
            );
            return Err(damaged(path, why));
        }
        let limit = next.map_or(u64::MAX, |next| next.first.saturating_sub(1));
        let bytes = read(path)?;
        let mut offset = HEADER_BYTES;
        while self.head.number < limit {
            let rest = bytes.get(offset..).unwrap_or_default();
            let group = match Group::parse(rest) {
                Ok(group) => group,
                Err(no_group) if next.is_none() => return self.end(path, offset, rest, no_group),
                Err(no_group) => return Err(self.missing(path, offset, &no_group.to_string(), limit)),
            };
            let numbers = group.numbers;
            if numbers.first != self.head.number + 1
                || numbers.last > limit
                || !group.follows(&self.head.chain, authenticator)
            {
                let why = format!(
                    "the group of commits {} to {} does not follow",
                    numbers.first, numbers.last
                );
                return Err(self.missing(path, offset, &why, limit));
            }
            self.head = Head {
                number: numbers.last,
                chain: group.chain,
            };
            self.compare(path)?;
            offset += group.bytes();
        }
        Ok(())
    }

    fn missing(&self, path: &Path, offset: usize, why: &str, limit: u64) -> StoreError {
        let first = self.head.number + 1;
        let missing = match limit {
            u64::MAX => format!("the commits from {first} on"),
            limit => format!("the commits {first} to {limit}"),
        };
        damaged(path, format!("at byte {offset}: {why}; {missing} cannot be read"))
    }

    /// Judges the bytes after the last whole group of the last segment.
    fn end(&mut self, path: &Path, offset: usize, rest: &[u8], why: NoGroup) -> Result<()> {
        // A group is appended only after the group before it is durable, so a whole group after the end proves that
        // the bytes in between were whole once.
        let follows = |at: &usize| {
            let group = rest.get(*at..).map(Group::parse);
            matches!(group, Some(Ok(group)) if group.numbers.first > self.head.number)
        };
        let starts = rest.windows(MAGIC.len()).enumerate().skip(1);
        let starts = starts.filter_map(|(at, window)| (window == MAGIC).then_some(at));
        if let Some(at) = starts.take(MAX_STARTS).find(follows) {
            let why = format!("{why}, but a whole group follows at byte {}", offset + at);
            return Err(self.missing(path, offset, &why, u64::MAX));
        }
        let used = rest
            .iter()
            .rposition(|byte| *byte != 0)
            .map_or(0, |last| last + 1);
        self.torn = used as u64;
        Ok(())
    }
}

/// Places after the end of the log that are examined as starts of groups. Sealed values contain the four bytes of a
/// start by chance once in 4 GiB.
const MAX_STARTS: usize = 4096;

#[cfg(test)]
mod tests;
