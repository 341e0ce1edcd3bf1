//! Recovery of the index from its tables and the commit log.
//!
//! Everything is checked before anything is changed: the list of tables against the tables, the log against the list and
//! the mark. Only then may leftovers of a crash be deleted and the log be applied.

use crate::authenticator::Authenticator;
use crate::error::{Result, StoreError};
use crate::integrity::CommitHead;
use crate::local::database::Database;
use crate::local::directory::{Directory, make_directory, sync_directory};
use crate::local::layout::Layout;
use crate::local::log::{self, Head, LogWriter, Origin, Verified};
use crate::local::mark::{self, Mark, MarkFile, MarkKeeper};
use crate::local::settings::LocalSettings;
use crate::local::tables::{self, TableList};
use crate::local::upkeep::Listed;
use std::sync::Arc;

/// Parts of a recovered index.
pub(super) struct Recovered {
    pub(super) database: Arc<Database>,
    pub(super) log: LogWriter,
    pub(super) mark: Arc<MarkKeeper>,
    pub(super) listed: Listed,
    pub(super) authenticator: Arc<dyn Authenticator>,
    pub(super) directory: Arc<Directory>,
}

/// Creates the index of a new store. Repeats a creation that was interrupted.
pub(super) fn create(
    directory: Arc<Directory>,
    origin: Origin,
    authenticator: Arc<dyn Authenticator>,
    settings: &LocalSettings,
) -> Result<Recovered> {
    let failed = |error| StoreError::failed("creating the index", error);
    let layout = &directory.layout;
    make_directory(&layout.log()).map_err(failed)?;
    let head = Head::of_empty_log(&origin, &*authenticator);
    let log = LogWriter::create(
        &layout.log(),
        origin,
        Arc::clone(&authenticator),
        head,
        settings.segment_bytes,
    )
    .map_err(failed)?;
    let mark = Mark {
        head: log.head(),
        list: 0,
        orphans: 0,
    };
    let file = MarkFile::create(&layout.mark(), origin, Arc::clone(&authenticator), mark).map_err(failed)?;
    sync_directory(layout.path()).map_err(failed)?;
    let database = Arc::new(Database::open(&layout.index(), settings, 0)?);
    Ok(Recovered {
        database,
        mark: Arc::new(MarkKeeper::start(file, mark, &directory.failure)?),
        listed: Listed {
            list: None,
            sequence: 0,
            head: log.head(),
        },
        log,
        authenticator,
        directory,
    })
}

/// Recovers the index of an existing store.
///
/// # Errors
/// [`StoreError::Damaged`] names the file and what is missing, [`StoreError::RolledBack`] if the log does not contain the
/// commit `noted`; nothing was changed then.
pub(super) fn recover(
    directory: Arc<Directory>,
    origin: Origin,
    authenticator: Arc<dyn Authenticator>,
    settings: &LocalSettings,
    noted: Option<CommitHead>,
) -> Result<Recovered> {
    let layout = &directory.layout;
    let checked = check(layout, origin, &*authenticator)?;
    if let Some(noted) = noted {
        must_contain(checked.log.head, noted)?;
    }
    if checked.log.torn > 0 {
        tracing::info!(
            bytes = checked.log.torn,
            after_commit = checked.log.head.number,
            "discarded a group of commits that a crash cut off before it was acknowledged"
        );
    }
    // Before anything relies on a group that was never acknowledged: the log goes on after it.
    checked.log.sync()?;
    let database = open_checked(layout, &checked, settings, |_, _| false)?;
    let sequence = checked.sequence();
    let Checked {
        log,
        list,
        tables,
        mark,
    } = checked;
    let listed = Listed {
        sequence,
        head: tables,
        list,
    };
    let (file, _) = MarkFile::open(&layout.mark(), origin, Arc::clone(&authenticator))?;
    let keeper = MarkKeeper::start(file, mark, &directory.failure)?;
    // A group that was durable but not acknowledged before the crash is part of the log from now on.
    keeper.acknowledged(log.head);
    keeper.listed(listed.sequence);
    Ok(Recovered {
        database: Arc::new(database),
        log: log.writer(Arc::clone(&authenticator), settings.segment_bytes),
        mark: Arc::new(keeper),
        listed,
        authenticator,
        directory,
    })
}

