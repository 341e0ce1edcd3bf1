//! The files of the log: `audit-N.jsonl`, N being the sequence number of the first line, in twenty digits.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::OFlags;

const PREFIX: &str = "audit-";
const SUFFIX: &str = ".jsonl";
/// As many as the largest number has, so that names sort as numbers do.
const DIGITS: usize = 20;
/// The log is not written to where a link leads: root may write it, in a directory of somebody who may not write there.
const NO_LINK: i32 = OFlags::NOFOLLOW.bits().cast_signed();

/// How long another process may write there that is about to end: a command that leaves its line.
const PATIENCE: Duration = Duration::from_secs(2);
const STEP: Duration = Duration::from_millis(20);

/// One file of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFile {
    /// Sequence number of its first line, by its name.
    pub first: u64,
    /// Path of the file.
    pub path: PathBuf,
}

impl LogFile {
    pub(super) fn new(directory: &Path, first: u64) -> Self {
        Self {
            first,
            path: directory.join(format!("{PREFIX}{first:0DIGITS$}{SUFFIX}")),
        }
    }

    /// The name, without the directory.
    pub(super) fn name(&self) -> String {
        let name = self.path.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }

    /// Opens it to write at its end, making it if it is not there. Only its owner may read it.
    pub(super) fn append(&self) -> io::Result<File> {
        OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .custom_flags(NO_LINK)
            .open(&self.path)
    }
}

/// The files of a directory, oldest first. Files with other names are nobody's business here.
pub fn list(directory: &Path) -> io::Result<Vec<LogFile>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory)? {
        let name = entry?.file_name();
        let digits = name
            .to_str()
            .and_then(|name| name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX));
        if let Some(digits) = digits
            && digits.len() == DIGITS
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && let Ok(first) = digits.parse()
        {
            files.push(LogFile::new(directory, first));
        }
    }
    files.sort_by_key(|file| file.first);
    Ok(files)
}

/// Makes a directory, with its parents, that only its owner may enter; one that exists is left as it is.
pub(super) fn make_directory(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Makes what is in a directory, and that it is there, durable.
pub(super) fn sync(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

/// Makes the directory, and keeps other processes from writing there until what is returned is dropped: two would tear
/// the chain apart.
///
/// # Errors
/// [`io::ErrorKind::ResourceBusy`] when another process writes there, and goes on for two seconds.
pub(super) fn lock(directory: &Path) -> io::Result<File> {
    make_directory(directory)?;
    let lock = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .custom_flags(NO_LINK)
        .open(directory.join("lock"))?;
    for _ in 0..PATIENCE.as_millis() / STEP.as_millis() {
        match lock.try_lock() {
            Ok(()) => return Ok(lock),
            Err(TryLockError::WouldBlock) => std::thread::sleep(STEP),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Err(io::Error::new(
        io::ErrorKind::ResourceBusy,
        "another process writes an audit log there",
    ))
}
