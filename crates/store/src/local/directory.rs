//! The directory of a store in use: its creation, lock, format and file modes.

use crate::error::{Result, StoreError};
use crate::id::StoreId;
use crate::local::format::{BadFormat, Format};
use crate::local::layout::Layout;
use crate::local::vital::Failure;
use crate::local::writability::Writability;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

pub(super) const DIRECTORY_MODE: u32 = 0o700;
pub(super) const FILE_MODE: u32 = 0o600;

/// Ending of the name of a file that is being replaced.
pub(super) const NEW: &str = "new";

/// Reason why a directory cannot be opened as a store.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("another process is using it")]
    InUse,
    #[error(transparent)]
    Format(#[from] BadFormat),
    #[error(
        "it contains {0} but no format file, so it is not a whole store: restore the file from a copy of this store"
    )]
    NoFormat(&'static str),
    #[error(
        "it has a format file, but no folder {0}, so it is not a whole store: restore the folder, or mount the disk that \
         holds it"
    )]
    Missing(&'static str),
}

/// A locked directory. Everything that may still access the files has a reference to it, so that the lock is released
/// last.
pub(super) struct Directory {
    pub(super) layout: Layout,
    /// Id and timeline of the store.
    pub(super) format: Format,
    /// Is true until the store's creation is complete.
    pub(super) is_new: bool,
    /// Held shared by whoever moves or deletes a blob.
    removals: RwLock<()>,
    /// Set by the thread that commits, and respected by everyone who writes content.
    pub(super) writability: Writability,
    /// Set by a thread of the store that panics.
    pub(super) failure: Arc<Failure>,
    /// Number of the next file in tmp/.
    temporary: AtomicU64,
    /// Blobs that were moved to their final paths.
    placed: AtomicU64,
    /// Lock file. It is locked as long as it is open.
    _lock: File,
}

impl Directory {
    pub(super) fn open(path: &Path) -> Result<Self> {
        Self::prepare(path).map_err(|source| refused(path, source))
    }

    fn prepare(path: &Path) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let path = std::path::absolute(path)?;
        DirBuilder::new()
            .recursive(true)
            .mode(DIRECTORY_MODE)
            .create(&path)?;
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
        let (format, is_new) = match read_format(&layout)? {
            Some(found) => found,
            None => (create_format(&layout)?, true),
        };
        // Not only by the start that creates the directory: a crash may have followed.
        if is_new && let Some(parent) = layout.path().parent() {
            sync_directory(parent)?;
        }
        let directory = Self {
            layout,
            format,
            is_new,
            removals: RwLock::default(),
            writability: Writability::default(),
            failure: Arc::default(),
            temporary: AtomicU64::new(0),
            placed: AtomicU64::new(0),
            _lock: lock,
        };
        let layout = &directory.layout;
        make_directory(&layout.tmp())?;
        for (name, folder) in folders(layout) {
            if is_new {
                make_directory(&folder)?;
            } else if !folder.is_dir() {
                return Err(Refusal::Missing(name).into());
            }
        }
        directory.empty_tmp()?;
        remove_directory(&layout.snapshot_stage())?;
        sync_directory(layout.path())?;
        Ok(directory)
    }

    /// Notes that everything a store consists of exists. From now on, a missing part is damage.
    pub(super) fn complete_creation(&self) -> Result<()> {
        if !self.is_new {
            return Ok(());
        }
        fs::rename(self.layout.new_format(), self.layout.format())
            .and_then(|()| sync_directory(self.layout.path()))
            .map_err(|error| StoreError::failed("completing the creation of the store", error))
    }

    /// Waits while a snapshot is written, and keeps the next one from being written while the result exists. Held while a
    /// blob is moved or deleted.
    pub(super) fn remove_blobs(&self) -> RwLockReadGuard<'_, ()> {
        self.removals.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps blobs from being moved or deleted while the result exists.
    pub(super) fn keep_blobs(&self) -> RwLockWriteGuard<'_, ()> {
        self.removals.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a blob before it is moved to its final path.
    pub(super) fn count_blob(&self) {
        self.placed.fetch_add(1, Ordering::SeqCst);
    }

    /// Returns the number of blobs that were moved to their final paths since the store was opened.
    pub(super) fn counted_blobs(&self) -> u64 {
        self.placed.load(Ordering::SeqCst)
    }

    /// Removes all files in tmp/: they are blobs that were never finished.
    fn empty_tmp(&self) -> io::Result<()> {
        for entry in fs::read_dir(self.layout.tmp())? {
            fs::remove_file(entry?.path())?;
        }
        Ok(())
    }

    /// Creates an empty file in tmp/.
    pub(super) fn new_file(&self) -> io::Result<(File, PathBuf)> {
        let number = self.temporary.fetch_add(1, Ordering::Relaxed);
        let path = self.layout.tmp().join(number.to_string());
        let file = OpenOptions::new()
            .create_new(true)
            .write(true)
            .mode(FILE_MODE)
            .open(&path)?;
        Ok((file, path))
    }
}

