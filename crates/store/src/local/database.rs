//! The index: an ordered map in a log-structured merge tree without a journal. The commit log is its journal.
//!
//! Only this file, `tables` and `database_error` know the tree: docs/decisions/0007-commit-log-and-index.md.

use crate::error::{Result, StoreError};
use crate::local::database_error::error_of;
use crate::local::log::Changes;
use crate::local::settings::LocalSettings;
use bytes::Bytes;
use lsm_tree::compaction::Leveled;
use lsm_tree::{
    AbstractTree as _, AnyTree, Cache, Config, DescriptorTable, Guard as _, SequenceNumberCounter, Table,
};
use std::fs;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// Maximum number of open table files.
const OPEN_FILES: usize = 256;

/// Sequence number below which a flush or a merge drops overwritten rows: all. See [`Database::flush`].
const DROP_ALL: u64 = u64::MAX >> 1;

/// An ordered map. Changes are not durable until they are flushed to a table.
pub(super) struct Database {
    tree: AnyTree,
    directory: PathBuf,
    write_buffer_bytes: u64,
    /// Counter from which the tree numbers its versions.
    versions: SequenceNumberCounter,
    /// Sequence number below which changes are visible: the number of the last applied commit plus one.
    visible: AtomicU64,
    /// Deletions of rows that were applied.
    deletions: AtomicU64,
    /// Those of them that are not in the current write buffer.
    closed_deletions: AtomicU64,
    /// Those of them that are in tables, or were dropped with what they deleted.
    flushed_deletions: AtomicU64,
    /// Held shared while a reader has read `visible` but not yet taken the version of the tree that it reads.
    reading: RwLock<()>,
}

/// The current version of the tree: its tables, and the files that describe it.
pub(super) struct Manifest {
    /// Number of the version.
    pub(super) version: u64,
    /// Content of the file `current`.
    pub(super) current: Vec<u8>,
    /// Content of the file `v<version>`.
    pub(super) content: Vec<u8>,
    /// Tables. Their files stay on the disk as long as this value exists.
    pub(super) tables: Vec<Table>,
}

impl Database {
    /// Opens the tree in a directory, which is created if it does not exist. Deletes files that its manifest does not
    /// name. `number` is the last commit in its tables.
    pub(super) fn open(directory: &Path, settings: &LocalSettings, number: u64) -> Result<Self> {
        let versions = SequenceNumberCounter::default();
        let cache = Cache::with_capacity_bytes(settings.index_cache_bytes);
        let tree = Config::new(directory, versions.clone(), SequenceNumberCounter::default())
            .use_cache(Arc::new(cache))
            .use_descriptor_table(Some(Arc::new(DescriptorTable::new(OPEN_FILES))))
            .open()
            .map_err(|error| error_of("opening the index", error))?;
        Ok(Self {
            tree,
            directory: directory.to_owned(),
            write_buffer_bytes: settings.write_buffer_bytes,
            versions,
            visible: AtomicU64::new(number + 1),
            deletions: AtomicU64::new(0),
            closed_deletions: AtomicU64::new(0),
            flushed_deletions: AtomicU64::new(0),
            reading: RwLock::new(()),
        })
    }

    /// Returns a value.
    pub(super) fn get(&self, key: &[u8]) -> Result<Option<Bytes>> {
        let _reading = self.reading.read().unwrap_or_else(PoisonError::into_inner);
        match self.tree.get(key, self.visible.load(Ordering::Acquire)) {
            Ok(value) => Ok(value.map(Bytes::from)),
            Err(error) => Err(error_of("reading the index", error)),
        }
    }

    /// Returns the keys from `from` on that begin with `prefix`, with their values, all from one snapshot.
    pub(super) fn scan(&self, prefix: &[u8], from: &[u8], limit: usize) -> Result<Vec<(Bytes, Bytes)>> {
        self.rows(prefix, from).take(limit).collect()
    }

    /// Returns the first keys that begin with `prefix`, at most `limit`.
    pub(super) fn keys(&self, prefix: &[u8], limit: usize) -> Result<Vec<Bytes>> {
        self.rows(prefix, prefix)
            .take(limit)
            .map(|row| row.map(|(key, _)| key))
            .collect()
    }

