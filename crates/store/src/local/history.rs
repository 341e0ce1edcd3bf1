//! The history of a store: everything that is needed to bring a snapshot forward to a later commit. It consists of the
//! segments of the log that the index needs no more, and of deleted blobs.
//!
//! Deleted blobs are collected by periods, directories that are named by the last commit before the period and by its
//! start. A blob that is deleted during a period lost its row in a commit before the next period, so only states before
//! the next period need it. Therefore a discarded period takes with it all states before the next one, and the segments
//! that end there.

use crate::id::BlobId;
use crate::local::directory::{make_directory, remove_directory, sync_directory};
use crate::local::layout::Layout;
use crate::local::log;
use crate::local::mark::MarkKeeper;
use crate::local::settings::{HistoryLimits, HistoryUse};
use crate::local::shards::Shards;
use crate::local::wall_clock;
use crate::snapshots::HistoryReach;
use std::collections::{BTreeSet, VecDeque};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

mod check;
mod period;

pub(super) use check::check;
pub(super) use period::{Period, periods};

/// Time after which a new period begins. Everything is kept for up to so much longer than the settings say.
const PERIOD: Duration = Duration::from_hours(1);

/// One divided by the share of the maximum size from which on a new period begins.
const PERIODS: u64 = 16;

/// History of a store that is open.
pub(super) struct History {
    layout: Layout,
    limits: HistoryLimits,
    mark: Arc<MarkKeeper>,
    state: Mutex<State>,
}

/// Periods and segments, oldest first.
#[derive(Default)]
struct State {
    /// Blobs go to the last one. Empty while none could be begun: then nothing is kept.
    periods: VecDeque<Period>,
    segments: VecDeque<Segment>,
    /// Directories that got blobs since they were synced.
    unsynced: BTreeSet<PathBuf>,
    /// Number of the next directory that is renamed to be deleted.
    discarded: u64,
}

/// A segment of the log that is kept.
struct Segment {
    ordinal: u64,
    /// Number of its first commit.
    first: u64,
    bytes: u64,
}

impl History {
    /// Opens the history of a store, and begins a period. Returns `None` if none is to be kept.
    pub(super) fn open(
        layout: &Layout,
        history: HistoryUse,
        mark: &Arc<MarkKeeper>,
    ) -> io::Result<Option<Arc<Self>>> {
        let limits = match history {
            HistoryUse::Within(limits) => limits,
            HistoryUse::AsFound if layout.history().exists() => HistoryLimits {
                age: Duration::MAX,
                bytes: None,
            },
            HistoryUse::AsFound => return Ok(None),
            HistoryUse::Off => {
                remove_directory(&layout.history())?;
                return Ok(None);
            }
        };
        make_directory(&layout.history())?;
        make_directory(&layout.history_log())?;
        sync_directory(layout.path())?;
        period::remove_discarded(&layout.history())?;
        let mut state = State {
            periods: periods(&layout.history())?.into(),
            ..State::default()
        };
        for period in &mut state.periods {
            period.bytes = bytes_in(&period.path(&layout.history()))?;
        }
        for (ordinal, first) in log::first_commits(&layout.history_log())? {
            let bytes = fs::metadata(log::segment_path(&layout.history_log(), ordinal))?.len();
            state.segments.push_back(Segment {
                ordinal,
                first,
                bytes,
            });
        }
        let history = Self {
            layout: layout.clone(),
            limits,
            mark: Arc::clone(mark),
            state: Mutex::new(state),
        };
        history.begin_period(&mut history.state())?;
        history.trim()?;
        Ok(Some(Arc::new(history)))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the states that can be restored. `None`: none but the current one.
    pub(super) fn reach(&self) -> Option<HistoryReach> {
        let state = self.state();
        let oldest = state.periods.front()?;
        Some(HistoryReach {
            commit: oldest.commit,
            since: oldest.began,
            bytes: state.bytes(),
        })
    }

    /// Moves a blob, whose row was removed, into the current period. Succeeds if there is none.
    ///
    /// If it cannot be moved, the whole history is discarded, and the blob is deleted: a deletion must succeed on a full
    /// disk.
    pub(super) fn keep_blob(&self, shards: &Shards, id: BlobId) -> io::Result<()> {
        let moved = {
            let mut state = self.state();
            let Some(period) = state.periods.back_mut() else {
                return shards.remove(&self.layout, id);
            };
            let moved = period.add(&self.layout, shards, id);
            let directory = period.path(&self.layout.history());
            let of_partition = directory.join(id.partition.to_string());
            state.unsynced.extend([directory, of_partition]);
            moved
        };
        match moved {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => {
                tracing::error!(alarm = "store", %error, "cannot keep a deleted blob; the history is discarded");
                while self.discard_oldest()? {}
                shards.remove(&self.layout, id)
            }
            Ok(()) => Ok(()),
        }
    }

    /// Makes the names of all blobs durable that were moved into the history before.
    pub(super) fn sync(&self) -> io::Result<()> {
        let unsynced = std::mem::take(&mut self.state().unsynced);
        for directory in &unsynced {
            match sync_directory(directory) {
                // It was discarded, or contains no blob.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => {
                    self.state().unsynced.extend(unsynced);
                    return Err(error);
                }
                Ok(()) => {}
            }
        }
        Ok(())
    }

