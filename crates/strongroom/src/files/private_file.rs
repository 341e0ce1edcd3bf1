//! Files that only their owner may read: written whole or not at all.

use std::ffi::OsString;
use std::fs::{DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long is waited for another process to be done with a change, which takes milliseconds, and how often is looked.
const PATIENCE: Duration = Duration::from_secs(10);
const STEP: Duration = Duration::from_millis(20);

/// Who may read a file that is replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Readers {
    Owner,
    Everyone,
}

/// Makes a directory, with its parents, that only its owner may enter; one that exists is left as it is.
pub(crate) fn directory(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Writes a new file that only its owner may read; fails if there is one by that name. Durable on return, name and all.
pub(crate) fn create(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write(path, bytes)?;
    sync_folder_of(path)
}

/// Makes the names of the files durable that are in the same folder as `path`: what is made, renamed or removed there has
/// its content on the disk and may lack its name after a crash.
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
        // Half a key is worse than none: it looks like one.
        std::fs::remove_file(path)?;
    }
    written
}

/// Puts a file in place of the one there, if any, in one step that a crash cannot cut in half.
pub(crate) fn replace(path: &Path, bytes: &[u8], readers: Readers) -> io::Result<()> {
    let beside = beside(path);
    // Left over from a crash: its mode and content are unknown.
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

/// Keeps other processes from changing a file that is replaced, until what is returned is dropped. The lock is on its
/// directory: one on the file itself would go with it. After ten seconds the error is [`io::ErrorKind::ResourceBusy`].
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
