//! Where a log goes on that another process wrote: the end of its chain, and a line that it left half written.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use super::files::{self, LogFile};
use super::line::{Chain, Line};
use super::read::LONGEST;

#[cfg(test)]
mod tests;

/// The end of a log.
#[derive(Debug)]
pub(super) struct End {
    pub(super) chain: Chain,
    /// The last file; none if there is none.
    pub(super) file: Option<LogFile>,
    /// Bytes of its whole lines.
    pub(super) length: u64,
    /// What stands behind them.
    pub(super) rest: Rest,
    /// Whole lines at the end that are not of this log, or were changed: they stay, for `audit verify` to find.
    pub(super) is_spoiled: bool,
}

/// What stands behind the last line end.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Rest {
    Nothing,
    /// A line that only lacks its end.
    WholeLine,
    /// Part of a line, or what a power cut left in place of one.
    Torn {
        /// Bytes of it.
        length: u64,
        /// Its beginning, of at most [`LONGEST`] bytes.
        beginning: Vec<u8>,
    },
}

/// Finds the end of the log in a directory.
pub(super) fn find(directory: &Path) -> io::Result<End> {
    let mut end = End {
        chain: Chain::EMPTY,
        file: None,
        length: 0,
        rest: Rest::Nothing,
        is_spoiled: false,
    };
    for file in files::list(directory)?.into_iter().rev() {
        let tail = Tail::of(&file)?;
        let mut last = tail.last;
        if end.file.is_none() {
            end.length = tail.length;
            end.is_spoiled = tail.is_spoiled;
            let is_whole = tail.rest == tail.beginning.len() as u64;
            end.rest = match Line::read(&tail.beginning).filter(|line| is_whole && line.is_genuine()) {
                Some(line) => {
                    end.length += tail.rest;
                    last = Some(after(&line));
                    Rest::WholeLine
                }
                None if tail.rest == 0 => Rest::Nothing,
                None => Rest::Torn {
                    length: tail.rest,
                    beginning: tail.beginning,
                },
            };
            end.file = Some(file);
        }
        if let Some(last) = last {
            end.chain = last;
            return Ok(end);
        }
    }
    Ok(end)
}

fn after(line: &Line<'_>) -> Chain {
    Chain {
        next: line.seq.saturating_add(1),
        head: line.hash,
    }
}

/// The end of one file.
struct Tail {
    /// Behind its last genuine line.
    last: Option<Chain>,
    is_spoiled: bool,
    /// Bytes of its whole lines.
    length: u64,
    /// Bytes behind them.
    rest: u64,
    /// The beginning of the rest: all of it, if it can be a line.
    beginning: Vec<u8>,
}

impl Tail {
    /// Looks for it from the end on, a piece at a time that holds the longest line: files may be of any size, and what
    /// somebody wrote to them may be no lines at all.
    fn of(file: &LogFile) -> io::Result<Self> {
        let open = File::open(&file.path)?;
        let size = open.metadata()?.len();
        let length = end_of_lines(&open, size)?;
        let mut tail = Self {
            last: None,
            is_spoiled: length > 0,
            length,
            rest: size - length,
            beginning: piece(&open, length, size.min(length + LONGEST))?,
        };
        let mut end = length;
        while end > 0 {
            let start = end.saturating_sub(LONGEST);
            let found = Found::within(&piece(&open, start, end)?, start);
            if let Some((last, at)) = found.last {
                tail.last = Some(last);
                tail.is_spoiled = at != length;
                break;
            }
            end = if found.first < end { found.first } else { start };
        }
        Ok(tail)
    }
}

/// What there is in a piece of a file.
struct Found {
    /// Behind its last genuine line, and where in the file that ends.
    last: Option<(Chain, u64)>,
    /// Where the first line begins that is whole in it; its end, if there is none.
    first: u64,
}

impl Found {
    fn within(piece: &[u8], start: u64) -> Self {
        let is_end = |byte: &u8| *byte == b'\n';
        // What precedes the first line end is the end of a line that begins before the piece.
        let first = match start {
            0 => 0,
            _ => piece.iter().position(is_end).map_or(piece.len(), |at| at + 1),
        };
        let stop = piece.iter().rposition(is_end).map_or(first, |at| at + 1);
        let mut end = stop;
        for line in piece
            .get(first..stop)
            .unwrap_or_default()
            .split_inclusive(is_end)
            .rev()
        {
            let read = line.strip_suffix(b"\n").and_then(Line::read);
            if let Some(line) = read.filter(Line::is_genuine) {
                return Self {
                    last: Some((after(&line), start + end as u64)),
                    first: start + first as u64,
                };
            }
            end -= line.len();
        }
        Self {
            last: None,
            first: start + first as u64,
        }
    }
}

/// Where the last line that has an end ends.
fn end_of_lines(file: &File, size: u64) -> io::Result<u64> {
    let mut end = size;
    while end > 0 {
        let start = end.saturating_sub(LONGEST);
        if let Some(at) = piece(file, start, end)?.iter().rposition(|byte| *byte == b'\n') {
            return Ok(start + at as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}

fn piece(file: &File, start: u64, end: u64) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; usize::try_from(end - start).map_err(io::Error::other)?];
    file.read_exact_at(&mut bytes, start)?;
    Ok(bytes)
}
