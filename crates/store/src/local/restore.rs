//! A store from a snapshot, or from what is left of a damaged one. It is a new timeline of the same store: logs of the old
//! one do not fit any more.

use crate::authenticator::Authenticator;
use crate::error::{Result, StoreError};
use crate::id::StoreId;
use crate::local::blocking;
use crate::local::database::Database;
use crate::local::directory::{create_file, make_directory};
use crate::local::draft_directory::Draft;
use crate::local::format::Format;
use crate::local::key_files::KeyFiles;
use crate::local::layout::Layout;
use crate::local::log::{Head, LogWriter, Origin};
use crate::local::mark::{Mark, MarkFile};
use crate::local::recover;
use crate::local::settings::LocalSettings;
use crate::local::sums;
use crate::local::tables::TableList;
use crate::local::tree_copy::TreeCopy;
use crate::wrapped_keys::WrappedKeys;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

mod forward;
mod identity;

use forward::Forward;
pub use forward::Until;

/// A store that is to be written from the files of another one.
pub struct Restoration {
    /// Id of the store.
    pub id: StoreId,
    /// Wrapped keys that the new store will have.
    pub keys: Arc<dyn WrappedKeys>,
    format: Format,
    /// Description of the damage of the format file, whose content was taken from the log.
    damage: Option<String>,
    from: Layout,
    keys_from: PathBuf,
    settings: LocalSettings,
    /// Store whose log is applied to a snapshot.
    forward: Option<Forward>,
    /// Keeps servers from opening the store. `None`: it has no lock file, as a snapshot.
    _lock: Option<File>,
}

/// A store that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// Last commit in it.
    pub number: u64,
    /// Number of its blobs.
    pub blobs: u64,
    /// Descriptions of what was missing or could not be read. Empty after [`Restoration::restore`].
    pub problems: Vec<String>,
}

/// State in which a new timeline begins.
#[derive(Clone, Copy)]
struct Start {
    /// Number of the last commit.
    number: u64,
    /// Sequence number of the newest list of tables.
    sequence: u64,
    /// Number of blobs without a row that are allowed.
    orphans: u64,
}

impl Restoration {
    /// Reads the id and the wrapped keys. `from` is a snapshot or a store that no process has open; `keys_from` is a store
    /// whose wrapped keys are used instead: today's, so that buckets that were shredded since stay shredded.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if the format file is damaged; [`StoreError::InUse`] if a process has the store open.
    pub fn prepare(
        from: impl Into<PathBuf>,
        keys_from: Option<PathBuf>,
        settings: LocalSettings,
    ) -> Result<Self> {
        let from = Layout::of(from.into());
        let lock = lock(&from)?;
        let format = identity::read(&from)?;
        let keys_from = keys_from.map_or_else(|| from.keys(), |store| Layout::of(store).keys());
        Ok(Self::new(from, format, keys_from, settings, lock))
    }

    /// Works like [`Self::prepare`] on a damaged store, for [`Self::repair`]. A damaged or missing format file is replaced by
    /// the headers of the log, if they agree on the id `noted`: the one that the store had when it was last used.
    ///
    /// # Errors
    /// As [`Self::prepare`].
    pub fn prepare_repair(
        from: impl Into<PathBuf>,
        noted: Option<StoreId>,
        settings: LocalSettings,
    ) -> Result<Self> {
        let from = Layout::of(from.into());
        let lock = lock(&from)?;
        let (format, damage) = identity::read_or_infer(&from, noted)?;
        let keys_from = from.keys();
        Ok(Self {
            damage,
            ..Self::new(from, format, keys_from, settings, lock)
        })
    }

    fn new(
        from: Layout,
        format: Format,
        keys_from: PathBuf,
        settings: LocalSettings,
        lock: Option<File>,
    ) -> Self {
        Self {
            id: format.id,
            keys: Arc::new(KeyFiles::read_only(keys_from.clone(), format.id)),
            format,
            damage: None,
            from,
            keys_from,
            settings,
            forward: None,
            _lock: lock,
        }
    }

    /// Brings the snapshot forward along the commit log of `store`, from which it was taken, to its last commit or to the
    /// state before `until`. The blobs are those of `store`.
    ///
    /// # Errors
    /// [`StoreError::InUse`] if a process has the store open; [`StoreError::Damaged`] if the snapshot is not one of this
    /// store, or was taken before the store was restored.
    pub fn forward(mut self, store: impl Into<PathBuf>, until: Option<Until>) -> Result<Self> {
        let store = Layout::of(store.into());
        let lock = lock(&store)?;
        // A damaged format file does not matter here: the log names store and timeline too.
        let found = identity::read(&store).ok();
        let why = match found.filter(|found| *found != self.format) {
            None => None,
            Some(found) if found.id == self.format.id => {
                Some("it has another timeline: the store was restored after the snapshot was taken")
            }
            Some(_) => Some("it is not the store of which the snapshot was taken"),
        };
        if let Some(why) = why {
            let what = format!("the store {}", store.path().display());
            return Err(StoreError::damaged(what, why));
        }
        self.forward = Some(Forward {
            store,
            until,
            _lock: lock,
        });
        Ok(self)
    }

