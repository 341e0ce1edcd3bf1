//! The directory of a store in use: its creation, lock, format and file modes.

use crate::error::{Result, StoreError};
use crate::local::layout::{FORMAT, Layout};
use crate::local::writability::Writability;
use rustix::fs::OFlags;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

const DIRECTORY_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;

/// Reason why a directory cannot be opened as a store.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("another process is using it")]
    InUse,
    #[error(
        "it was written by another version of Strongroom (format {0:?}; this version supports only {FORMAT:?})"
    )]
    OtherFormat(String),
    #[error("it contains an index or blobs but no format file, so it may not be a store")]
    NoFormat,
}

/// A locked directory. Everything that may still access the files has a reference to it, so that the lock is released
/// last.
pub(super) struct Directory {
    pub(super) layout: Layout,
    /// Set by the thread that commits, and respected by everyone who writes content.
    pub(super) writability: Writability,
    /// Number of the next file in tmp/.
    temporary: AtomicU64,
    /// Lock file. It is locked as long as it is open.
    _lock: File,
}

impl Directory {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let doing = || format!("opening the directory {}", path.display());
        Self::prepare(path).map_err(|source| match source.downcast_ref() {
            Some(Refusal::InUse) => StoreError::InUse(path.to_owned()),
            _ => StoreError::failed(doing(), source),
        })
    }

    fn prepare(path: &Path) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let path = std::path::absolute(path)?;
        if !path.try_exists()? {
            DirBuilder::new()
                .recursive(true)
                .mode(DIRECTORY_MODE)
                .create(&path)?;
            if let Some(parent) = path.parent() {
                sync_directory(parent)?;
            }
        }
        let layout = Layout::of(path);
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(FILE_MODE)
            .open(layout.lock())?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Refusal::InUse.into()),
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        let directory = Self {
            layout,
            writability: Writability::default(),
            temporary: AtomicU64::new(0),
            _lock: lock,
        };
        directory.check_format()?;
        let layout = &directory.layout;
        for folder in [layout.tmp(), layout.blobs(), layout.index()] {
            make_directory(&folder)?;
        }
        directory.empty_tmp()?;
        sync_directory(layout.path())?;
        Ok(directory)
    }

    /// Checks the format file, or creates it in a new store. It is written before anything else, so a directory without
    /// it contains no store yet.
    fn check_format(&self) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let place = self.layout.format();
        match fs::read_to_string(&place) {
            Ok(found) if found == FORMAT => return Ok(()),
            Ok(found) => return Err(Refusal::OtherFormat(found).into()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
        if self.layout.index().try_exists()? || self.layout.blobs().try_exists()? {
            return Err(Refusal::NoFormat.into());
        }
        let draft = self.layout.path().join("format.new");
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(true)
            .write(true)
            .mode(FILE_MODE)
            .open(&draft)?;
        file.write_all(FORMAT.as_bytes())?;
        file.sync_all()?;
        fs::rename(draft, place)?;
        sync_directory(self.layout.path())?;
        Ok(())
    }

    /// Removes all files in tmp/: they are blobs that were never finished.
    fn empty_tmp(&self) -> io::Result<()> {
        for entry in fs::read_dir(self.layout.tmp())? {
            fs::remove_file(entry?.path())?;
        }
        Ok(())
    }

    /// Creates an empty file in tmp/, opened with `flags`.
    pub(super) fn new_file(&self, flags: OFlags) -> io::Result<(File, PathBuf)> {
        let number = self.temporary.fetch_add(1, Ordering::Relaxed);
        let path = self.layout.tmp().join(number.to_string());
        let file = OpenOptions::new()
            .create_new(true)
            .write(true)
            .mode(FILE_MODE)
            .custom_flags(flags.bits().cast_signed())
            .open(&path)?;
        Ok((file, path))
    }
}

/// Creates a directory. An existing one is not changed.
pub(super) fn make_directory(path: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(DIRECTORY_MODE).create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        result => result,
    }
}

/// Makes the names in a directory durable.
pub(super) fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}
