//! fjall: a log-structured merge tree with a journal.

use crate::database::{CACHE_BYTES, Database};
use crate::load::Request;
use fjall::{Keyspace, KeyspaceCreateOptions, KvSeparationOptions, PersistMode, Readable};
use std::path::Path;

pub struct Fjall {
    database: fjall::Database,
    rows: Keyspace,
}

impl Fjall {
    /// `separate` keeps large values outside the tree, so that compaction does not copy them.
    pub fn open(path: &Path, separate: bool) -> Self {
        let database = fjall::Database::builder(path)
            .cache_size(CACHE_BYTES as u64)
            .worker_threads(2)
            .open()
            .expect("open");
        let options = move || {
            KeyspaceCreateOptions::default().with_kv_separation(
                separate.then(|| KvSeparationOptions::default().separation_threshold(4096)),
            )
        };
        let rows = database.keyspace("rows", options).expect("keyspace");
        Self { database, rows }
    }
}

impl Database for Fjall {
    fn commit(&self, batch: &[Request]) {
        let mut writes = self.database.batch().durability(Some(PersistMode::SyncData));
        for request in batch {
            std::hint::black_box(self.rows.get(&request.check).expect("get").is_some());
            for (key, value) in &request.rows {
                writes.insert(&self.rows, key.as_slice(), value.as_slice());
            }
        }
        writes.commit().expect("commit");
    }

    fn apply(&self, writes: &[(Vec<u8>, Option<Vec<u8>>)]) {
        let mut batch = self.database.batch().durability(Some(PersistMode::SyncData));
        for (key, value) in writes {
            match value {
                Some(value) => batch.insert(&self.rows, key.as_slice(), value.as_slice()),
                None => batch.remove(&self.rows, key.as_slice()),
            }
        }
        batch.commit().expect("commit");
    }

    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.rows.get(key).expect("get").map(|value| value.to_vec())
    }

    fn scan(&self, prefix: &[u8], from: &[u8], limit: usize) -> usize {
        let snapshot = self.database.snapshot();
        let mut rows = Vec::with_capacity(limit);
        for row in snapshot.range(&self.rows, from..).take(limit) {
            let (key, value) = row.into_inner().expect("row");
            if !key.starts_with(prefix) {
                break;
            }
            rows.push((key.to_vec(), value.to_vec()));
        }
        rows.len()
    }
}
