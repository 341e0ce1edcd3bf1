//! The threads that flush write buffers to tables and merge tables. After each change they write the list of tables and
//! delete the segments of the log that it makes unnecessary.

use crate::authenticator::Authenticator;
use crate::error::{Result, StoreError};
use crate::local::database::Database;
use crate::local::directory::Directory;
use crate::local::history::History;
use crate::local::layout::Layout;
use crate::local::log::{Head, Segments};
use crate::local::mark::{Mark, MarkKeeper};
use crate::local::tables::TableList;
use crate::local::tree_copy::TreeCopy;
use crate::local::vital::{self, Failure};
use lsm_tree::Table;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Maximum number of write buffers that wait to be flushed. Commits wait when there are more.
const MAX_WAITING: usize = 4;

/// Number of unmerged runs of tables from which on each group of commits is delayed: reads slow down with each run.
const MANY_RUNS: usize = 20;

/// Delay of a group of commits while there are too many unmerged runs.
const DELAY: Duration = Duration::from_millis(2);

/// Maximum time that a group of commits waits for a flush.
const MAX_WAIT: Duration = Duration::from_secs(10);

/// Number of deletions in the tables up to which they disturb nobody: a scan over so many takes 0.3 ms.
const FEW_DELETIONS: u64 = 1000;

/// One divided by the share of deletions in the tables from which on all tables are merged, which drops the deletions. So
/// each deletion costs the rewriting of at most five rows.
const DELETIONS_SHARE: u64 = 5;

/// Pause between looks at the age and size of the history.
const TRIM: Duration = Duration::from_mins(1);

/// Pause after a failed flush or merge.
const RETRY: Duration = Duration::from_secs(1);

/// State that the threads and the committer share.
struct State {
    /// Head of the log when the newest waiting buffer was closed.
    rotated: Option<Head>,
    /// The tables changed since they were last merged.
    is_merge_due: bool,
    stop: bool,
}

/// The newest list of tables.
pub(super) struct Listed {
    pub(super) list: Option<TableList>,
    /// Sequence number of the newest list; 0: none was written yet.
    pub(super) sequence: u64,
    /// Head of the log up to which the tables contain all commits.
    pub(super) head: Head,
}

/// The published list, and the tables that it names. A table must not be deleted before a list without it is durable.
struct Published {
    listed: Listed,
    tables: Vec<Table>,
}

struct Shared {
    database: Arc<Database>,
    authenticator: Arc<dyn Authenticator>,
    layout: Layout,
    segments: Arc<Segments>,
    mark: Arc<MarkKeeper>,
    history: Option<Arc<History>>,
    state: Mutex<State>,
    changed: Condvar,
    published: Mutex<Published>,
}

/// Handle of the threads. Dropping it stops them.
pub(super) struct Upkeep {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

impl Upkeep {
    pub(super) fn start(
        database: &Arc<Database>,
        authenticator: &Arc<dyn Authenticator>,
        directory: &Directory,
        segments: &Arc<Segments>,
        mark: &Arc<MarkKeeper>,
        history: Option<Arc<History>>,
        listed: Listed,
    ) -> Result<Self> {
        let tables = database.manifest()?.tables;
        let shared = Arc::new(Shared {
            database: Arc::clone(database),
            authenticator: Arc::clone(authenticator),
            layout: directory.layout.clone(),
            segments: Arc::clone(segments),
            mark: Arc::clone(mark),
            history,
            state: Mutex::new(State {
                rotated: None,
                is_merge_due: true,
                stop: false,
            }),
            changed: Condvar::new(),
            published: Mutex::new(Published { listed, tables }),
        });
        let mut upkeep = Self {
            shared,
            threads: Vec::new(),
        };
        upkeep.spawn("index-flush", &directory.failure, Shared::flush)?;
        upkeep.spawn("index-merge", &directory.failure, Shared::merge)?;
        Ok(upkeep)
    }

    fn spawn(&mut self, name: &str, failure: &Arc<Failure>, work: fn(&Shared)) -> Result<()> {
        let shared = Arc::clone(&self.shared);
        let thread = vital::spawn(name, failure, move || work(&shared))?;
        self.threads.push(thread);
        Ok(())
    }

    /// Starts a new write buffer and has the old one flushed. `head` is the head of the log: all its commits are applied.
    pub(super) fn rotate(&self, head: Head) {
        self.shared.database.rotate();
        self.shared.lock().rotated = Some(head);
        self.shared.changed.notify_all();
    }

    /// Delays a group of commits while flushes or merges are behind.
    ///
    /// # Errors
    /// [`StoreError::Failed`] if no flush succeeds for a while.
    pub(super) fn wait_for_room(&self) -> Result<()> {
        let database = &self.shared.database;
        if database.unmerged_runs() >= MANY_RUNS {
            std::thread::sleep(DELAY);
        }
        if database.waiting_buffers() < MAX_WAITING {
            return Ok(());
        }
        let deadline = Instant::now() + MAX_WAIT;
        let mut state = self.shared.lock();
        while database.waiting_buffers() >= MAX_WAITING {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let why = "the index cannot write its buffers to the disk";
                return Err(StoreError::failed("committing to the index", why));
            }
            let waited = self.shared.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        Ok(())
    }

