//! Commits on one partition.

use crate::model::error::Result;
use crate::rows::record::Record;
use crate::rows::{Found, Rows};
use bytes::Bytes;
use std::sync::Arc;
use strongroom_store::{Check, Commit, CommitRefused, Counter, PartitionId, Write};

/// Decision of the store on a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum CommitOutcome {
    /// Committed.
    Done,
    /// Refused: the check at this position failed. A row has changed since it was read.
    Stale(usize),
    /// Refused: the partition does not exist or has another generation. Its bucket was deleted.
    Closed,
}

impl CommitOutcome {
    /// Returns whether the commit took effect.
    pub(crate) fn is_done(self) -> bool {
        self == Self::Done
    }
}

/// Checks and writes that take effect atomically.
pub(crate) struct Batch {
    rows: Arc<Rows>,
    partition: PartitionId,
    commit: Commit,
}

impl Batch {
    /// Starts a batch for a partition of this `generation`.
    pub(crate) fn new(rows: Arc<Rows>, partition: PartitionId, generation: u64) -> Self {
        Self {
            rows,
            partition,
            commit: Commit {
                generation,
                ..Commit::default()
            },
        }
    }

    pub(crate) fn put<R: Record>(&mut self, row: Bytes, record: &R) -> Result<()> {
        let sealed = self.rows.seal(self.partition, &row, record)?;
        self.commit.writes.push(Write::Put(row, sealed));
        Ok(())
    }

    /// Writes bytes that are sealed already.
    pub(crate) fn put_sealed(&mut self, row: Bytes, sealed: Bytes) {
        self.commit.writes.push(Write::Put(row, sealed));
    }

    pub(crate) fn delete(&mut self, row: Bytes) {
        self.commit.writes.push(Write::Delete(row));
    }

    /// Adds the contents of another batch for the same partition.
    pub(crate) fn append(&mut self, other: Self) {
        self.commit.checks.extend(other.commit.checks);
        self.commit.writes.extend(other.commit.writes);
        for (counter, amount) in other.commit.counters {
            self.count(counter, amount);
        }
    }

    /// Returns the number of rows that the batch writes.
    pub(crate) fn writes(&self) -> usize {
        self.commit.writes.len()
    }

    /// Returns the number of checks.
    pub(crate) fn checks(&self) -> usize {
        self.commit.checks.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.commit.writes.is_empty()
    }

    /// Requires that the row is unchanged since it was read.
    pub(crate) fn expect<R>(&mut self, row: Bytes, found: Option<&Found<R>>) {
        self.commit.checks.push(match found {
            Some(found) => Check::Equals(row, found.sealed.clone()),
            None => Check::Absent(row),
        });
    }

    pub(crate) fn expect_counter(&mut self, counter: Counter, value: i64) {
        self.commit.checks.push(Check::Counter(counter, value));
    }

    pub(crate) fn count(&mut self, counter: Counter, amount: i64) {
        match self.commit.counters.iter_mut().find(|(c, _)| *c == counter) {
            Some((_, sum)) => *sum += amount,
            None => self.commit.counters.push((counter, amount)),
        }
    }

    /// Advances the partition's generation: commits that were begun before this one are refused from then on.
    pub(crate) fn advance(&mut self) {
        self.commit.advance = true;
    }

    /// Commits the batch. The returned future borrows nothing.
    pub(crate) fn commit(self) -> impl Future<Output = Result<CommitOutcome>> + Send + use<> {
        let Self {
            rows,
            partition,
            commit,
        } = self;
        async move {
            Ok(match rows.index.commit(partition, commit).await? {
                Ok(()) => CommitOutcome::Done,
                Err(CommitRefused::Check(check)) => CommitOutcome::Stale(check),
                Err(CommitRefused::Generation) => CommitOutcome::Closed,
            })
        }
    }
}