    /// Moves a segment that the index needs no more into the history. `first` is the number of its first commit.
    pub(super) fn keep_segment(&self, segment: &Path, ordinal: u64, first: u64) -> io::Result<()> {
        let bytes = log::cut_unused(segment)?;
        fs::rename(segment, log::segment_path(&self.layout.history_log(), ordinal))?;
        sync_directory(&self.layout.history_log())?;
        self.state().segments.push_back(Segment {
            ordinal,
            first,
            bytes,
        });
        Ok(())
    }

    /// Begins a new period when it is time, and discards what is older or larger than the limits.
    pub(super) fn trim(&self) -> io::Result<()> {
        let now = wall_clock::seconds();
        let is_too_large = |state: &State| self.limits.bytes.is_some_and(|limit| state.bytes() > limit);
        {
            let mut state = self.state();
            let share = self.limits.bytes.map_or(u64::MAX, |limit| limit / PERIODS);
            let is_over = |period: &Period| {
                now.saturating_sub(period.began) >= PERIOD.as_secs() || period.bytes > share
            };
            if state.periods.back().is_none_or(is_over) || is_too_large(&state) && state.periods.len() == 1 {
                self.begin_period(&mut state)?;
            }
        }
        loop {
            let is_due = {
                let state = self.state();
                let is_too_old = state
                    .periods
                    .get(1)
                    .is_some_and(|second| now.saturating_sub(second.began) > self.limits.age.as_secs());
                state.periods.len() > 1 && (is_too_old || is_too_large(&state))
            };
            if !is_due || !self.discard_oldest()? {
                return Ok(());
            }
        }
    }

    /// Discards the oldest period, to make room. Returns false if there was nothing to discard.
    pub(super) fn discard_oldest(&self) -> io::Result<bool> {
        let (period, segments) = {
            let mut state = self.state();
            let holds_something =
                state.periods.iter().any(|period| period.bytes > 0) || state.segments.len() > 1;
            if state.periods.len() == 1 && holds_something {
                // What is deleted from now on is kept again.
                let begun = self.begin_period(&mut state);
                if let Err(error) = begun {
                    tracing::warn!(%error, "cannot begin a period of the history; deleted blobs are not kept for now");
                }
            } else if state.periods.len() <= 1 {
                return Ok(false);
            }
            let Some(period) = state.periods.pop_front() else {
                return Ok(false);
            };
            // Renamed first: a period in which blobs are missing must not look whole after a crash.
            let directory = self.layout.history();
            let discarded = period::discarded(&directory, state.discarded);
            state.discarded += 1;
            fs::rename(period.path(&directory), &discarded)?;
            sync_directory(&directory)?;
            let from = state.periods.front().map_or(u64::MAX, |oldest| oldest.commit);
            (discarded, state.segments_before(from))
        };
        fs::remove_dir_all(period)?;
        for ordinal in segments {
            match fs::remove_file(log::segment_path(&self.layout.history_log(), ordinal)) {
                // A power cut can undo the move of a segment, which is then moved again.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                removed => removed?,
            }
        }
        Ok(true)
    }

    fn begin_period(&self, state: &mut State) -> io::Result<()> {
        // Every blob that was deleted so far lost its row in a commit up to this one.
        let commit = self.mark.mark().head.number;
        // Names differ, also of two periods that begin within a second.
        let after_last = state.periods.back().map_or(0, |last| last.began + 1);
        let began = wall_clock::seconds().max(after_last);
        state
            .periods
            .push_back(Period::begin(&self.layout.history(), commit, began)?);
        Ok(())
    }
}

impl State {
    fn bytes(&self) -> u64 {
        let of_segments = self.segments.iter().map(|segment| segment.bytes);
        let of_periods = self.periods.iter().map(|period| period.bytes);
        of_segments.chain(of_periods).sum()
    }

    /// Takes out the segments that contain only commits up to `commit`, and returns their ordinals.
    fn segments_before(&mut self, commit: u64) -> Vec<u64> {
        let mut ordinals = Vec::new();
        while let (Some(oldest), Some(next)) = (self.segments.front(), self.segments.get(1))
            && next.first <= commit.saturating_add(1)
        {
            ordinals.push(oldest.ordinal);
            self.segments.pop_front();
        }
        ordinals
    }
}

/// Returns the sum of the sizes of all files in a directory.
fn bytes_in(directory: &Path) -> io::Result<u64> {
    let mut bytes = 0;
    let mut directories: Vec<PathBuf> = vec![directory.to_owned()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory)? {
            let entry = entry?;
            let metadata = entry.metadata()?;
            if metadata.is_dir() {
                directories.push(entry.path());
            } else {
                bytes += metadata.len();
            }
        }
    }
    Ok(bytes)
}