    /// Copies the index without the mark to the directories of `to`. Returns the mark of the copy.
    pub(super) fn copy_index(&self, from: &Layout, to: &Layout, copy: &mut TreeCopy) -> io::Result<Mark> {
        // No table and no segment is deleted, and no list is written, while this is locked.
        let published = self
            .shared
            .published
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let listed = &published.listed;
        if let Some(list) = &listed.list {
            copy.copied_file(&from.list(), &to.list())?;
            for (source, target) in list.paths(&from.index()).iter().zip(list.paths(&to.index())) {
                copy.linked_file(source, &target, Path::new("index"))?;
            }
            list.write_manifest(&to.index())?;
        }
        // Without an append of this process, the log ends with what was recovered: it is the acknowledged head.
        let head = self.shared.segments.copy(&to.log(), copy)?;
        let mark = self.shared.mark.mark();
        Ok(Mark {
            head: head.unwrap_or(mark.head),
            list: listed.sequence,
            ..mark
        })
    }

    /// Checks all bytes of all tables of the newest list.
    pub(super) fn scrub(&self) -> Result<()> {
        // The tables stay on the disk as long as their handles exist. Flushes and merges must not wait for so long.
        let (list, _tables) = {
            let published = self
                .shared
                .published
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            (published.listed.list.clone(), published.tables.clone())
        };
        match list {
            Some(list) => list.scrub(&self.shared.layout.index()),
            None => Ok(()),
        }
    }
}

impl Drop for Upkeep {
    fn drop(&mut self) {
        self.shared.lock().stop = true;
        self.shared.changed.notify_all();
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a thread that keeps the index panicked");
            }
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Flushes buffers until the store is closed. Buffers that still wait then are in the log.
    fn flush(&self) {
        let mut failing = false;
        let mut trimmed = Instant::now();
        let mut state = self.lock();
        while !state.stop {
            if trimmed.elapsed() >= TRIM {
                drop(state);
                self.trim_history();
                trimmed = Instant::now();
                state = self.lock();
            }
            let Some(head) = state.rotated.take() else {
                let waited = self.changed.wait_timeout(state, TRIM);
                state = waited.unwrap_or_else(PoisonError::into_inner).0;
                continue;
            };
            drop(state);
            let result = self.database.flush().and_then(|()| self.publish(Some(head)));
            report(&mut failing, "flushing the index", &result);
            state = self.lock();
            if result.is_ok() {
                state.is_merge_due = true;
            } else {
                state.rotated.get_or_insert(head);
                state = self.pause(state);
            }
            self.changed.notify_all();
        }
    }

    /// Merges tables until the store is closed.
    fn merge(&self) {
        let mut failing = false;
        let mut state = self.lock();
        while !state.stop {
            if !std::mem::take(&mut state.is_merge_due) {
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            drop(state);
            let merged = self.merge_once();
            report(&mut failing, "merging tables of the index", &merged);
            state = self.lock();
            state.is_merge_due |= merged.as_ref().copied().unwrap_or(true);
            if merged.is_err() {
                state = self.pause(state);
            }
            self.changed.notify_all();
        }
    }

    fn merge_once(&self) -> Result<bool> {
        let (deletions, rows) = self.database.deletions();
        let merged = if deletions >= FEW_DELETIONS && deletions.saturating_mul(DELETIONS_SHARE) >= rows {
            self.database.merge_all()?;
            // Otherwise this would be repeated without end.
            self.database.deletions().0 < deletions
        } else {
            self.database.merge()?
        };
        if merged {
            self.publish(None)?;
        }
        Ok(merged)
    }

    fn trim_history(&self) {
        if let Some(history) = &self.history
            && let Err(error) = history.trim()
        {
            tracing::error!(alarm = "store", %error, "cannot discard old parts of the history");
        }
    }

    fn pause<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        let stopped = self.changed.wait_timeout_while(state, RETRY, |state| !state.stop);
        stopped.unwrap_or_else(PoisonError::into_inner).0
    }

    /// Writes the list of the current tables. `head` is the head of the log up to which they contain all commits, if it
    /// changed. Deletes what is not needed after that.
    fn publish(&self, head: Option<Head>) -> Result<()> {
        let failed = |error| StoreError::failed("writing the list of tables", error);
        let mut published = self.published.lock().unwrap_or_else(PoisonError::into_inner);
        let head = head.unwrap_or(published.listed.head);
        let sequence = published.listed.sequence + 1;
        let manifest = self.database.manifest()?;
        let previous = published.listed.list.as_ref();
        let list =
            TableList::new(sequence, head, &manifest, previous, &*self.authenticator).map_err(failed)?;
        list.write(&self.layout.list(), &*self.authenticator)
            .map_err(failed)?;
        self.mark.listed(sequence);
        *published = Published {
            listed: Listed {
                list: Some(list),
                sequence,
                head,
            },
            // Drops the tables of the previous list, which deletes those that were merged.
            tables: manifest.tables,
        };
        let remove = |segment: &Path, ordinal, first| match &self.history {
            Some(history) => history.keep_segment(segment, ordinal, first),
            None => fs::remove_file(segment),
        };
        self.segments.remove_through(head.number, remove).map_err(failed)
    }
}

/// Logs the first of several failures, and the success after them.
fn report<T>(failing: &mut bool, doing: &str, result: &Result<T>) {
    match result {
        Ok(_) if *failing => tracing::info!("{doing} succeeds again"),
        Err(error) if !*failing => tracing::error!(alarm = "store", %error, "{doing} failed; it is retried"),
        _ => {}
    }
    *failing = result.is_err();
}
