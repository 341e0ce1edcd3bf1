//! Whether a log is whole: each line genuine, each following the one before it, none missing.

use std::io;
use std::path::{Path, PathBuf};

use super::files::{self, LogFile};
use super::line::{BEFORE_ALL, Chain, FORMAT, Hash, Line, Mark};
use super::read::{Found, Lines};

#[cfg(test)]
mod tests;

/// What a log that is whole was found to hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Whole {
    /// Number of files.
    pub files: usize,
    /// Number of lines.
    pub lines: u64,
    /// Sequence number and time of the first line.
    pub first: (u64, String),
    /// Of the last one.
    pub last: (u64, String),
    /// Hash of the last line.
    pub head: Hash,
    /// Lines that were torn when a process ended, and were taken out by the next.
    pub torn: u64,
    /// The last line is being written, or was when its process ended.
    pub is_unfinished: bool,
}

/// Why a log is not whole, or was not read.
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
    /// The directory holds no file of a log.
    #[error(
        "there is no audit log in {}: name the right data directory with --data-dir, or that of the log with --directory",
        .0.display()
    )]
    NoLog(PathBuf),
    /// A line does not fit into the chain.
    #[error("the chain breaks at {}, line {line}: {flaw}", file.display())]
    Broken {
        /// File of the line.
        file: PathBuf,
        /// Number of the line in its file, counted from 1.
        line: u64,
        /// The fault of the line.
        flaw: Flaw,
    },
    /// The chain is whole and lacks a line that was expected.
    #[error(
        "the chain holds in itself, but no line of it has the hash {}: lines were cut off its end, or it was rewritten",
        hex::encode(.0)
    )]
    Unexpected(Hash),
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// The bytes are no line of a log.
    #[error("this is no line of an audit log")]
    NoLine,
    /// The hash of the line is not that of its text.
    #[error("it was changed: its hash is not that of its text")]
    Changed,
    /// Lines before this one are missing.
    #[error("sequence numbers {from} to {to} are missing before it")]
    Gap {
        /// First missing sequence number.
        from: u64,
        /// Last missing sequence number.
        to: u64,
    },
    /// The sequence number is not above the one before it.
    #[error("sequence number {0} comes a second time or too late")]
    Again(u64),
    /// The line holds another hash than that of the line before it.
    #[error("it does not hold on to the line before it: one of them was rewritten")]
    Rewritten,
    /// The name of the file does not fit its first line.
    #[error("the name of the file says that its first line has sequence number {name}, and it has {found}")]
    Name {
        /// Sequence number in the name of the file.
        name: u64,
        /// Sequence number of the first line.
        found: u64,
    },
    /// Only the last file may be without a whole line.
    #[error("the file holds no whole line, and others come after it")]
    Empty,
    /// Only the last line of the log may lack its end.
    #[error("the line has no end, and other files come after it")]
    NoEnd,
    /// The first files are missing, and no line says that they were removed.
    #[error(
        "the log begins with sequence number {0}, and no line of it tells that the files before were removed because of \
         audit.keep"
    )]
    NoBeginning(u64),
    /// The form of the lines is of another version.
    #[error("the file has form {0}, and this version of Strongroom knows form {FORMAT} only")]
    Format(u32),
}

/// The files of a log that is there.
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

/// Checks the log in a directory. Each hash in `expected`, noted from an earlier look, must be that of a line in it.
/// `progress` hears of bytes that were read.
///
/// # Errors
/// Where the log is not whole first, or cannot be read.
pub fn verify(
    directory: &Path,
    expected: &[Hash],
    mut progress: impl FnMut(u64),
) -> Result<Whole, VerifyError> {
    let read = |source| VerifyError::Read {
        directory: directory.to_owned(),
        source,
    };
    let files = log_files(directory)?;
    let mut check = Check {
        chain: None,
        removed: 0,
        missed: expected.to_vec(),
        whole: Whole::default(),
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
    let begins = check.whole.first.0;
    if begins > 1 && check.removed < begins - 1 {
        return Err(broken(first, 1, Flaw::NoBeginning(begins)));
    }
    match check.missed.first() {
        Some(missed) => Err(VerifyError::Unexpected(*missed)),
        None => Ok(check.whole),
    }
}

/// Why a file was not checked to its end.
enum Ended {
    Unread(io::Error),
    At(u64, Flaw),
}

/// A check under way.
struct Check {
    /// Where the next line must go; none before the first.
    chain: Option<Chain>,
    /// The last line that was removed with the file that it was in, as the log says.
    removed: u64,
    /// Hashes that were expected and not seen yet.
    missed: Vec<Hash>,
    whole: Whole,
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
                    self.whole.is_unfinished = true;
                    break;
                }
            }
            self.line(file, &found).map_err(at)?;
            is_empty = false;
        }
        if is_empty && !is_last {
            return Err(Ended::At(1, Flaw::Empty));
        }
        self.whole.files += 1;
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
            // What came before is not there, unless this is the first line of all.
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
            Some(Mark::Torn { .. }) => self.whole.torn += 1,
            _ => {}
        }
        let place = (line.seq, line.time().unwrap_or_default().to_owned());
        if self.chain.is_none() {
            self.whole.first = place.clone();
        }
        self.whole.lines += 1;
        self.whole.last = place;
        self.whole.head = line.hash;
        self.missed.retain(|hash| *hash != line.hash);
        self.chain = Some(Chain {
            next: line.seq.saturating_add(1),
            head: line.hash,
        });
        Ok(())
    }
}
