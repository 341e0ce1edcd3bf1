//! Files from which a store is restored: those of one directory, or of a damaged store and a snapshot of it.

use crate::authenticator::Authenticator;
use crate::error::{Result, StoreError};
use crate::id::{StoreId, Timeline};
use crate::local::directory::make_directory;
use crate::local::format::{BadFormat, Format};
use crate::local::layout::Layout;
use crate::local::log::{self, Origin};
use crate::local::mark::{self, Mark, MarkFile};
use crate::local::recover;
use crate::local::tables::TableList;
use crate::local::tree_copy::TreeCopy;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// Places of the files of a store.
pub(super) struct Source {
    pub(super) format: Format,
    /// Description of damage of the format file, whose content was taken from the log.
    pub(super) damage: Option<String>,
    /// Directory of the key files.
    pub(super) keys: PathBuf,
    from: Layout,
    /// Snapshot of the same timeline: the tables are taken from it, and the segments of the log that the store does not have
    /// any more. `None`: everything is taken from one place.
    snapshot: Option<Layout>,
    /// Keeps servers from opening the store. `None`: it has no lock file, as a snapshot.
    _lock: Option<File>,
}

impl Source {
    /// Returns the files of a whole store or snapshot, with the key files of another store if there is one.
    pub(super) fn whole(from: PathBuf, keys_from: Option<PathBuf>) -> Result<Self> {
        let from = Layout::of(from);
        let keys = keys_from.map_or_else(|| from.keys(), |store| Layout::of(store).keys());
        Ok(Self {
            _lock: lock(&from)?,
            format: read_format(&from)?,
            damage: None,
            keys,
            from,
            snapshot: None,
        })
    }

    /// Returns the files of a damaged store. `noted` is the id that it should have.
    pub(super) fn damaged(from: PathBuf, noted: Option<StoreId>) -> Result<Self> {
        let from = Layout::of(from);
        let lock = lock(&from)?;
        let (format, damage) = format_or_log(&from, noted)?;
        Ok(Self {
            format,
            damage,
            keys: from.keys(),
            from,
            snapshot: None,
            _lock: lock,
        })
    }

    /// Takes the tables from a snapshot.
    pub(super) fn with_snapshot(self, snapshot: PathBuf) -> Result<Self> {
        let snapshot = Layout::of(snapshot);
        let found = read_format(&snapshot)?;
        let why = if found == self.format {
            return Ok(Self {
                snapshot: Some(snapshot),
                ..self
            });
        } else if found.id == self.format.id {
            "it has another timeline: the store was restored after it was taken"
        } else {
            "it is one of another store"
        };
        let what = format!("the snapshot {}", snapshot.path().display());
        Err(StoreError::damaged(what, why))
    }

    pub(super) fn origin(&self) -> Origin {
        Origin::from(self.format)
    }

    /// Checks that the snapshot is whole, that the log of the store goes on where it ends, or before, and that there is a
    /// mark. Does nothing without a snapshot.
    pub(super) fn check_snapshot(&self, authenticator: &dyn Authenticator) -> Result<()> {
        let Some(snapshot) = &self.snapshot else {
            return Ok(());
        };
        mark::read(&self.from.mark(), &self.origin(), authenticator)?;
        let base = recover::check(snapshot, self.origin(), authenticator)?.number();
        let log = self.from.log();
        let first = log::first_commit(&log)
            .map_err(|error| StoreError::failed(format!("reading {}", log.display()), error))?;
        match first {
            Some(first) if first > base + 1 => {
                let why = format!(
                    "the commits {} to {} are missing: the snapshot ends before them, and the oldest segment begins after \
                     them",
                    base + 1,
                    first - 1
                );
                let what = format!("the commit log {}", log.display());
                Err(StoreError::damaged(what, why))
            }
            _ => Ok(()),
        }
    }

    /// Lets the mark of the copy name the list of tables of the snapshot. The acknowledged commit stays: the log must reach it.
    /// Does nothing without a snapshot.
    pub(super) fn rebase_mark(&self, draft: &Layout, authenticator: &Arc<dyn Authenticator>) -> Result<()> {
        if self.snapshot.is_none() {
            return Ok(());
        }
        let origin = self.origin();
        let (_, mark) = mark::read(&self.from.mark(), &origin, &**authenticator)?;
        let list = TableList::read(&draft.list(), &**authenticator)?.map_or(0, |list| list.sequence);
        MarkFile::create(
            &draft.mark(),
            origin,
            Arc::clone(authenticator),
            Mark { list, ..mark },
        )
        .map_err(|error| StoreError::failed("writing the mark of the new store", error))?;
        Ok(())
    }

    /// Copies all files. Returns the number of blobs.
    pub(super) fn copy(&self, draft: &Layout) -> io::Result<u64> {
        let from = &self.from;
        let mut copy = TreeCopy::new(None);
        for directory in [
            draft.tmp(),
            draft.blobs(),
            draft.keys(),
            draft.log(),
            draft.index(),
        ] {
            make_directory(&directory)?;
        }
        copy.tree_of_copies(&self.keys, &draft.keys())?;
        let tables = self.snapshot.as_ref().unwrap_or(from);
        // The index is changed below, so its files must not be links.
        for (from, to) in [(from.log(), draft.log()), (tables.index(), draft.index())] {
            if from.is_dir() {
                copy.tree_of_copies(&from, &to)?;
            }
        }
        if let Some(snapshot) = &self.snapshot {
            copy.missing_files(&snapshot.log(), &draft.log())?;
        }
        for (from, to) in [(from.mark(), draft.mark()), (tables.list(), draft.list())] {
            if from.is_file() {
                copy.copied_file(&from, &to)?;
            }
        }
        if from.blobs().is_dir() {
            copy.blobs(&from.blobs(), &draft.blobs())?;
        }
        Ok(copy.copied().blobs)
    }
}

/// Takes a shared lock that keeps servers from opening the store. `None`: it has no lock file.
fn lock(store: &Layout) -> Result<Option<File>> {
    let Ok(lock) = File::open(store.lock()) else {
        return Ok(None);
    };
    match lock.try_lock_shared() {
        Ok(()) => Ok(Some(lock)),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse(store.path().to_owned())),
        Err(TryLockError::Error(error)) => Err(StoreError::failed("locking the store", error)),
    }
}

fn read_format(store: &Layout) -> Result<Format> {
    let text = fs::read(store.format())
        .map_err(|error| StoreError::failed(format!("reading {}", store.format().display()), error))?;
    let what = || format!("the store {}", store.path().display());
    Format::parse(&text).map_err(|bad| StoreError::damaged(what(), bad.to_string()))
}

/// Returns id and timeline of a store, from its log if its format file is damaged or missing. The second value describes
/// that damage.
fn format_or_log(store: &Layout, noted: Option<StoreId>) -> Result<(Format, Option<String>)> {
    let refused = match read_format(store) {
        Ok(format) => return Ok((format, None)),
        Err(refused) => refused,
    };
    // A whole file of another version is not damage.
    let is_other =
        fs::read(store.format()).is_ok_and(|text| matches!(Format::parse(&text), Err(BadFormat::Other(_))));
    match log::origin(&store.log()) {
        Ok(Some(origin)) if Some(StoreId(origin.store)) == noted && !is_other => {
            let format = Format {
                id: StoreId(origin.store),
                timeline: Timeline(origin.timeline),
            };
            Ok((
                format,
                Some(format!("{refused}; id and timeline were taken from the log")),
            ))
        }
        _ => Err(refused),
    }
}
