//! Commits on one partition.

use crate::error::Result;
use crate::record::Record;
use crate::rows::{Found, Rows};
use bytes::Bytes;
use std::sync::Arc;
use strongroom_store::{Check, Commit, CommitRefused, Counter, PartitionId, Write};

#[cfg(test)]
mod tests;

/// Decision of the store on a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum CommitOutcome {
    /// Committed.
    Done,
    /// Refused: the check at this position failed. A row has changed since it was read.
    Stale(usize),
    /// Refused: the partition does not exist or has another generation. Its bucket was deleted.
    Closed,
}

impl CommitOutcome {
    /// Returns whether the commit took effect.
    pub fn is_done(self) -> bool {
        self == Self::Done
    }
}

/// Checks and writes that take effect atomically.
pub struct Batch {
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

    /// Seals a record and writes it.
    pub fn put<R: Record>(&mut self, row: Bytes, record: &R) -> Result<()> {
        let sealed = self.rows.seal(self.partition, &row, record)?;
        self.commit.writes.push(Write::Put(row, sealed));
        Ok(())
    }

    /// Writes bytes that are sealed already.
    pub fn put_sealed(&mut self, row: Bytes, sealed: Bytes) {
        self.commit.writes.push(Write::Put(row, sealed));
    }

    /// Deletes a row. Succeeds if there is none.
    pub fn delete(&mut self, row: Bytes) {
        self.commit.writes.push(Write::Delete(row));
    }

    /// Adds the contents of another batch for the same partition.
    pub fn append(&mut self, other: Self) {
        self.commit.checks.extend(other.commit.checks);
        self.commit.writes.extend(other.commit.writes);
        for (counter, amount) in other.commit.counters {
            self.count(counter, amount);
        }
    }

    /// Returns the number of rows that the batch writes.
    pub fn writes(&self) -> usize {
        self.commit.writes.len()
    }

    /// Returns the number of checks.
    pub fn checks(&self) -> usize {
        self.commit.checks.len()
    }

    /// Returns whether the batch writes nothing.
    pub fn is_empty(&self) -> bool {
        self.commit.writes.is_empty()
    }

    /// Requires that the row is unchanged since it was read.
    pub fn expect<R>(&mut self, row: Bytes, found: Option<&Found<R>>) {
        self.commit.checks.push(match found {
            Some(found) => Check::Equals(row, found.sealed.clone()),
            None => Check::Absent(row),
        });
    }

    /// Requires that the counter has this value.
    pub fn expect_counter(&mut self, counter: Counter, value: i64) {
        self.commit.checks.push(Check::Counter(counter, value));
    }

    /// Adds to a counter of the partition.
    pub fn count(&mut self, counter: Counter, amount: i64) {
        match self.commit.counters.iter_mut().find(|(c, _)| *c == counter) {
            Some((_, sum)) => *sum += amount,
            None => self.commit.counters.push((counter, amount)),
        }
    }

    /// Returns the changes of counters.
    pub fn counters(&self) -> &[(Counter, i64)] {
        &self.commit.counters
    }

    /// Advances the partition's generation: commits that were begun before this one are refused from then on.
    pub fn advance(&mut self) {
        self.commit.advance = true;
    }

    /// Commits the batch. The returned future borrows nothing.
    pub fn commit(self) -> impl Future<Output = Result<CommitOutcome>> + Send + use<> {
        let Self {
            rows,
            partition,
            mut commit,
        } = self;
        // Amounts that cancel out need no write.
        commit.counters.retain(|(_, amount)| *amount != 0);
        async move {
            Ok(match rows.index().commit(partition, commit).await? {
                Ok(()) => CommitOutcome::Done,
                Err(CommitRefused::Check(check)) => CommitOutcome::Stale(check),
                Err(CommitRefused::Generation) => CommitOutcome::Closed,
            })
        }
    }
}
