//! Reads the lines of a file of the log one after the other.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};

use super::files::LogFile;

/// No line of ours is longer, by far.
pub(super) const LONGEST: u64 = 1 << 20;
/// Bytes that are read at a time.
const AT_A_TIME: usize = 1 << 18;

/// A file being read.
pub struct Lines {
    file: BufReader<File>,
    line: Vec<u8>,
    number: u64,
}

/// A line, or what stands where one should be.
pub struct Found<'a> {
    /// Counted from 1.
    pub number: u64,
    /// Without its end.
    pub bytes: &'a [u8],
    /// It has an end. Only the last line of a file may have none.
    pub has_end: bool,
}

impl Lines {
    /// Opens a file.
    ///
    /// # Errors
    /// Those of the system.
    pub fn of(file: &LogFile) -> io::Result<Self> {
        Ok(Self {
            file: BufReader::with_capacity(AT_A_TIME, File::open(&file.path)?),
            line: Vec::new(),
            number: 0,
        })
    }

    /// The next line, and how many bytes of the file it took.
    ///
    /// # Errors
    /// Those of the system.
    pub fn next_line(&mut self) -> io::Result<Option<(Found<'_>, u64)>> {
        self.line.clear();
        let length = (&mut self.file).take(LONGEST).read_until(b'\n', &mut self.line)?;
        if length == 0 {
            return Ok(None);
        }
        self.number += 1;
        // What is longer than any line is cut into pieces, none of which is one.
        let has_end = self.line.pop_if(|last| *last == b'\n').is_some() || length as u64 == LONGEST;
        let found = Found {
            number: self.number,
            bytes: &self.line,
            has_end,
        };
        Ok(Some((found, length as u64)))
    }
}
