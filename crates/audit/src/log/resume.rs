//! Finds where to continue a log of another process: the end of its chain, and an incomplete last line.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use super::files::{self, LogFile};
use super::line::{Chain, Line};
use super::read::MAX_LINE;

#[cfg(test)]
mod tests;

/// End of a log.
#[derive(Debug)]
pub(super) struct End {
    pub(super) chain: Chain,
    /// Last file. `None`: there are no files.
    pub(super) file: Option<LogFile>,
    /// Length of its complete lines in bytes.
    pub(super) length: u64,
    /// Bytes after them.
    pub(super) rest: Rest,
    /// True if complete lines at the end are not from this log or were changed. They stay; `audit verify` reports them.
    pub(super) is_spoiled: bool,
}

/// Bytes after the last line end.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Rest {
    Nothing,
    /// A line that lacks only its line end.
    WholeLine,
    /// Part of a line, or other bytes left by a power failure.
    Torn {
        /// Length in bytes.
        length: u64,
        /// The beginning, at most [`MAX_LINE`] bytes.
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

/// End of one file.
struct Tail {
    /// Chain after its last genuine line.
    last: Option<Chain>,
    is_spoiled: bool,
    /// Length of its complete lines in bytes.
    length: u64,
    /// Number of bytes after them.
    rest: u64,
    /// Beginning of these bytes: all of them, if they can be a line.
    beginning: Vec<u8>,
}

impl Tail {
    /// Searches backwards from the end in pieces as long as the longest line, because files may be of any size and may
    /// contain anything but lines.
    fn of(file: &LogFile) -> io::Result<Self> {
        let open = File::open(&file.path)?;
        let size = open.metadata()?.len();
        let length = end_of_lines(&open, size)?;
        let mut tail = Self {
            last: None,
            is_spoiled: length > 0,
            length,
            rest: size - length,
            beginning: piece(&open, length, size.min(length + MAX_LINE))?,
        };
        let mut end = length;
        while end > 0 {
            let start = end.saturating_sub(MAX_LINE);
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

/// Result of searching a piece of a file.
struct Found {
    /// Chain after its last genuine line, and the position in the file where that line ends.
    last: Option<(Chain, u64)>,
    /// Position of the first complete line in it, or its end if there is none.
    first: u64,
}

impl Found {
    fn within(piece: &[u8], start: u64) -> Self {
        let is_end = |byte: &u8| *byte == b'\n';
        // Bytes before the first line end belong to a line that begins before the piece.
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

/// Returns the position after the last line end.
fn end_of_lines(file: &File, size: u64) -> io::Result<u64> {
    let mut end = size;
    while end > 0 {
        let start = end.saturating_sub(MAX_LINE);
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
