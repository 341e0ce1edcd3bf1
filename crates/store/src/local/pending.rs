//! Commits that were applied but are not durable yet: each sees the ones before it.

use crate::authenticator::Authenticator;
use crate::error::{Result, StoreError};
use crate::id::PartitionId;
use crate::index::{Check, Commit, CommitRefused, Write};
use crate::local::database::Database;
use crate::local::log::Changes;
use crate::local::{row_key, sums};
use crate::row::{add, check_keys};
use bytes::Bytes;
use std::collections::HashMap;

/// View of the database with changes that are not written yet.
pub(super) struct Pending<'a> {
    database: &'a Database,
    changes: Changes,
    /// Values that were read from the database.
    read: HashMap<Vec<u8>, Option<Bytes>>,
    /// Number of commits and other requests that changed something.
    commits: u64,
}

/// Result of the creation of a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Creation {
    Done,
    /// A partition with the same id is still being removed.
    Removing,
}

impl<'a> Pending<'a> {
    pub(super) fn new(database: &'a Database) -> Self {
        Self {
            database,
            changes: Changes::new(),
            read: HashMap::new(),
            commits: 0,
        }
    }

    /// Returns the changes with the new sums of their partitions, and the number of commits that made them; `None` if
    /// nothing changed.
    pub(super) fn finish(mut self, authenticator: &dyn Authenticator) -> Result<Option<(u64, Changes)>> {
        if self.changes.is_empty() {
            return Ok(None);
        }
        let mut changes = std::mem::take(&mut self.changes);
        sums::update(&mut changes, |key| self.before(key), authenticator)?;
        Ok(Some((self.commits.max(1), changes)))
    }

    fn value(&mut self, key: &[u8]) -> Result<Option<Bytes>> {
        match self.changes.get(key) {
            Some(value) => Ok(value.clone()),
            None => self.before(key),
        }
    }

    /// Returns the value before all pending changes.
    fn before(&mut self, key: &[u8]) -> Result<Option<Bytes>> {
        if let Some(value) = self.read.get(key) {
            return Ok(value.clone());
        }
        let value = self.database.get(key)?;
        self.read.insert(key.to_vec(), value.clone());
        Ok(value)
    }

    /// Adds changes that were prepared from the database, while nothing else was pending.
    pub(super) fn extend(&mut self, changes: Changes) {
        self.commits += 1;
        self.changes.extend(changes);
    }

    pub(super) fn create(&mut self, partition: PartitionId) -> Result<Creation> {
        if self.value(&row_key::removal(partition))?.is_some() {
            return Ok(Creation::Removing);
        }
        let key = row_key::generation(partition);
        if self.value(&key)?.is_none() {
            self.commits += 1;
            self.changes
                .insert(key, Some(Bytes::copy_from_slice(&1_u64.to_be_bytes())));
        }
        Ok(Creation::Done)
    }

    /// Applies a commit as a whole or not at all.
    pub(super) fn apply(
        &mut self,
        partition: PartitionId,
        commit: Commit,
    ) -> Result<Result<(), CommitRefused>> {
        check_keys(&commit)?;
        let generation_key = row_key::generation(partition);
        let generation = self
            .value(&generation_key)?
            .map(|value| generation_of(&value))
            .transpose()?;
        if generation != Some(commit.generation) {
            return Ok(Err(CommitRefused::Generation));
        }
        for (position, check) in commit.checks.iter().enumerate() {
            if !self.holds(partition, check)? {
                return Ok(Err(CommitRefused::Check(position)));
            }
        }
        // Everything that can fail is done before the first change.
        let mut changes = Changes::new();
        for (counter, amount) in commit.counters {
            let key = row_key::counter(partition, counter);
            let before = match changes.get(&key) {
                Some(value) => value.clone(),
                None => self.value(&key)?,
            };
            let value = add(counter, counter_of(before.as_ref())?, amount)?;
            changes.insert(key, Some(Bytes::copy_from_slice(&value.to_be_bytes())));
        }
        if commit.advance {
            let next = commit.generation.checked_add(1).ok_or_else(|| {
                StoreError::failed("advancing a partition's generation", "it would overflow 64 bits")
            })?;
            changes.insert(generation_key, Some(Bytes::copy_from_slice(&next.to_be_bytes())));
        }
        self.commits += 1;
        self.changes.extend(changes);
        for write in commit.writes {
            match write {
                Write::Put(key, value) => self.changes.insert(row_key::row(partition, &key), Some(value)),
                Write::Delete(key) => self.changes.insert(row_key::row(partition, &key), None),
            };
        }
        Ok(Ok(()))
    }

    fn holds(&mut self, partition: PartitionId, check: &Check) -> Result<bool> {
        Ok(match check {
            Check::Absent(key) => self.value(&row_key::row(partition, key))?.is_none(),
            Check::Equals(key, expected) => {
                self.value(&row_key::row(partition, key))?.as_ref() == Some(expected)
            }
            Check::Counter(counter, expected) => {
                let value = self.value(&row_key::counter(partition, *counter))?;
                counter_of(value.as_ref())? == *expected
            }
        })
    }
}

fn bytes_of(value: &[u8], what: &str) -> Result<[u8; 8]> {
    value
        .try_into()
        .map_err(|_| StoreError::damaged(what, format!("it has {} bytes instead of 8", value.len())))
}

pub(super) fn generation_of(value: &[u8]) -> Result<u64> {
    bytes_of(value, "a partition's generation").map(u64::from_be_bytes)
}

pub(super) fn counter_of(value: Option<&Bytes>) -> Result<i64> {
    value.map_or(Ok(0), |value| {
        bytes_of(value, "a counter").map(i64::from_be_bytes)
    })
}
