//! Stores of several shapes, as a crash leaves them.

use bytes::Bytes;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use strongroom_store::conformance::FixedAuthenticator;
use strongroom_store::{Commit, Counter, LocalSettings, PartitionId, Store, Write};
use tempfile::TempDir;

/// Rows of each partition.
pub(super) type Rows = BTreeMap<PartitionId, BTreeMap<Bytes, Bytes>>;

const PARTITIONS: [PartitionId; 2] = [PartitionId([1; 16]), PartitionId([2; 16])];

/// A store as a crash left it, and the rows that it acknowledged.
pub(super) struct Image {
    directory: TempDir,
    older: TempDir,
    pub(super) rows: Rows,
}

/// Settings with small buffers and segments, so that a small store has many files.
pub(super) fn settings() -> LocalSettings {
    settings_with(16 << 10)
}

fn settings_with(write_buffer_bytes: u64) -> LocalSettings {
    LocalSettings {
        write_buffer_bytes,
        segment_bytes: 64 << 10,
        ..LocalSettings::default()
    }
}

impl Image {
    /// Creates a store that was opened `openings` times, with `commits` commits each time: puts, overwrites, deletions.
    pub(super) async fn new(openings: u32, commits: u32, write_buffer_bytes: u64) -> Self {
        let live = tempfile::tempdir().unwrap();
        let (directory, older) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut rows = Rows::new();
        for opening in 0..openings {
            let prepared = Store::prepare(live.path(), settings_with(write_buffer_bytes))
                .await
                .unwrap();
            let store = prepared
                .recover(Arc::new(FixedAuthenticator::new(1)))
                .await
                .unwrap();
            for partition in PARTITIONS {
                store.index.create_partition(partition).await.unwrap();
            }
            for n in 0..commits {
                commit(&store, &mut rows, opening * commits + n).await;
                if opening == openings / 2 && n == commits / 2 {
                    wait_for_mark(live.path()).await;
                    copy(live.path(), older.path());
                }
            }
            if opening + 1 == openings {
                wait_for_mark(live.path()).await;
                copy(live.path(), directory.path());
            }
        }
        Self {
            directory,
            older,
            rows,
        }
    }

    pub(super) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Returns an older state of the same store.
    pub(super) fn older(&self) -> &Path {
        self.older.path()
    }

    pub(super) fn copy(&self) -> TempDir {
        let to = tempfile::tempdir().unwrap();
        copy(self.directory.path(), to.path());
        to
    }
}

async fn commit(store: &Store, rows: &mut Rows, n: u32) {
    let partition = PARTITIONS[usize::try_from(n % 2).unwrap()];
    let key = |n: u32| Bytes::from(format!("row/{:04}", n % 97));
    let value = Bytes::from(n.to_string().repeat(usize::try_from(n % 60 + 4).unwrap()));
    let rows = rows.entry(partition).or_default();
    let mut writes = vec![Write::Put(key(n), value.clone())];
    rows.insert(key(n), value);
    if n.is_multiple_of(3) {
        let deleted = key(n * 7 + 1);
        rows.remove(&deleted);
        writes.push(Write::Delete(deleted));
    }
    let commit = Commit {
        generation: 1,
        writes,
        counters: vec![(Counter("commits"), 1)],
        ..Commit::default()
    };
    store.index.commit(partition, commit).await.unwrap().unwrap();
}

/// Waits until the mark was written: it is at most 100 ms late, and then does not change.
async fn wait_for_mark(path: &Path) {
    let read = || fs::read(path.join("mark")).unwrap();
    let (deadline, mut last) = (Instant::now() + Duration::from_secs(10), read());
    loop {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let now = read();
        if now == last {
            return;
        }
        assert!(Instant::now() < deadline, "the mark does not come to rest");
        last = now;
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let (from, to) = {
            let entry = entry.unwrap();
            (entry.path(), to.join(entry.file_name()))
        };
        if from.is_dir() {
            fs::create_dir_all(&to).unwrap();
            copy(&from, &to);
        } else {
            fs::copy(&from, &to).unwrap();
        }
    }
}
