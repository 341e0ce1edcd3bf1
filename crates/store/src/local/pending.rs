//! Commits that were applied but are not durable yet: each sees the ones before it.

use crate::error::{Result, StoreError};
use crate::id::PartitionId;
use crate::index::{Check, Commit, CommitRefused, Write};
use crate::local::database::Database;
use crate::local::row_key;
use crate::row::{add, check_keys};
use bytes::Bytes;
use std::collections::HashMap;

/// Keys of the database with their new values. `None`: the key is deleted.
pub(super) type Changes = HashMap<Vec<u8>, Option<Bytes>>;

/// View of the database with changes that are not written yet.
pub(super) struct Pending<'a> {
    database: &'a Database,
    changes: Changes,
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
        }
    }

    pub(super) fn changes(&self) -> &Changes {
        &self.changes
    }

    fn value(&self, key: &[u8]) -> Result<Option<Bytes>> {
        match self.changes.get(key) {
            Some(value) => Ok(value.clone()),
            None => self.database.get(key),
        }
    }

    pub(super) fn create(&mut self, partition: PartitionId) -> Result<Creation> {
        if self.value(&row_key::removal(partition))?.is_some() {
            return Ok(Creation::Removing);
        }
        let key = row_key::generation(partition);
        if self.value(&key)?.is_none() {
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
        self.changes.extend(changes);
        for write in commit.writes {
            match write {
                Write::Put(key, value) => self.changes.insert(row_key::row(partition, &key), Some(value)),
                Write::Delete(key) => self.changes.insert(row_key::row(partition, &key), None),
            };
        }
        Ok(Ok(()))
    }

    fn holds(&self, partition: PartitionId, check: &Check) -> Result<bool> {
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
