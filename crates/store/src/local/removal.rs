//! Removal of a partition of any size without delaying other commits for long.
//!
//! A small partition is removed in one batch. A large one is first made invisible by one batch, which deletes its
//! generation and counters and adds a mark; then its rows are removed in several batches. If a crash interrupts this,
//! the mark remains, and the removal continues when the store is opened again.

use crate::error::Result;
use crate::id::PartitionId;
use crate::local::database::Database;
use crate::local::pending::Changes;
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

/// Performs one step of a removal. The caller repeats it until it returns [`Progress::Done`].
pub(super) fn step(database: &Database, removals: &Removals, partition: PartitionId) -> Result<Progress> {
    let facts = database.keys(&row_key::facts(partition), usize::MAX)?;
    let mark = row_key::removal(partition);
    let is_marked = database.get(&mark)?.is_some();
    if facts.is_empty() && !is_marked {
        return Ok(Progress::Done);
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
    database.write(&changes)?;
    if is_last {
        removals.take(partition);
        return Ok(Progress::Done);
    }
    removals.add(partition);
    Ok(Progress::More)
}

/// Completes the removals that a crash interrupted.
pub(super) fn resume(database: &Database) -> Result<()> {
    let removals = Removals::default();
    for key in database.keys(&row_key::REMOVALS, usize::MAX)? {
        let Some(partition) = row_key::removed_partition(&key) else {
            continue;
        };
        tracing::info!(%partition, "continuing the removal of a partition");
        while step(database, &removals, partition)? == Progress::More {}
    }
    Ok(())
}

#[cfg(test)]
mod tests;