/// Refuses a log that ends before a commit that was noted elsewhere, or has another commit of this number as its last one.
fn must_contain(end: Head, noted: CommitHead) -> Result<()> {
    let reason = if end.number < noted.number {
        format!("but the store ends with commit {}", end.number)
    } else if end.number == noted.number && end.chain != noted.chain {
        "but the store contains another commit of this number".to_owned()
    } else {
        return Ok(());
    };
    Err(StoreError::RolledBack {
        noted: noted.number,
        reason,
    })
}

/// Files of an index that were checked against each other.
pub(super) struct Checked {
    log: Verified,
    list: Option<TableList>,
    /// Head of the log up to which the tables contain all commits.
    tables: Head,
    mark: Mark,
}

impl Checked {
    /// Returns the number of the last commit in the tables.
    pub(super) fn number_of_tables(&self) -> u64 {
        self.tables.number
    }

    /// Returns whether all commits in the tables are known to be of this second since 1970 or before.
    pub(super) fn tables_are_of(&self, time: u64) -> Result<bool> {
        let number = self.tables.number;
        let known = log::time_of(&self.log, number)?;
        Ok(number == 0 || known.is_some_and(|known| u64::from(known) <= time))
    }

    /// Returns the number of the last commit.
    pub(super) fn number(&self) -> u64 {
        self.log.head.number
    }

    /// Returns the number of blobs without a row that are allowed.
    pub(super) fn orphans(&self) -> u64 {
        self.mark.orphans
    }

    /// Returns the sequence number of the list of tables; 0: there is none.
    pub(super) fn sequence(&self) -> u64 {
        self.list.as_ref().map_or(0, |list| list.sequence)
    }
}

/// Checks the tables and the log of an index. Changes nothing.
pub(super) fn check(layout: &Layout, origin: Origin, authenticator: &dyn Authenticator) -> Result<Checked> {
    let (_, mark) = mark::read(&layout.mark(), &origin, authenticator)?;
    check_against(layout, origin, mark, authenticator)
}

/// Checks the tables and the log of an index against a mark, as [`check`] does.
pub(super) fn check_against(
    layout: &Layout,
    origin: Origin,
    mark: Mark,
    authenticator: &dyn Authenticator,
) -> Result<Checked> {
    let list = TableList::read(&layout.list(), authenticator)?;
    let sequence = list.as_ref().map_or(0, |list| list.sequence);
    if sequence < mark.list {
        let why = format!(
            "the mark names list {}, but the newest one is list {sequence}",
            mark.list
        );
        let what = format!("the list of tables {}", layout.list().display());
        return Err(StoreError::damaged(what, why));
    }
    let tables = match &list {
        Some(list) => {
            list.check(&layout.index(), authenticator)?;
            list.head
        }
        None => Head::of_empty_log(&origin, authenticator),
    };
    let log = log::verify(&layout.log(), origin, tables, mark.head, authenticator)?;
    Ok(Checked {
        log,
        list,
        tables,
        mark,
    })
}

/// Opens the checked tables, and applies the log to them, up to the first group of which `until` is true for its last
/// commit and time.
pub(super) fn open_checked(
    layout: &Layout,
    checked: &Checked,
    settings: &LocalSettings,
    until: impl Fn(u64, u32) -> bool,
) -> Result<Database> {
    tables::restore(checked.list.as_ref(), &layout.index())
        .map_err(|error| StoreError::failed("restoring the manifest of the index", error))?;
    let from = checked.tables.number;
    let database = Database::open(&layout.index(), settings, from)?;
    log::apply(&checked.log, from, until, |key, value, number| {
        database.replay(key, value, number);
    })?;
    Ok(database)
}

/// Opens what is left of a damaged index. Returns descriptions of what is missing. The files are changed, so they must be
/// copies.
pub(super) fn salvage(layout: &Layout, settings: &LocalSettings) -> Result<(Database, Vec<String>)> {
    let list = TableList::salvage(&layout.list());
    // Without a list, the database's own manifest is the best that is left.
    if list.is_some() {
        tables::restore(list.as_ref(), &layout.index())
            .map_err(|error| StoreError::failed("restoring the manifest of the index", error))?;
    }
    let from = list.map_or(0, |list| list.head.number);
    let database = Database::open(&layout.index(), settings, from)?;
    let problems = log::salvage(&layout.log(), from, |key, value, number| {
        database.replay(key, value, number);
    });
    Ok((database, problems))
}
