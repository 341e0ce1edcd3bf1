//! The embedded database. Only this file and `database_error` know which one it is: docs/decisions/0001-index-database.md.

use crate::error::Result;
use crate::local::database_error::error_of;
use crate::local::directory::Directory;
use crate::local::settings::LocalSettings;
use crate::local::writability::Writability;
use bytes::Bytes;
use fjall::{Keyspace, KeyspaceCreateOptions, PersistMode, Readable};
use std::ops::Bound;
use std::sync::Arc;

/// Size of a write buffer. One is filled while at most four wait to be flushed.
const WRITE_BUFFER_BYTES: u64 = 32 << 20;

/// Maximum size of the journals whose rows are not flushed yet. Opening after a crash replays at most so much.
const JOURNAL_BYTES: u64 = 256 << 20;

/// Threads that flush and merge.
const WORKERS: usize = 2;

/// Maximum number of open table files.
const OPEN_FILES: usize = 256;

/// An ordered map with durable batches.
pub(super) struct Database {
    rows: Keyspace,
    engine: fjall::Database,
    // Last, so that the directory stays locked until the database is closed.
    directory: Arc<Directory>,
}

impl Database {
    pub(super) fn open(directory: &Arc<Directory>, settings: &LocalSettings) -> Result<Self> {
        let opened = fjall::Database::builder(directory.layout.index())
            .cache_size(settings.index_cache_bytes)
            .max_journaling_size(JOURNAL_BYTES)
            .max_cached_files(Some(OPEN_FILES))
            .worker_threads(WORKERS)
            .open()
            .and_then(|database| {
                let options = || KeyspaceCreateOptions::default().max_memtable_size(WRITE_BUFFER_BYTES);
                Ok((database.keyspace("rows", options)?, database))
            });
        let (rows, engine) = opened.map_err(|error| error_of("opening the index", error))?;
        Ok(Self {
            rows,
            engine,
            directory: Arc::clone(directory),
        })
    }

    pub(super) fn writability(&self) -> &Writability {
        &self.directory.writability
    }

    /// Returns a value. A batch becomes visible as a whole, so no reader sees a part of one.
    pub(super) fn get(&self, key: &[u8]) -> Result<Option<Bytes>> {
        match self.engine.snapshot().get(&self.rows, key) {
            Ok(value) => Ok(value.map(Bytes::from)),
            Err(error) => Err(error_of("reading the index", error)),
        }
    }

    /// Returns the keys from `from` on that begin with `prefix`, with their values, all from one snapshot.
    pub(super) fn scan(&self, prefix: &[u8], from: &[u8], limit: usize) -> Result<Vec<(Bytes, Bytes)>> {
        let mut rows = Vec::new();
        for row in self.range(prefix, from).take(limit) {
            let (key, value) = row
                .into_inner()
                .map_err(|error| error_of("reading the index", error))?;
            rows.push((key.into(), value.into()));
        }
        Ok(rows)
    }

    /// Returns the first keys that begin with `prefix`, at most `limit`.
    pub(super) fn keys(&self, prefix: &[u8], limit: usize) -> Result<Vec<Bytes>> {
        self.range(prefix, prefix)
            .take(limit)
            .map(|row| match row.key() {
                Ok(key) => Ok(key.into()),
                Err(error) => Err(error_of("reading the index", error)),
            })
            .collect()
    }

    fn range(&self, prefix: &[u8], from: &[u8]) -> impl Iterator<Item = fjall::Guard> + use<> {
        let from = prefix.max(from);
        let end = end_of(prefix);
        // A caller may request an empty range, but the database rejects a range that ends before it begins.
        let is_empty = end.as_deref().is_some_and(|end| from >= end);
        let bounds = (
            Bound::Included(from),
            end.as_deref().map_or(Bound::Unbounded, Bound::Excluded),
        );
        let rows = (!is_empty).then(|| self.engine.snapshot().range::<&[u8], _>(&self.rows, bounds));
        rows.into_iter().flatten()
    }

    /// Applies all changes in one batch and makes them durable. They are visible on return, but not before they are
    /// durable. After an error the database accepts no more changes.
    pub(super) fn write<'a>(
        &self,
        changes: impl IntoIterator<Item = (&'a Vec<u8>, &'a Option<Bytes>)>,
    ) -> Result<()> {
        let mut batch = self.engine.batch().durability(Some(PersistMode::SyncData));
        for (key, value) in changes {
            match value {
                Some(value) => batch.insert(&self.rows, key.as_slice(), value.clone()),
                None => batch.remove(&self.rows, key.as_slice()),
            }
        }
        batch
            .commit()
            .map_err(|error| error_of("committing to the index", error))
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
    fn a_prefix_ends_before_its_successor() {
        assert_eq!(end_of(b"a"), Some(b"b".to_vec()));
        assert_eq!(end_of(&[1, 0xff, 0xff]), Some(vec![2]));
        assert_eq!(end_of(&[0xff]), None);
        assert_eq!(end_of(b""), None);
    }
}
