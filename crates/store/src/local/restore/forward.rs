//! The log of a store, by which a snapshot of it is brought forward.

use crate::authenticator::Authenticator;
use crate::error::{Result, StoreError};
use crate::id::{BlobId, PartitionId};
use crate::local::directory::make_directory;
use crate::local::history::{Period, periods};
use crate::local::layout::{Layout, shard_of};
use crate::local::listing::names;
use crate::local::log::{self, Head, Origin};
use crate::local::mark::{self, Mark};
use crate::local::recover::{self, Checked};
use crate::local::tables::TableList;
use crate::local::tree_copy::TreeCopy;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// State at which a restore ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// The state after this commit, or after the last group of commits before it: commits that were made durable
    /// together are restored together.
    Commit(u64),
    /// The state at the end of this second since 1970, by the clock of the server.
    Time(u64),
}

/// A store of which a snapshot was taken.
pub(super) struct Forward {
    pub(super) store: Layout,
    pub(super) until: Option<Until>,
    /// Keeps servers from opening the store.
    pub(super) _lock: Option<File>,
}

impl Forward {
    /// Returns whether a group of commits does not belong to the restored state.
    pub(super) fn is_after(&self, number: u64, time: u32) -> bool {
        match self.until {
            None => false,
            Some(Until::Commit(last)) => number > last,
            Some(Until::Time(last)) => u64::from(time) > last,
        }
    }

    /// Copies the segments of the log, from the oldest one of the snapshot on. Those of the store have precedence: they go
    /// on where the copies in the snapshot end.
    pub(super) fn copy_log(&self, snapshot: &Path, to: &Path, copy: &mut TreeCopy) -> io::Result<()> {
        let first = log::first_commits(snapshot)?.first().map(|(ordinal, _)| *ordinal);
        for directory in [&self.store.log(), &self.store.history_log(), snapshot] {
            if !directory.is_dir() {
                continue;
            }
            for (ordinal, commit) in log::first_commits(directory)? {
                let target = log::segment_path(to, ordinal);
                // Later segments may be damaged: they do not matter.
                let is_needed = Some(ordinal) >= first && !self.is_after(commit, 0);
                if is_needed && !target.exists() {
                    copy.copied_file(&log::segment_path(directory, ordinal), &target)?;
                }
            }
        }
        Ok(())
    }

    /// Checks the index in `draft`, which consists of the tables of the snapshot and the united log.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] names the commits that are missing between the snapshot and the restored state.
    pub(super) fn check(
        &self,
        snapshot: &Layout,
        draft: &Layout,
        origin: Origin,
        authenticator: &dyn Authenticator,
    ) -> Result<Checked> {
        let (_, taken) = mark::read(&snapshot.mark(), &origin, authenticator)?;
        let tables = TableList::read(&snapshot.list(), authenticator)?
            .map_or_else(|| Head::of_empty_log(&origin, authenticator), |list| list.head);
        if let Some(Until::Commit(last)) = self.until
            && last < tables.number
        {
            return Err(self.damaged(format!(
                "the snapshot contains everything up to commit {}: an older one is needed to restore commit {last}",
                tables.number
            )));
        }
        self.has_all_segments(taken, &draft.log())?;
        let of_store = || mark::read(&self.store.mark(), &origin, authenticator).map(|(_, mark)| mark);
        // The list is that of the snapshot. Blobs of later states than the restored one have no rows.
        let mark = match self.until {
            None => Mark {
                list: taken.list,
                ..of_store()?
            },
            // The end of the log must be known, or a lost part of it would look like the end of the time.
            Some(Until::Time(_)) => Mark {
                list: taken.list,
                orphans: u64::MAX,
                ..of_store()?
            },
            Some(Until::Commit(last)) => Mark {
                // Segments after the wanted state are not there, also not those up to the end of the snapshot.
                head: if last < taken.head.number {
                    tables
                } else {
                    taken.head
                },
                orphans: u64::MAX,
                ..taken
            },
        };
        let checked = recover::check_against(draft, origin, mark, authenticator)?;
        let missing = match self.until {
            Some(Until::Time(last)) if !checked.tables_are_of(last)? => {
                "the snapshot contains changes after that time, or the log does not say: an older one is needed".to_owned()
            }
            Some(Until::Commit(last)) if last > checked.number() => {
                format!("the commits {} to {last} are in no segment of its log", checked.number() + 1)
            }
            _ => return Ok(checked),
        };
        Err(self.damaged(missing))
    }

    /// Copies the blobs that were deleted after the commit `number`.
    pub(super) fn copy_deleted_blobs(&self, number: u64, draft: &Layout) -> Result<()> {
        if self.until.is_none() {
            return Ok(());
        }
        let history = self.store.history();
        let failed = |error| StoreError::failed(format!("reading the history {}", history.display()), error);
        let periods = periods(&history).map_err(failed)?;
        match periods.first() {
            None => {
                let why =
                    "it has no history (store.history_days), so objects that were deleted since are lost";
                return Err(self.damaged(why.to_owned()));
            }
            Some(oldest) if oldest.commit > number => {
                let why = format!(
                    "its history begins with commit {}, so objects of commit {number} that were deleted since are lost",
                    oldest.commit
                );
                return Err(self.damaged(why));
            }
            Some(_) => {}
        }
        let mut copy = TreeCopy::new(None);
        for (at, period) in periods.iter().enumerate() {
            let is_needed = periods.get(at + 1).is_none_or(|next| next.commit > number);
            if is_needed {
                copy_period(period, &history, draft, &mut copy).map_err(failed)?;
            }
        }
        Ok(())
    }

    fn has_all_segments(&self, taken: Mark, log: &Path) -> Result<()> {
        let failed = |error| StoreError::failed(format!("reading {}", log.display()), error);
        let segments = log::first_commits(log).map_err(failed)?;
        for pair in segments.windows(2) {
            let &[(before, _), (after, first)] = pair else {
                continue;
            };
            if after > before + 1 {
                return Err(self.damaged(format!(
                    "the commits {} to {} are in no segment of its log any more: the snapshot ends before them",
                    taken.head.number + 1,
                    first - 1
                )));
            }
        }
        Ok(())
    }

    fn damaged(&self, why: String) -> StoreError {
        StoreError::damaged(format!("the store {}", self.store.path().display()), why)
    }
}

/// Copies the blobs of a period to the places of blobs in `draft`.
fn copy_period(period: &Period, history: &Path, draft: &Layout, copy: &mut TreeCopy) -> io::Result<()> {
    let directory = period.path(history);
    for partition in names::<16>(&directory)?.into_iter().map(PartitionId) {
        let from = directory.join(partition.to_string());
        for random in names::<16>(&from)? {
            let id = BlobId { partition, random };
            make_directory(&draft.partition(partition))?;
            make_directory(&draft.shard(partition, shard_of(id)))?;
            let source: PathBuf = from.join(hex::encode(random));
            copy.linked_file(&source, &draft.blob(id), Path::new(""))?;
        }
    }
    Ok(())
}