/// Reads the id of the store in a directory without a lock, and changes nothing. The second value is true until the
/// store's creation is complete. `None`: there is nothing of a store.
pub(super) fn find(path: &Path) -> Result<Option<(StoreId, bool)>> {
    let found = read_format(&Layout::of(path.to_owned())).map_err(|source| refused(path, source))?;
    Ok(found.map(|(format, is_new)| (format.id, is_new)))
}

fn refused(path: &Path, source: Box<dyn std::error::Error + Send + Sync>) -> StoreError {
    match source.downcast_ref() {
        Some(Refusal::InUse) => StoreError::InUse(path.to_owned()),
        Some(
            refusal @ (Refusal::Format(BadFormat::Damaged) | Refusal::NoFormat(_) | Refusal::Missing(_)),
        ) => StoreError::damaged(format!("the store {}", path.display()), refusal.to_string()),
        _ => StoreError::failed(format!("opening the directory {}", path.display()), source),
    }
}

/// Folders that every whole store has.
fn folders(layout: &Layout) -> [(&'static str, PathBuf); 4] {
    [
        ("log", layout.log()),
        ("index", layout.index()),
        ("blobs", layout.blobs()),
        ("keys", layout.keys()),
    ]
}

/// Reads the format file, and whether the store's creation is still incomplete. `None`: there is nothing of a store.
///
/// The file has another name until the creation is complete, and is written before anything else. So a crash during the
/// creation is told from a store that lost parts.
fn read_format(layout: &Layout) -> Result<Option<(Format, bool)>, Box<dyn std::error::Error + Send + Sync>> {
    if let Some(text) = read_if_exists(&layout.format())? {
        let format = Format::parse(&text).map_err(Refusal::from)?;
        return Ok(Some((format, false)));
    }
    let is_there = |(name, folder): (&'static str, PathBuf)| folder.exists().then_some(name);
    let part = folders(layout).into_iter().find_map(is_there);
    let new = read_if_exists(&layout.new_format())?.map(|text| Format::parse(&text));
    match (new, part) {
        (Some(Ok(format)), _) => Ok(Some((format, true))),
        (_, None) => Ok(None),
        (_, Some(part)) => Err(Refusal::NoFormat(part).into()),
    }
}

fn create_format(layout: &Layout) -> Result<Format, Box<dyn std::error::Error + Send + Sync>> {
    let format = Format::of_new_store()?;
    create_file(&layout.new_format(), format.text().as_bytes())?;
    sync_directory(layout.path())?;
    Ok(format)
}

/// Creates a file with this content, or replaces its content, and makes it durable except for its name.
pub(super) fn create_file(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .mode(FILE_MODE)
        .open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

/// Replaces a file: the new content has its name only when it is durable. A crash can leave a file with [`NEW`] after its
/// name.
pub(super) fn replace_file(path: &Path, content: &[u8]) -> io::Result<()> {
    let draft = path.with_extension(NEW);
    create_file(&draft, content)?;
    fs::rename(draft, path)?;
    path.parent().map_or(Ok(()), sync_directory)
}

/// Returns the content of a file. `None`: there is no such file.
pub(super) fn read_if_exists(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        found => found.map(Some),
    }
}

/// Creates a directory. An existing one is not changed.
pub(super) fn make_directory(path: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(DIRECTORY_MODE).create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        result => result,
    }
}

/// Removes a directory with everything in it, if it exists.
pub(super) fn remove_directory(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

/// Makes the names in a directory durable.
pub(super) fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}
