//! Read-only access to a local store: that of a stopped server, a copy of a disk, a damaged one.
//!
//! Nothing in its directory is changed. The index is copied elsewhere, because the database writes when it is opened; blobs
//! are read in place. Anything that a reader does not need may be missing or damaged.

use crate::authenticator::Authenticator;
use crate::error::{Result, StoreError};
use crate::id::{PartitionId, StoreId};
use crate::integrity::CommitHead;
use crate::local::blocking;
use crate::local::directory::make_directory;
use crate::local::format::{BadFormat, Format};
use crate::local::key_files::KeyFiles;
use crate::local::layout::Layout;
use crate::local::log::Origin;
use crate::local::read_only_blobs::ReadOnlyBlobs;
use crate::local::read_only_index::ReadOnlyIndex;
use crate::local::recover;
use crate::local::settings::LocalSettings;
use crate::prepared::{Prepared, Recovery};
use crate::store::Store;
use crate::wrapped_keys::WrappedKeys;
use async_trait::async_trait;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Bytes copied at a time.
const BLOCK: usize = 256 << 10;

/// A store opened read-only.
pub struct ReadOnlyStore {
    /// The blobs and rows of the store. They cannot be written.
    pub store: Store,
    index: Arc<ReadOnlyIndex>,
}

/// Behavior when a server has the store open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IfRunning {
    /// Fail with [`ReadOnlyError::Running`].
    Refuse,
    /// Open the store anyway. The copy of the index may be torn, and blobs may be deleted at any time.
    Allow,
}

/// Reason why a store cannot be opened read-only.
#[derive(Debug, thiserror::Error)]
pub enum ReadOnlyError {
    /// Another process has the store open.
    #[error("another process has the store {} open", .0.display())]
    Running(PathBuf),
    /// There is no index: the directory is not a store, or not enough of one is left.
    #[error("there is no store in {}: it has no directory index", .0.display())]
    NoIndex(PathBuf),
    /// The store was written by another version of Strongroom.
    #[error("cannot open the store {}: {why}", path.display())]
    OtherFormat {
        /// Directory of the store.
        path: PathBuf,
        /// Description of the difference.
        why: String,
    },
    /// The index could not be copied.
    #[error("cannot copy {} to {}", from.display(), to.display())]
    Copy {
        /// Source of the copy.
        from: PathBuf,
        /// Destination of the copy.
        to: PathBuf,
        /// Error of the operating system.
        source: io::Error,
    },
    /// The copy could not be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Descriptions of damage of an index that was opened nevertheless: rows may be missing or outdated. None of them: the
/// index is whole, as far as it was checked.
#[derive(Clone, Default)]
pub struct Problems(Arc<Mutex<Vec<String>>>);

impl Problems {
    /// Returns the descriptions.
    pub fn all(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, problems: Vec<String>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = problems;
    }
}

/// A store that is to be read only, between the two steps of its opening: its index is copied, but not open.
pub struct PreparedReadOnly {
    /// Id of the store, or [`StoreId::UNKNOWN`].
    pub id: StoreId,
    /// Wrapped keys, which cannot be changed.
    pub keys: Arc<dyn WrappedKeys>,
    /// Problems of the index, which are found when it is opened.
    pub problems: Problems,
    blobs: Arc<ReadOnlyBlobs>,
    store: Layout,
    /// The copy.
    layout: Layout,
    format: Option<Format>,
    settings: LocalSettings,
}

impl ReadOnlyStore {
    /// Copies the index of the store in the directory `path`, which is not changed. `scratch` is an empty directory with
    /// as much room as the index needs; the caller removes it after the result is dropped.
    ///
    /// While the index is copied, a shared lock keeps servers from opening the store, if there is a file to lock.
    ///
    /// # Errors
    /// [`ReadOnlyError`].
    pub async fn prepare(
        path: impl Into<PathBuf>,
        scratch: impl Into<PathBuf>,
        settings: LocalSettings,
        running: IfRunning,
    ) -> Result<PreparedReadOnly, ReadOnlyError> {
        let (path, scratch) = (path.into(), scratch.into());
        let doing = format!("opening read-only the directory {}", path.display());
        let prepared = blocking::run(doing, move || Ok(prepare(path, &scratch, settings, running)));
        prepared.await?
    }

