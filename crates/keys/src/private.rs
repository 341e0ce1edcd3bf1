//! Files that only their owner may read: read after a check of their mode, written atomically, and changed by one
//! process at a time.

use std::fs::{DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, FileTypeExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;
use zeroize::Zeroizing;

/// Maximum time to wait for another process that changes the same file, which takes milliseconds.
const LOCK_TIMEOUT: Duration = Duration::from_secs(10);
const LOCK_RETRY: Duration = Duration::from_millis(50);

/// Reason why a file could not be read.
#[derive(Debug)]
pub(crate) enum ReadError {
    /// The file does not exist.
    Missing,
    /// Users other than the owner may read the file. Its permission bits.
    Exposed(u32),
    /// Error of the operating system.
    Io(io::Error),
}

/// Reads at most `max` + 1 bytes of a file that only its owner may read, so that the caller can detect one longer than
/// `max`. Pipes are accepted: shells and password managers pass secrets through them.
pub(crate) fn read(path: &Path, max: u64) -> Result<Zeroizing<Vec<u8>>, ReadError> {
    let file = open(path)?;
    let mode = file.metadata().map_err(ReadError::Io)?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(ReadError::Exposed(mode));
    }
    read_open(file, max)
}

/// Reads a file like [`read`], but without a check of its mode: for credentials, whose mode depends on the version of
/// systemd, in a directory that only the service can enter.
pub(crate) fn read_any_mode(path: &Path, max: u64) -> Result<Zeroizing<Vec<u8>>, ReadError> {
    read_open(open(path)?, max)
}

fn open(path: &Path) -> Result<File, ReadError> {
    let file = File::open(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => ReadError::Missing,
        _ => ReadError::Io(error),
    })?;
    must_be_readable(&file).map_err(ReadError::Io)?;
    Ok(file)
}

/// Refuses directories and devices, which are named by mistake, before their mode is checked: nobody should be advised
/// to change the mode of `/tmp`.
pub(crate) fn must_be_readable(file: &File) -> io::Result<()> {
    let kind = file.metadata()?.file_type();
    if kind.is_file() || kind.is_fifo() {
        return Ok(());
    }
    let what = if kind.is_dir() {
        "it is a directory"
    } else {
        "it is not a file"
    };
    Err(io::Error::new(io::ErrorKind::InvalidInput, what))
}

fn read_open(file: File, max: u64) -> Result<Zeroizing<Vec<u8>>, ReadError> {
    // Allocates all at once: growing would leave copies behind that are not wiped. The length of a pipe is unknown.
    let metadata = file.metadata().map_err(ReadError::Io)?;
    let length = if metadata.is_file() {
        metadata.len().min(max)
    } else {
        max
    };
    let room = usize::try_from(length + 2).unwrap_or_default();
    let mut bytes = Zeroizing::new(Vec::with_capacity(room));
    file.take(max + 1)
        .read_to_end(&mut bytes)
        .map_err(ReadError::Io)?;
    Ok(bytes)
}

/// Creates a file, never replacing an existing one. A crash leaves at most a file with another name beside it, which
/// the next attempt replaces. Durable on return.
pub(crate) fn create(path: &Path, bytes: &[u8]) -> io::Result<()> {
    make_folder(path)?;
    let beside = write_beside(path, bytes)?;
    // Unlike a rename, a link fails if the file exists.
    let linked = std::fs::hard_link(&beside, path);
    std::fs::remove_file(&beside)?;
    linked?;
    File::open(folder(path))?.sync_all()
}

/// Replaces a file atomically. Durable on return.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = write_beside(path, bytes)?;
    std::fs::rename(&beside, path)?;
    File::open(folder(path))?.sync_all()
}

fn write_beside(path: &Path, bytes: &[u8]) -> io::Result<PathBuf> {
    let beside = with_suffix(path, ".new");
    match std::fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&beside)?;
    // The umask may have removed bits of the mode.
    let written = file
        .set_permissions(Permissions::from_mode(0o600))
        .and_then(|()| file.write_all(bytes))
        .and_then(|()| file.sync_all());
    if written.is_err() {
        // Half a key, as left by a full disk, looks like a whole one.
        std::fs::remove_file(&beside)?;
    }
    written.map(|()| beside)
}

/// Lock that keeps other processes from changing `path` until it is dropped. It is held on a separate file beside it,
/// which stays: every change replaces the file itself, and would replace a lock on it too.
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Waits for the lock of `path`. After ten seconds the error is [`io::ErrorKind::ResourceBusy`].
    pub(crate) fn on(path: &Path) -> io::Result<Self> {
        make_folder(path)?;
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(with_suffix(path, ".lock"))?;
        for _ in 0..LOCK_TIMEOUT.as_millis() / LOCK_RETRY.as_millis() {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::WouldBlock) => std::thread::sleep(LOCK_RETRY),
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
        Err(io::ErrorKind::ResourceBusy.into())
    }
}

/// Creates the directory for a key and its parents, accessible by their owner only, and makes their names durable. An
/// existing one is not changed.
fn make_folder(path: &Path) -> io::Result<()> {
    let folder = folder(path);
    if !folder.try_exists()? {
        make_folder(folder)?;
    }
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    // Also if it exists: a crash may have followed its creation. A parent that must not be read is not one of ours.
    match File::open(self::folder(folder)) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
        opened => opened?.sync_all(),
    }
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests;
