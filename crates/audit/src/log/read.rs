//! Reads the lines of a log file one after another.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};

use super::files::LogFile;

/// Maximum length of a line in bytes, far more than any written line has.
pub(super) const MAX_LINE: u64 = 1 << 20;
/// Buffer size for reading in bytes.
const AT_A_TIME: usize = 1 << 18;

/// Reader of a file.
pub struct Lines {
    file: BufReader<File>,
    line: Vec<u8>,
    number: u64,
}

/// A line, or other bytes found in place of one.
pub struct Found<'a> {
    /// Line number, from 1.
    pub number: u64,
    /// Bytes of the line without its line end.
    pub bytes: &'a [u8],
    /// True if the line has a line end. Only the last line of a file may lack it.
    pub has_end: bool,
}

impl Lines {
    /// Opens a file.
    ///
    /// # Errors
    /// The system's error.
    pub fn of(file: &LogFile) -> io::Result<Self> {
        Ok(Self {
            file: BufReader::with_capacity(AT_A_TIME, File::open(&file.path)?),
            line: Vec::new(),
            number: 0,
        })
    }

    /// Returns the next line and its length in the file in bytes.
    ///
    /// # Errors
    /// The system's error.
    pub fn next_line(&mut self) -> io::Result<Option<(Found<'_>, u64)>> {
        self.line.clear();
        let length = (&mut self.file)
            .take(MAX_LINE)
            .read_until(b'\n', &mut self.line)?;
        if length == 0 {
            return Ok(None);
        }
        self.number += 1;
        // Anything longer than a line can be is cut into pieces, none of which parses as a line.
        let has_end = self.line.pop_if(|last| *last == b'\n').is_some() || length as u64 == MAX_LINE;
        let found = Found {
            number: self.number,
            bytes: &self.line,
            has_end,
        };
        Ok(Some((found, length as u64)))
    }
}