    /// Iterates over the keys from `from` on that begin with `prefix`, with their values, all from one snapshot.
    pub(super) fn rows(
        &self,
        prefix: &[u8],
        from: &[u8],
    ) -> impl Iterator<Item = Result<(Bytes, Bytes)>> + use<> {
        let _reading = self.reading.read().unwrap_or_else(PoisonError::into_inner);
        self.rows_at(prefix, from, self.visible.load(Ordering::Acquire))
    }

    /// Iterates over the keys that begin with one prefix, then over those that begin with the other, with their values,
    /// all from one snapshot.
    pub(super) fn rows_of_two(
        &self,
        first: &[u8],
        second: &[u8],
    ) -> impl Iterator<Item = Result<(Bytes, Bytes)>> + use<> {
        let _reading = self.reading.read().unwrap_or_else(PoisonError::into_inner);
        let visible = self.visible.load(Ordering::Acquire);
        let first = self.rows_at(first, first, visible);
        first.chain(self.rows_at(second, second, visible))
    }

    /// Iterates over the rows as of a sequence number. The caller holds `reading`.
    fn rows_at(
        &self,
        prefix: &[u8],
        from: &[u8],
        visible: u64,
    ) -> impl Iterator<Item = Result<(Bytes, Bytes)>> + use<> {
        let from = prefix.max(from);
        let end = end_of(prefix);
        // A caller may request an empty range, but the tree rejects a range that ends before it begins.
        let is_empty = end.as_deref().is_some_and(|end| from >= end);
        let bounds = (
            Bound::Included(from),
            end.as_deref().map_or(Bound::Unbounded, Bound::Excluded),
        );
        let rows = (!is_empty).then(|| self.tree.range::<&[u8], _>(bounds, visible, None));
        rows.into_iter().flatten().map(|row| match row.into_inner() {
            Ok((key, value)) => Ok((key.into(), value.into())),
            Err(error) => Err(error_of("reading the index", error)),
        })
    }

    /// Applies the changes of a group. They become visible together, on return.
    pub(super) fn apply(&self, changes: Changes, number: u64) {
        let deletions = changes.values().filter(|value| value.is_none()).count();
        self.deletions.fetch_add(deletions as u64, Ordering::Relaxed);
        for (key, value) in changes {
            match value {
                Some(value) => self.tree.insert(key, value, number),
                None => self.tree.remove(key, number),
            };
        }
        self.visible.store(number + 1, Ordering::Release);
    }

    /// Applies one change while the log is replayed.
    pub(super) fn replay(&self, key: &[u8], value: Option<&[u8]>, number: u64) {
        self.deletions
            .fetch_add(u64::from(value.is_none()), Ordering::Relaxed);
        match value {
            Some(value) => self.tree.insert(key, value, number),
            None => self.tree.remove(key, number),
        };
        self.visible.fetch_max(number + 1, Ordering::AcqRel);
    }

    /// Returns the number of the last applied commit.
    pub(super) fn last(&self) -> u64 {
        self.visible.load(Ordering::Acquire).saturating_sub(1)
    }

    /// Returns whether the write buffer is full.
    pub(super) fn is_buffer_full(&self) -> bool {
        self.tree.active_memtable().size() >= self.write_buffer_bytes
    }

    /// Starts a new write buffer. The old one waits to be flushed.
    pub(super) fn rotate(&self) {
        self.tree.rotate_memtable();
        let deletions = self.deletions.load(Ordering::Relaxed);
        self.closed_deletions.store(deletions, Ordering::Relaxed);
    }

    /// Returns the number of write buffers that wait to be flushed.
    pub(super) fn waiting_buffers(&self) -> usize {
        self.tree.sealed_memtable_count()
    }

    /// Returns the number of runs of tables that were flushed and not yet merged.
    pub(super) fn unmerged_runs(&self) -> usize {
        self.tree.l0_run_count()
    }

