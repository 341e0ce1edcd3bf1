//! Files of the log: `audit-N.jsonl`, where N is the sequence number of the first line in twenty digits.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::OFlags;

const PREFIX: &str = "audit-";
const SUFFIX: &str = ".jsonl";
/// Length of the largest number, so that names sort like numbers.
const DIGITS: usize = 20;
/// Never follow a symbolic link: root may write the log in a directory of a user who may not write to its target.
const NO_LINK: i32 = OFlags::NOFOLLOW.bits().cast_signed();

/// Time to wait for another process that is about to finish, such as a command writing its line.
const PATIENCE: Duration = Duration::from_secs(2);
const STEP: Duration = Duration::from_millis(20);

/// A file of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFile {
    /// Sequence number of its first line, from its name.
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

    /// Returns the name without the directory.
    pub(super) fn name(&self) -> String {
        let name = self.path.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }

    /// Opens the file for appending, creating it if needed. Only the owner may read it.
    pub(super) fn append(&self) -> io::Result<File> {
        OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .custom_flags(NO_LINK)
            .open(&self.path)
    }
}

/// Lists the log files of a directory, oldest first. Files with other names are ignored.
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

/// Creates a directory and its parents, accessible only to their owner, and makes their names durable. An existing one is
/// unchanged.
pub(super) fn make_directory(path: &Path) -> io::Result<()> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let parent = parent.unwrap_or_else(|| Path::new("."));
    if !parent.try_exists()? {
        make_directory(parent)?;
    }
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    // Also if it exists: a crash may have followed its creation. A parent that must not be read is not one of ours.
    match sync(parent) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
        synced => synced,
    }
}

/// Makes the entries of a directory durable.
pub(super) fn sync(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

/// Creates the directory, and locks it against other writers until the returned file is dropped: two writers would
/// break the chain.
///
/// # Errors
/// [`io::ErrorKind::ResourceBusy`] if another process writes there for more than two seconds.
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
