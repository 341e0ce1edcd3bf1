//! Verifies a log: each line is genuine, each follows the previous one, and none is missing.

use std::io;
use std::path::{Path, PathBuf};

use super::files::{self, LogFile};
use super::line::{BEFORE_ALL, Chain, FORMAT, Hash, Line, Mark};
use super::read::{Found, Lines};

#[cfg(test)]
mod tests;

/// Summary of an intact log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogSummary {
    /// Number of files.
    pub files: usize,
    /// Number of lines.
    pub lines: u64,
    /// Position of the first line.
    pub first: Position,
    /// Position of the last line.
    pub last: Position,
    /// Hash of the last line.
    pub head: Hash,
    /// Number of lines that were incomplete when a process ended and were removed by the next one.
    pub torn: u64,
    /// True if the last line is incomplete: it is being written, or its process ended while writing it.
    pub is_unfinished: bool,
}

/// Position of a line in the log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Position {
    /// Sequence number.
    pub seq: u64,
    /// Time, as in the line.
    pub time: String,
}

/// Reasons why a log is not intact, or was not read.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The directory or a file cannot be read.
    #[error("cannot read the audit log in {}", directory.display())]
    Read {
        /// Directory of the log.
        directory: PathBuf,
        /// Error of the system.
        source: io::Error,
    },
    /// The directory contains no log files.
    #[error(
        "there is no audit log in {}: set the right data directory with --data-dir, or the log's with --directory",
        .0.display()
    )]
    NoLog(PathBuf),
    /// A line does not continue the chain.
    #[error("the chain breaks at {}, line {line}: {flaw}", file.display())]
    Broken {
        /// File of the line.
        file: PathBuf,
        /// Line number in its file, from 1.
        line: u64,
        /// Error in the line.
        flaw: Flaw,
    },
    /// The chain is intact but lacks an expected line.
    #[error(
        "the chain is intact, but no line has the hash {}: lines were cut off its end, or the log was rewritten",
        hex::encode(.0)
    )]
    Unexpected(Hash),
}

/// Error in a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// The bytes are not a line of an audit log.
    #[error("this is not a line of an audit log")]
    NoLine,
    /// The hash of the line does not match its text.
    #[error("the line was changed: its hash does not match its text")]
    Changed,
    /// Lines before this one are missing.
    #[error("sequence numbers {from} to {to} are missing before it")]
    Gap {
        /// First missing sequence number.
        from: u64,
        /// Last missing sequence number.
        to: u64,
    },
    /// The sequence number is not greater than the previous one.
    #[error("sequence number {0} is repeated or out of order")]
    Again(u64),
    /// The line does not contain the hash of the previous line.
    #[error("the line does not follow the previous one: one of them was rewritten")]
    Rewritten,
    /// The file name does not match the first line.
    #[error("according to the file name, the first line has sequence number {name}, but it has {found}")]
    Name {
        /// Sequence number in the name of the file.
        name: u64,
        /// Sequence number of the first line.
        found: u64,
    },
    /// The file has no complete line and is not the last file.
    #[error("the file contains no complete line, but is not the last file")]
    Empty,
    /// The line lacks its line end and is not the last line of the log.
    #[error("the line is incomplete, but the file is not the last file")]
    NoEnd,
    /// The first files are missing, and no line records their deletion.
    #[error(
        "the log begins with sequence number {0}, and no line records that earlier files were deleted because of \
         audit.keep"
    )]
    NoBeginning(u64),
    /// The line format has another version.
    #[error("the file has format {0}, but this version of Strongroom supports only format {FORMAT}")]
    Format(u32),
}

/// Lists the files of an existing log.
pub fn log_files(directory: &Path) -> Result<Vec<LogFile>, VerifyError> {
    match files::list(directory) {
        Ok(files) if !files.is_empty() => Ok(files),
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(VerifyError::Read {
            directory: directory.to_owned(),
            source,
        }),
        Ok(_) | Err(_) => Err(VerifyError::NoLog(directory.to_owned())),
    }
}