    /// Flushes all waiting write buffers to tables, which are durable on return.
    pub(super) fn flush(&self) -> Result<()> {
        // All rows in waiting buffers are visible. After every reader that may have started before that has taken the
        // version that it reads, no reader needs a row that a row in these buffers overwrites. The same is then true
        // for all merges of the tables. So both may drop all overwritten rows.
        drop(self.reading.write().unwrap_or_else(PoisonError::into_inner));
        // Readers take the newest version whose number is below their sequence number, which is 1 at least.
        self.versions.set(0);
        let lock = self.tree.get_flush_lock();
        let closed_deletions = self.closed_deletions.load(Ordering::Relaxed);
        match self.tree.flush(&lock, DROP_ALL) {
            Ok(_) => {
                self.flushed_deletions.store(closed_deletions, Ordering::Relaxed);
                Ok(())
            }
            Err(error) => Err(error_of("flushing the index", error)),
        }
    }

    /// Merges some tables, if the tree finds it worthwhile. Returns whether it did.
    pub(super) fn merge(&self) -> Result<bool> {
        let before = self.tree.current_version().id();
        self.versions.set(0);
        self.tree
            .compact(Arc::new(Leveled::default()), DROP_ALL)
            .map_err(|error| error_of("merging tables of the index", error))?;
        Ok(self.tree.current_version().id() != before)
    }

    /// Merges all tables into the last level, which drops all deleted rows.
    pub(super) fn merge_all(&self) -> Result<()> {
        self.versions.set(0);
        self.tree
            .major_compact(64 << 20, DROP_ALL)
            .map_err(|error| error_of("merging the tables of the index", error))
    }

    /// Returns the maximum number of deleted rows over which a scan may have to step.
    pub(super) fn deletions_in_reach(&self) -> u64 {
        let flushed = self.flushed_deletions.load(Ordering::Relaxed);
        let in_buffers = self.deletions.load(Ordering::Relaxed).saturating_sub(flushed);
        self.tree.tombstone_count() + in_buffers
    }

    /// Returns the number of deletions in the tables, and the number of all their rows with the deletions.
    pub(super) fn deletions(&self) -> (u64, u64) {
        let rows = self
            .tree
            .current_version()
            .iter_tables()
            .map(|table| table.metadata.item_count)
            .sum();
        (self.tree.tombstone_count(), rows)
    }

    /// Returns the current version of the tree. A flush or a merge in another thread may replace it at any time.
    pub(super) fn manifest(&self) -> Result<Manifest> {
        let failed = |error| StoreError::failed("reading the manifest of the index", error);
        loop {
            let version = self.tree.current_version();
            let read = || -> std::io::Result<_> {
                let current = fs::read(self.directory.join("current"))?;
                let content = fs::read(self.directory.join(format!("v{}", version.id())))?;
                Ok((current, content))
            };
            let read = read();
            if self.tree.current_version().id() != version.id() {
                continue;
            }
            let (current, content) = read.map_err(failed)?;
            return Ok(Manifest {
                version: version.id(),
                current,
                content,
                tables: version.iter_tables().cloned().collect(),
            });
        }
    }
}

/// Returns the first key after all keys that begin with `prefix`. `None`: no key is greater than those.
fn end_of(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|byte| *byte != u8::MAX)?;
    let mut end = prefix.get(..=last)?.to_vec();
    if let Some(byte) = end.last_mut() {
        *byte += 1;
    }
    Some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deletions_are_in_reach_until_they_are_merged() {
        let place = tempfile::tempdir().unwrap();
        let database = Database::open(place.path(), &LocalSettings::default(), 0).unwrap();
        let change = |keys: std::ops::Range<u8>, value: Option<&'static [u8]>, number| {
            let changes = keys.map(|key| (vec![key], value.map(Into::into)));
            database.apply(changes.collect(), number);
        };
        change(0..9, Some(b"value"), 1);
        assert_eq!(database.deletions_in_reach(), 0);
        database.rotate();
        database.flush().unwrap();
        change(0..5, None, 2);
        assert_eq!(database.deletions_in_reach(), 5);
        database.rotate();
        change(5..6, None, 3);
        database.flush().unwrap();
        assert_eq!(database.deletions_in_reach(), 6);
        database.merge_all().unwrap();
        assert_eq!(database.deletions_in_reach(), 1);
    }

    #[test]
    fn a_prefix_ends_before_its_successor() {
        assert_eq!(end_of(b"a"), Some(b"b".to_vec()));
        assert_eq!(end_of(&[1, 0xff, 0xff]), Some(vec![2]));
        assert_eq!(end_of(&[0xff]), None);
        assert_eq!(end_of(b""), None);
    }
}