    /// Writes the store to a new directory. The index must be whole.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] names what is not; [`StoreError::Failed`] if the directory exists or cannot be written.
    pub async fn restore(self, to: PathBuf, authenticator: Arc<dyn Authenticator>) -> Result<Restored> {
        self.run(to, move |this, to| {
            let origin = Origin::from(this.format);
            let checked = match &this.forward {
                None => recover::check(to, origin, &*authenticator)?,
                Some(forward) => forward.check(&this.from, to, origin, &*authenticator)?,
            };
            let until = |number, time| match &this.forward {
                None => false,
                Some(forward) => forward.is_after(number, time),
            };
            let database = recover::open_checked(to, &checked, &this.settings, until)?;
            let number = database.last().max(checked.number_of_tables());
            if let Some(forward) = &this.forward {
                forward.copy_deleted_blobs(number, to)?;
            }
            let start = Start {
                number,
                sequence: checked.sequence(),
                orphans: checked.orphans(),
            };
            this.begin(to, &database, start, &authenticator)?;
            Ok((number, Vec::new()))
        })
        .await
    }

    /// Writes a store with everything that can be read of a damaged one.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if the index cannot be opened at all; [`StoreError::Failed`] if the directory exists or
    /// cannot be written.
    pub async fn repair(self, to: PathBuf, authenticator: Arc<dyn Authenticator>) -> Result<Restored> {
        self.run(to, move |this, to| {
            let damage = recover::check(to, Origin::from(this.format), &*authenticator).err();
            let (database, mut problems) = recover::salvage(to, &this.settings)?;
            let of_format = this.damage.clone();
            problems.splice(
                0..0,
                of_format
                    .into_iter()
                    .chain(damage.map(|damage| damage.to_string())),
            );
            // A number that no commit of the old timeline had.
            let number = database.last().saturating_add(1);
            let sums = sums::rebuild(&database, &*authenticator)?;
            database.apply(sums, number);
            let start = Start {
                number,
                sequence: TableList::salvage(&to.list()).map_or(0, |list| list.sequence),
                // Rows are lost, so their blobs have none.
                orphans: u64::MAX,
            };
            this.begin(to, &database, start, &authenticator)?;
            Ok((number, problems))
        })
        .await
    }

    async fn run(
        self,
        to: PathBuf,
        write: impl FnOnce(&Self, &Layout) -> Result<(u64, Vec<String>)> + Send + 'static,
    ) -> Result<Restored> {
        let doing = format!("writing the store {}", to.display());
        blocking::run(doing.clone(), move || {
            let failed = |error| StoreError::failed(doing.clone(), error);
            let to = std::path::absolute(to).map_err(failed)?;
            let draft = Draft::create(&to).map_err(failed)?;
            let layout = Layout::of(draft.path().to_owned());
            let copied = self.copy(&layout).map_err(failed)?;
            let (number, problems) = write(&self, &layout)?;
            draft.finish().map_err(failed)?;
            Ok(Restored {
                number,
                blobs: copied,
                problems,
            })
        })
        .await
    }

    /// Copies all files. Returns the number of blobs.
    fn copy(&self, draft: &Layout) -> io::Result<u64> {
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
        copy.tree_of_copies(&self.keys_from, &draft.keys())?;
        // The index is changed below, so its files must not be links.
        if from.index().is_dir() {
            copy.tree_of_copies(&from.index(), &draft.index())?;
        }
        match &self.forward {
            Some(forward) => forward.copy_log(&from.log(), &draft.log(), &mut copy)?,
            None if from.log().is_dir() => copy.tree_of_copies(&from.log(), &draft.log())?,
            None => {}
        }
        for (from, to) in [(from.mark(), draft.mark()), (from.list(), draft.list())] {
            if from.is_file() {
                copy.copied_file(&from, &to)?;
            }
        }
        let blobs = self
            .forward
            .as_ref()
            .map_or(from, |forward| &forward.store)
            .blobs();
        if blobs.is_dir() {
            copy.blobs(&blobs, &draft.blobs())?;
        }
        Ok(copy.copied().blobs)
    }

    /// Begins a new timeline with the rows of the database, which are all written to tables.
    fn begin(
        &self,
        to: &Layout,
        database: &Database,
        Start {
            number,
            sequence,
            orphans,
        }: Start,
        authenticator: &Arc<dyn Authenticator>,
    ) -> Result<()> {
        let failed = |error| StoreError::failed("beginning a new timeline", error);
        database.rotate();
        database.flush()?;
        let format = Format {
            id: self.id,
            ..Format::of_new_store()?
        };
        let origin = Origin::from(format);
        let head = Head {
            number,
            ..Head::of_empty_log(&origin, &**authenticator)
        };
        let list = TableList::new(sequence + 1, head, &database.manifest()?, None, &**authenticator);
        list.and_then(|list| list.write(&to.list(), &**authenticator))
            .map_err(failed)?;
        fs::remove_dir_all(to.log()).map_err(failed)?;
        make_directory(&to.log()).map_err(failed)?;
        let segment_bytes = self.settings.segment_bytes;
        LogWriter::create(&to.log(), origin, Arc::clone(authenticator), head, segment_bytes)
            .map_err(failed)?;
        let mark = Mark {
            head,
            list: sequence + 1,
            orphans,
        };
        MarkFile::create(&to.mark(), origin, Arc::clone(authenticator), mark).map_err(failed)?;
        create_file(&to.format(), format.text().as_bytes()).map_err(failed)
    }
}

/// Locks a store against servers. `None`: it has no lock file, as a snapshot.
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