    /// Lists the partitions that have rows, in the order of their ids.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Failed`].
    pub async fn partitions(&self) -> Result<Vec<PartitionId>> {
        self.index.partitions().await
    }
}

impl PreparedReadOnly {
    /// Opens the copy. Without an authenticator, nothing is checked that needs a key. A damaged index is opened as far as
    /// possible: see [`Problems`].
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Failed`].
    pub async fn recover(self, authenticator: Option<Arc<dyn Authenticator>>) -> Result<ReadOnlyStore> {
        let doing = "opening the copy of the index".to_owned();
        blocking::run(doing, move || {
            let checked = authenticator
                .as_ref()
                .zip(self.format)
                .map(|(authenticator, format)| {
                    recover::check(&self.layout, Origin::from(format), &**authenticator)
                });
            let (database, problems) = match checked {
                Some(Ok(checked)) => (
                    recover::open_checked(&self.layout, &checked, &self.settings, |_, _| false)?,
                    Vec::new(),
                ),
                Some(Err(damage)) => {
                    let (database, mut problems) = recover::salvage(&self.layout, &self.settings)?;
                    problems.insert(0, damage.to_string());
                    (database, problems)
                }
                None => recover::salvage(&self.layout, &self.settings)?,
            };
            let origin = self.format.map(Origin::from);
            let index = ReadOnlyIndex::new(database, authenticator, self.store, origin);
            let index = Arc::new(index);
            let store = Store {
                blobs: self.blobs,
                index: Arc::clone(&index) as _,
                integrity: Arc::clone(&index) as _,
                snapshots: Store::memory().snapshots,
                keys: self.keys,
            };
            self.problems.set(problems);
            Ok(ReadOnlyStore { store, index })
        })
        .await
    }
}

#[async_trait]
impl Recovery for PreparedReadOnly {
    /// Does not compare the store with a noted commit: a command that only reads is for stores of any state.
    async fn recover(
        self: Box<Self>,
        authenticator: Arc<dyn Authenticator>,
        _noted: Option<CommitHead>,
    ) -> Result<Store> {
        Ok(Self::recover(*self, Some(authenticator)).await?.store)
    }
}

impl From<PreparedReadOnly> for Prepared {
    fn from(prepared: PreparedReadOnly) -> Self {
        let (id, keys) = (prepared.id, Arc::clone(&prepared.keys));
        Self::new(id, false, keys, Box::new(prepared))
    }
}

fn prepare(
    path: PathBuf,
    scratch: &Path,
    settings: LocalSettings,
    running: IfRunning,
) -> Result<PreparedReadOnly, ReadOnlyError> {
    let layout = Layout::of(path);
    let format = read_format(&layout)?;
    if !layout.index().is_dir() {
        return Err(ReadOnlyError::NoIndex(layout.path().to_owned()));
    }
    let lock = lock(&layout, running)?;
    let copied = Layout::of(scratch.to_owned());
    for (from, to) in [(layout.log(), copied.log()), (layout.index(), copied.index())] {
        if from.is_dir() {
            make_directory(&to).map_err(|source| ReadOnlyError::Copy {
                from: from.clone(),
                to: to.clone(),
                source,
            })?;
            copy(&from, &to)?;
        }
    }
    for (from, to) in [(layout.mark(), copied.mark()), (layout.list(), copied.list())] {
        if from.is_file() {
            copy_file(&from, &to).map_err(|source| ReadOnlyError::Copy { from, to, source })?;
        }
    }
    drop(lock);
    let id = format.map_or(StoreId::UNKNOWN, |format| format.id);
    Ok(PreparedReadOnly {
        id,
        keys: Arc::new(KeyFiles::read_only(layout.keys(), id)),
        problems: Problems::default(),
        blobs: Arc::new(ReadOnlyBlobs::new(layout.clone())),
        store: layout,
        layout: copied,
        format,
        settings,
    })
}

/// Returns the content of the format file. Refuses a store of another layout. `None`: the file is missing, unreadable or
/// meaningless, which is accepted as damage.
fn read_format(layout: &Layout) -> Result<Option<Format>, ReadOnlyError> {
    let Ok(text) = fs::read(layout.format()) else {
        return Ok(None);
    };
    match Format::parse(&text) {
        Ok(format) => Ok(Some(format)),
        Err(BadFormat::Damaged) => Ok(None),
        Err(other @ BadFormat::Other(_)) => Err(ReadOnlyError::OtherFormat {
            path: layout.path().to_owned(),
            why: other.to_string(),
        }),
    }
}

/// Takes a shared lock that keeps servers from opening the store, or detects that one has it open. The lock needs no
/// write permission; it is omitted if it fails for other reasons.
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

/// Copies a directory recursively. The copies are writable, whatever the mode of the originals.
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

/// Copies a file, with holes for blocks of zeros: segments of the log are allocated in advance.
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
