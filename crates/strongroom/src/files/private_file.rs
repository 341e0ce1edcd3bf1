//! Files that only their owner may read, written completely or not at all.

use std::ffi::OsString;
use std::fs::{DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Time limit and interval of waiting for another process's change, which takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(10);
const STEP: Duration = Duration::from_millis(20);

/// Users who may read a replaced file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Readers {
    Owner,
    Everyone,
}

/// Creates a directory and its parents, accessible only to their owner, and makes their names durable. An existing one
/// is unchanged.
pub(crate) fn directory(path: &Path) -> io::Result<()> {
    let parent = directory_of(path);
    if !parent.try_exists()? {
        directory(parent)?;
    }
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    // Also if it exists: a crash may have followed its creation. A parent that must not be read is not one of ours.
    match File::open(parent) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
        opened => opened?.sync_all(),
    }
}

/// Writes a new file that only its owner may read. Fails if the file exists. Content and name are durable on return.
pub(crate) fn create(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write(path, bytes)?;
    sync_folder_of(path)
}

/// Makes the file names in the directory of `path` durable. Without it, the content of a file that was created, renamed
/// or deleted there is on the disk, but its name may be lost in a crash.
pub(crate) fn sync_folder_of(path: &Path) -> io::Result<()> {
    File::open(directory_of(path))?.sync_all()
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    if written.is_err() {
        // An incomplete key is worse than none, because it looks like a key.
        std::fs::remove_file(path)?;
    }
    written
}

/// Replaces the file, if any, in one atomic step.
pub(crate) fn replace(path: &Path, bytes: &[u8], readers: Readers) -> io::Result<()> {
    let beside = beside(path);
    // A leftover from a crash has an unknown mode and content.
    match std::fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    write(&beside, bytes)?;
    if readers == Readers::Everyone {
        std::fs::set_permissions(&beside, Permissions::from_mode(0o644))?;
    }
    std::fs::rename(&beside, path)?;
    sync_folder_of(path)
}

/// Locks a replaceable file against changes by other processes until the returned file is dropped. The lock is on its
/// directory: one on the file itself would be replaced with it. After ten seconds returns
/// [`io::ErrorKind::ResourceBusy`].
pub(crate) fn lock(path: &Path) -> io::Result<File> {
    let directory = File::open(directory_of(path))?;
    for _ in 0..PATIENCE.as_millis() / STEP.as_millis() {
        match directory.try_lock() {
            Ok(()) => return Ok(directory),
            Err(TryLockError::WouldBlock) => std::thread::sleep(STEP),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Err(io::ErrorKind::ResourceBusy.into())
}

fn directory_of(path: &Path) -> &Path {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    parent.unwrap_or_else(|| Path::new("."))
}

fn beside(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".new");
    name.into()
}

#[cfg(test)]
mod tests;
