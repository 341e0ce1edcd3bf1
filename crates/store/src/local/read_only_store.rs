//! A local store that is only looked at: the one of a server that was stopped, a copy of a disk, a damaged one.
//!
//! Nothing in its directory is changed. The database cannot be opened without writing, so it is copied elsewhere;
//! blobs are read from where they lie. What a reader does not need may be missing or damaged.

use crate::error::{Result, StoreError};
use crate::id::PartitionId;
use crate::local::blocking;
use crate::local::directory::{Directory, make_directory};
use crate::local::index::LocalIndex;
use crate::local::layout::{FORMAT, Layout};
use crate::local::read_only_blobs::ReadOnlyBlobs;
use crate::local::settings::LocalSettings;
use crate::store::Store;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What the `format` file of every layout begins with.
const ANY_FORMAT: &str = "strongroom store ";

/// How much is copied at a time.
const BLOCK: usize = 256 << 10;

/// A store that is looked at.
pub struct ReadOnlyStore {
    /// Its blobs and rows. Rows that are written are written to the copy and go with it; blobs cannot be written.
    pub store: Store,
    index: Arc<LocalIndex>,
}

/// What to do when a server has the store open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IfRunning {
    /// Look at nothing.
    Refuse,
    /// Look all the same. The copy of the index may be torn, and blobs may go while they are looked for.
    Allow,
}

/// Why a store cannot be looked at.
#[derive(Debug, thiserror::Error)]
pub enum ReadOnlyError {
    /// Another process has it open.
    #[error("another process has the store {} open", .0.display())]
    Running(PathBuf),
    /// There is no index, so it is not a store, or not enough of one is left.
    #[error("there is no store in {}: it has no directory index", .0.display())]
    NoIndex(PathBuf),
    /// It was written by another version of Strongroom.
    #[error("the store {} has another format: {found:?}, and this version reads {FORMAT:?}", path.display())]
    OtherFormat {
        /// The store's directory.
        path: PathBuf,
        /// What its format file says.
        found: String,
    },
    /// The index could not be copied.
    #[error("cannot copy {} to {}", from.display(), to.display())]
    Copy {
        /// What was to be copied.
        from: PathBuf,
        /// Where it was to go.
        to: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The copy could not be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ReadOnlyStore {
    /// Looks at the store in the directory `path`. `scratch` is an empty directory of the caller's, who removes it when
    /// this is dropped; it needs as much room as the store's index has.
    ///
    /// While the index is copied a shared lock keeps servers from opening the store, where there is a file to lock.
    ///
    /// # Errors
    /// [`ReadOnlyError`].
    pub async fn at(
        path: impl Into<PathBuf>,
        scratch: impl Into<PathBuf>,
        settings: LocalSettings,
        running: IfRunning,
    ) -> Result<Self, ReadOnlyError> {
        let (path, scratch) = (path.into(), scratch.into());
        let doing = format!("opening read-only the directory {}", path.display());
        let opened = blocking::run(doing, move || Ok(open(path, &scratch, &settings, running)));
        let (index, blobs) = opened.await??;
        let index = Arc::new(index);
        let store = Store {
            blobs: Arc::new(blobs),
            index: Arc::clone(&index) as _,
        };
        Ok(Self { store, index })
    }

    /// The partitions that have rows, in the order of their ids.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Failed`].
    pub async fn partitions(&self) -> Result<Vec<PartitionId>> {
        self.index.partitions().await
    }
}

fn open(
    path: PathBuf,
    scratch: &Path,
    settings: &LocalSettings,
    running: IfRunning,
) -> Result<(LocalIndex, ReadOnlyBlobs), ReadOnlyError> {
    let layout = Layout::of(path);
    check_format(&layout)?;
    if !layout.index().is_dir() {
        return Err(ReadOnlyError::NoIndex(layout.path().to_owned()));
    }
    let lock = lock(&layout, running)?;
    let directory = Arc::new(Directory::open(scratch)?);
    copy(&layout.index(), &directory.layout.index())?;
    drop(lock);
    Ok((
        LocalIndex::open(&directory, settings)?,
        ReadOnlyBlobs::new(layout),
    ))
}

/// A file that is missing, cannot be read or says nothing is damage like any other; one that names another layout is
/// not.
fn check_format(layout: &Layout) -> Result<(), ReadOnlyError> {
    match fs::read_to_string(layout.format()) {
        Ok(found) if found.starts_with(ANY_FORMAT) && found != FORMAT => Err(ReadOnlyError::OtherFormat {
            path: layout.path().to_owned(),
            found,
        }),
        _ => Ok(()),
    }
}

/// Tells whether a server has the store open, and keeps one from opening it for a while. A lock needs no right to
/// write; where it cannot be had for other reasons there is none.
fn lock(layout: &Layout, running: IfRunning) -> Result<Option<File>, ReadOnlyError> {
    let Ok(lock) = File::open(layout.lock()) else {
        return Ok(None);
    };
    match (lock.try_lock_shared(), running) {
        (Ok(()), _) => Ok(Some(lock)),
        (Err(TryLockError::WouldBlock), IfRunning::Refuse) => {
            Err(ReadOnlyError::Running(layout.path().to_owned()))
        }
        (Err(_), _) => Ok(None),
    }
}

/// Copies the files of a directory and of those in it. The copies can be written, whatever the originals are.
fn copy(from: &Path, to: &Path) -> Result<(), ReadOnlyError> {
    let failed = |source| ReadOnlyError::Copy {
        from: from.to_owned(),
        to: to.to_owned(),
        source,
    };
    for entry in fs::read_dir(from).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type().map_err(failed)?;
        if kind.is_dir() {
            make_directory(&to).map_err(failed)?;
            copy(&from, &to)?;
        } else if kind.is_file() {
            copy_file(&from, &to).map_err(|source| ReadOnlyError::Copy { from, to, source })?;
        }
    }
    Ok(())
}

/// Blocks of zeros become holes, as they mostly were: the database's journal takes 64 MiB from the start, for rows to
/// come.
fn copy_file(from: &Path, to: &Path) -> io::Result<()> {
    let mut from = File::open(from)?;
    let to = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(to)?;
    let mut block = Vec::with_capacity(BLOCK);
    let mut length = 0;
    loop {
        block.clear();
        let count = from.by_ref().take(BLOCK as u64).read_to_end(&mut block)?;
        if count == 0 {
            return to.set_len(length);
        }
        if block.iter().any(|byte| *byte != 0) {
            to.write_all_at(&block, length)?;
        }
        length += count as u64;
    }
}
