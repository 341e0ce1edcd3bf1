//! Where a log goes on that another process wrote: the end of its chain, and a line that it left half written.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use super::files::{self, LogFile};
use super::line::{Chain, Line};

#[cfg(test)]
mod tests;

/// The end of a file that is looked at first. The last line is in it, unless somebody wrote something else there.
const LOOKED_AT: u64 = 1 << 20;

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
    /// Part of a line.
    Torn(Vec<u8>),
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
            end.rest = match Line::read(&tail.rest).filter(Line::is_genuine) {
                Some(line) => {
                    end.length += tail.rest.len() as u64;
                    last = Some(after(&line));
                    Rest::WholeLine
                }
                None if tail.rest.is_empty() => Rest::Nothing,
                None => Rest::Torn(tail.rest),
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
    rest: Vec<u8>,
}

impl Tail {
    fn of(file: &LogFile) -> io::Result<Self> {
        let mut open = File::open(&file.path)?;
        let size = open.seek(SeekFrom::End(0))?;
        let start = size.saturating_sub(LOOKED_AT);
        open.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::new();
        open.read_to_end(&mut bytes)?;
        let found = Self::within(bytes, start);
        if found.last.is_some() || start == 0 {
            return Ok(found);
        }
        Ok(Self::within(fs::read(&file.path)?, 0))
    }

    /// In the bytes of a file from `start` on.
    fn within(mut bytes: Vec<u8>, start: u64) -> Self {
        let whole = bytes
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |end| end + 1);
        let rest = bytes.split_off(whole);
        let lines = bytes.split(|byte| *byte == b'\n');
        // Behind the last line end there is an empty one.
        let mut lines = lines.rev().skip(1).peekable();
        let is_genuine = |line: &[u8]| Line::read(line).is_some_and(|line| line.is_genuine());
        let is_spoiled = lines.peek().is_some_and(|line| !is_genuine(line));
        let last = lines.find_map(|line| Line::read(line).filter(Line::is_genuine));
        Self {
            last: last.as_ref().map(after),
            is_spoiled,
            length: start + whole as u64,
            rest,
        }
    }
}
