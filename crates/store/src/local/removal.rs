//! Removal of a partition of any size without delaying other commits for long.
//!
//! A small partition is removed in one batch. A large one is first made invisible by one batch, which deletes its
//! generation and counters and adds a mark; then its rows are removed in several batches. If a crash interrupts this,
//! the mark remains, and the removal continues when the store is opened again.

use crate::error::Result;
use crate::id::PartitionId;
use crate::local::database::Database;
use crate::local::log::Changes;
use crate::local::row_key;
use bytes::Bytes;
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};

/// Rows removed in one batch. Other commits wait a few milliseconds for so many.
const PIECE: usize = 1000;

/// State of a removal after a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    Done,
    More,
}

/// Partitions that were removed but still have rows. Readers must not see these rows.
#[derive(Default)]
pub(super) struct Removals {
    /// Set when the first partition is added. While it is not set, readers need not lock `partitions`.
    any: AtomicBool,
    partitions: RwLock<HashSet<PartitionId>>,
}

impl Removals {
    pub(super) fn contain(&self, partition: PartitionId) -> bool {
        self.any.load(Ordering::Acquire)
            && self
                .partitions
                .read()
                .unwrap_or_else(PoisonError::into_inner)
                .contains(&partition)
    }

    /// Records a step of the removal of a partition that took effect.
    pub(super) fn record(&self, partition: PartitionId, progress: Progress) {
        match progress {
            Progress::Done => self.take(partition),
            Progress::More => self.add(partition),
        }
    }

    fn add(&self, partition: PartitionId) {
        self.partitions
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(partition);
        self.any.store(true, Ordering::Release);
    }

    fn take(&self, partition: PartitionId) {
        self.partitions
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&partition);
    }
}

/// A step of a removal: the changes that perform it.
pub(super) struct Step {
    pub(super) changes: Changes,
    pub(super) progress: Progress,
}

/// Prepares the next step of a removal. The caller repeats it until a step is [`Progress::Done`].
pub(super) fn step(database: &Database, partition: PartitionId) -> Result<Step> {
    let facts = database.keys(&row_key::facts(partition), usize::MAX)?;
    let mark = row_key::removal(partition);
    let is_marked = database.get(&mark)?.is_some();
    if facts.is_empty() && !is_marked {
        return Ok(Step {
            changes: Changes::new(),
            progress: Progress::Done,
        });
    }
    let rows = database.keys(&row_key::rows(partition), PIECE + 1)?;
    let is_last = rows.len() <= PIECE;
    let mut changes: Changes = facts.into_iter().map(|key| (key.to_vec(), None)).collect();
    if is_last || is_marked {
        changes.extend(rows.into_iter().take(PIECE).map(|key| (key.to_vec(), None)));
    }
    match (is_last, is_marked) {
        (true, true) => drop(changes.insert(mark, None)),
        (false, false) => drop(changes.insert(mark, Some(Bytes::new()))),
        _ => {}
    }
    let progress = if is_last { Progress::Done } else { Progress::More };
    Ok(Step { changes, progress })
}

/// Returns the partitions whose removal a crash interrupted.
pub(super) fn interrupted(database: &Database) -> Result<Vec<PartitionId>> {
    let marks = database.keys(&row_key::REMOVALS, usize::MAX)?;
    Ok(marks
        .iter()
        .filter_map(|key| row_key::removed_partition(key))
        .collect())
}

#[cfg(test)]
mod tests;