/// Verifies the log in a directory. Each hash in `expected`, from an earlier check, must be that of a line in it.
/// `progress` is called with the number of bytes read.
///
/// # Errors
/// The first error in the log, or the error of reading it.
pub fn verify(
    directory: &Path,
    expected: &[Hash],
    mut progress: impl FnMut(u64),
) -> Result<LogSummary, VerifyError> {
    let read = |source| VerifyError::Read {
        directory: directory.to_owned(),
        source,
    };
    let files = log_files(directory)?;
    let mut check = Check {
        chain: None,
        removed: 0,
        missed: expected.to_vec(),
        summary: LogSummary::default(),
    };
    let broken = |file: &LogFile, line, flaw| VerifyError::Broken {
        file: file.path.clone(),
        line,
        flaw,
    };
    for (index, file) in files.iter().enumerate() {
        let is_last = index + 1 == files.len();
        let lines = Lines::of(file).map_err(read)?;
        check
            .file(file, lines, is_last, &mut progress)
            .map_err(|ended| match ended {
                Ended::Unread(source) => read(source),
                Ended::At(line, flaw) => broken(file, line, flaw),
            })?;
    }
    let (Some(first), Some(_)) = (files.first(), check.chain) else {
        return Err(VerifyError::NoLog(directory.to_owned()));
    };
    let begins = check.summary.first.seq;
    if begins > 1 && check.removed < begins - 1 {
        return Err(broken(first, 1, Flaw::NoBeginning(begins)));
    }
    match check.missed.first() {
        Some(missed) => Err(VerifyError::Unexpected(*missed)),
        None => Ok(check.summary),
    }
}

/// Reasons why a file was not verified to its end.
enum Ended {
    Unread(io::Error),
    At(u64, Flaw),
}

/// State of a verification.
struct Check {
    /// Expected position of the next line. `None`: before the first line.
    chain: Option<Chain>,
    /// Last sequence number that was deleted with its file, according to the log.
    removed: u64,
    /// Expected hashes that were not found yet.
    missed: Vec<Hash>,
    summary: LogSummary,
}

impl Check {
    fn file(
        &mut self,
        file: &LogFile,
        mut lines: Lines,
        is_last: bool,
        progress: &mut impl FnMut(u64),
    ) -> Result<(), Ended> {
        let mut is_empty = true;
        while let Some((found, bytes)) = lines.next_line().map_err(Ended::Unread)? {
            progress(bytes);
            let at = |flaw| Ended::At(found.number, flaw);
            if !found.has_end {
                if !is_last {
                    return Err(at(Flaw::NoEnd));
                }
                if Line::read(found.bytes).is_none() {
                    self.summary.is_unfinished = true;
                    break;
                }
            }
            self.line(file, &found).map_err(at)?;
            is_empty = false;
        }
        if is_empty && !is_last {
            return Err(Ended::At(1, Flaw::Empty));
        }
        self.summary.files += 1;
        Ok(())
    }

    fn line(&mut self, file: &LogFile, found: &Found<'_>) -> Result<(), Flaw> {
        let line = Line::read(found.bytes).ok_or(Flaw::NoLine)?;
        if !line.is_genuine() {
            return Err(Flaw::Changed);
        }
        if found.number == 1 && line.seq != file.first {
            return Err(Flaw::Name {
                name: file.first,
                found: line.seq,
            });
        }
        let expected = self.chain.unwrap_or(Chain {
            next: line.seq,
            // The previous line does not exist any more, unless this is the very first line.
            head: if line.seq == 1 { BEFORE_ALL } else { line.prev },
        });
        if line.seq > expected.next {
            return Err(Flaw::Gap {
                from: expected.next,
                to: line.seq - 1,
            });
        }
        if line.seq < expected.next {
            return Err(Flaw::Again(line.seq));
        }
        if line.prev != expected.head {
            return Err(Flaw::Rewritten);
        }
        match line.mark() {
            Some(Mark::Begin { format }) if format != FORMAT => return Err(Flaw::Format(format)),
            Some(Mark::Removed { last, .. }) => self.removed = self.removed.max(last),
            Some(Mark::Torn { .. }) => self.summary.torn += 1,
            _ => {}
        }
        let position = Position {
            seq: line.seq,
            time: line.time().unwrap_or_default().to_owned(),
        };
        if self.chain.is_none() {
            self.summary.first = position.clone();
        }
        self.summary.lines += 1;
        self.summary.last = position;
        self.summary.head = line.hash;
        self.missed.retain(|hash| *hash != line.hash);
        self.chain = Some(Chain {
            next: line.seq.saturating_add(1),
            head: line.hash,
        });
        Ok(())
    }
}
