//! Snapshots that are brought forward along the log, with and without a history.

use bytes::Bytes;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use strongroom_store::conformance::FixedAuthenticator;
use strongroom_store::{
    BlobId, Commit, HistoryLimits, HistoryUse, LocalSettings, PartitionId, Restoration, Restored, Scan,
    Store, StoreError, Until, Write,
};

mod check;
mod limits;

const PARTITION: PartitionId = PartitionId([1; 16]);
const BLOB_BYTES: usize = 3000;

fn settings(history: HistoryUse) -> LocalSettings {
    LocalSettings {
        write_buffer_bytes: 16 << 10,
        segment_bytes: 16 << 10,
        history,
        ..LocalSettings::default()
    }
}

fn kept(bytes: Option<u64>) -> HistoryUse {
    HistoryUse::Within(HistoryLimits {
        age: Duration::from_hours(24),
        bytes,
    })
}

fn authenticator() -> Arc<FixedAuthenticator> {
    Arc::new(FixedAuthenticator::new(1))
}

async fn open(path: &Path, history: HistoryUse) -> Store {
    let prepared = Store::prepare(path, settings(history)).await.unwrap();
    prepared.recover(authenticator()).await.unwrap()
}

fn blob(n: u64) -> BlobId {
    let mut random = u128::from(n).to_le_bytes();
    random[0] = u8::try_from(n % 7).unwrap();
    random[8..].copy_from_slice(&n.to_be_bytes());
    BlobId {
        partition: PARTITION,
        random,
    }
}

/// Content of a blob. Those of all numbers differ.
fn content(n: u64) -> Bytes {
    n.to_be_bytes().repeat(BLOB_BYTES / 8).into()
}

async fn commit(store: &Store, write: Write) {
    let commit = Commit {
        generation: 1,
        writes: vec![write],
        ..Commit::default()
    };
    store.index.commit(PARTITION, commit).await.unwrap().unwrap();
}

fn key(n: u64) -> Bytes {
    Bytes::from(format!("row/{n:08}"))
}

async fn put(store: &Store, n: u64) {
    let mut writer = store.blobs.create(blob(n)).await.unwrap();
    writer.write(content(n)).await.unwrap();
    writer.finish().await.unwrap();
    commit(store, Write::Put(key(n), Bytes::from(vec![7; 500]))).await;
}

/// Deletes a row, then its blob, as the engine does.
async fn delete(store: &Store, n: u64) {
    commit(store, Write::Delete(key(n))).await;
    store.blobs.delete(blob(n)).await.unwrap();
    store.blobs.sync_deletions().await.unwrap();
}

/// Returns the numbers of the rows, and checks the content of their blobs.
async fn numbers(store: &Store) -> BTreeSet<u64> {
    store.integrity.check_files().await.unwrap();
    store.integrity.check_rows(PARTITION).await.unwrap();
    let all = Scan {
        prefix: Bytes::new(),
        from: Bytes::new(),
        limit: usize::MAX,
    };
    let mut numbers = BTreeSet::new();
    for row in store.index.scan(PARTITION, all).await.unwrap() {
        let n = std::str::from_utf8(&row.key[4..]).unwrap().parse().unwrap();
        let reader = store.blobs.open(blob(n)).await.unwrap();
        assert_eq!(reader.read(0..reader.length()).await.unwrap(), content(n));
        numbers.insert(n);
    }
    numbers
}

fn head(store: &Store) -> u64 {
    store.integrity.head().unwrap().number
}

/// Puts and deletes: `count` of each number from `from` on, of which two in three are deleted a little later. Returns
/// each state with its commit.
async fn work(store: &Store, live: &mut BTreeSet<u64>, from: u64, count: u64) -> Vec<(u64, BTreeSet<u64>)> {
    let mut states = Vec::new();
    for n in from..from + count {
        put(store, n).await;
        live.insert(n);
        if let Some(old) = n.checked_sub(5)
            && old % 3 != 0
            && live.remove(&old)
        {
            delete(store, old).await;
        }
        states.push((head(store), live.clone()));
    }
    states
}

async fn forward(
    snapshot: &Path,
    store: &Path,
    until: Option<Until>,
    to: &Path,
) -> Result<Restored, StoreError> {
    let restoration = Restoration::prepare(snapshot, Some(store.to_owned()), settings(HistoryUse::Off))?;
    let restoration = restoration.forward(store, until)?;
    restoration.restore(to.to_owned(), authenticator()).await
}

/// A store with a snapshot and states after it.
struct Filled {
    place: tempfile::TempDir,
    /// States before the snapshot.
    before: Vec<(u64, BTreeSet<u64>)>,
    states: Vec<(u64, BTreeSet<u64>)>,
}

impl Filled {
    async fn new(history: HistoryUse, count: u64) -> Self {
        let place = tempfile::tempdir().unwrap();
        let mut store = open(&place.path().join("store"), history).await;
        store.index.create_partition(PARTITION).await.unwrap();
        let mut live = BTreeSet::new();
        let before = work(&store, &mut live, 0, 40).await;
        let snapshot = place.path().join("snapshot");
        store.snapshots.snapshot(snapshot, None).await.unwrap();
        let mut states = work(&store, &mut live, 40, count / 2).await;
        if history != HistoryUse::Off {
            // Another period begins.
            drop(store);
            store = open(&place.path().join("store"), history).await;
        }
        states.extend(work(&store, &mut live, 40 + count / 2, count - count / 2).await);
        drop(store);
        Self {
            place,
            before,
            states,
        }
    }

    async fn forward(&self, until: Option<Until>) -> Result<(u64, BTreeSet<u64>), StoreError> {
        let at = |name: &str| self.place.path().join(name);
        let to = at("restored");
        let restored = forward(&at("snapshot"), &at("store"), until, &to).await?;
        let store = open(&to, HistoryUse::Off).await;
        let found = numbers(&store).await;
        // The new timeline can be used.
        put(&store, 1_000_000).await;
        drop(store);
        fs::remove_dir_all(&to).unwrap();
        Ok((restored.number, found))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_snapshot_is_brought_forward_to_every_state_of_the_history() {
    let filled = Filled::new(kept(None), 150).await;
    assert!(
        fs::read_dir(filled.place.path().join("store/history/log"))
            .unwrap()
            .count()
            > 3
    );
    for (number, state) in filled.states.iter().step_by(29).chain(filled.states.last()) {
        let (restored, found) = filled.forward(Some(Until::Commit(*number))).await.unwrap();
        assert_eq!((restored, &found), (*number, state), "commit {number}");
    }
    // The log of the snapshot itself reaches back to its tables.
    for before in filled.before.iter().rev().step_by(5).take(4) {
        match filled.forward(Some(Until::Commit(before.0))).await {
            Ok(found) => assert_eq!(found, *before),
            Err(error) => assert!(error.to_string().contains("an older one is needed"), "{error}"),
        }
    }
    let last = filled.states.last().unwrap();
    assert_eq!(filled.forward(None).await.unwrap(), *last);
    let error = filled.forward(Some(Until::Commit(1))).await.unwrap_err();
    assert!(error.to_string().contains("an older one is needed"), "{error}");
    let error = filled.forward(Some(Until::Commit(last.0 + 1))).await.unwrap_err();
    assert!(
        error.to_string().contains("are in no segment of its log"),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_snapshot_is_brought_forward_to_a_time() {
    let place = tempfile::tempdir().unwrap();
    let (path, snapshot) = (place.path().join("store"), place.path().join("snapshot"));
    let store = open(&path, kept(None)).await;
    store.index.create_partition(PARTITION).await.unwrap();
    put(&store, 1).await;
    store.snapshots.snapshot(snapshot.clone(), None).await.unwrap();
    put(&store, 2).await;
    let now = || std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let time = now();
    while now() < time + 2 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    delete(&store, 2).await;
    put(&store, 3).await;
    drop(store);
    for (until, expected) in [
        (time, vec![1, 2]),
        (time + 1, vec![1, 2]),
        (now() + 10, vec![1, 3]),
    ] {
        let to = place.path().join(format!("restored-{until}"));
        forward(&snapshot, &path, Some(Until::Time(until)), &to)
            .await
            .unwrap();
        assert_eq!(
            Vec::from_iter(numbers(&open(&to, HistoryUse::Off).await).await),
            expected,
            "{until}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_index_is_rebuilt_from_a_snapshot_and_the_log_since() {
    // So few commits that no segment was removed since the snapshot.
    let filled = Filled::new(HistoryUse::Off, 10).await;
    let store = filled.place.path().join("store");
    fs::remove_dir_all(store.join("index/tables")).unwrap();
    fs::remove_file(store.join("tables")).unwrap();
    let refused = Store::prepare(&store, settings(HistoryUse::Off)).await.unwrap();
    assert!(refused.recover(authenticator()).await.is_err());
    let last = filled.states.last().unwrap();
    assert_eq!(filled.forward(None).await.unwrap(), *last);
    // Without a history, deleted blobs are lost, but not those of the last state.
    let error = filled.forward(Some(Until::Commit(last.0))).await.unwrap_err();
    assert!(error.to_string().contains("it has no history"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn missing_commits_between_the_snapshot_and_the_log_are_named() {
    let filled = Filled::new(HistoryUse::Off, 150).await;
    let error = filled.forward(None).await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("are in no segment of its log any more"),
        "{error}"
    );
    assert!(!filled.place.path().join("restored").exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_end_of_the_log_is_noticed() {
    let filled = Filled::new(kept(None), 20).await;
    let log = filled.place.path().join("store/log");
    let mut segments: Vec<_> = fs::read_dir(&log)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    segments.sort();
    fs::remove_file(segments.last().unwrap()).unwrap();
    let error = filled.forward(None).await.unwrap_err();
    assert!(error.to_string().contains("but the mark names commit"), "{error}");
    // An earlier state does not need it.
    let (number, state) = &filled.states[0];
    let found = filled.forward(Some(Until::Commit(*number))).await.unwrap();
    assert_eq!(found, (*number, state.clone()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_store_of_a_snapshot_brings_it_forward() {
    let (filled, other) = (Filled::new(kept(None), 5).await, Filled::new(kept(None), 5).await);
    let at = |name: &str| filled.place.path().join(name);
    let to = at("new");
    let error = forward(&at("snapshot"), &other.place.path().join("store"), None, &to)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("not the store of which"), "{error}");
    // Restored: a new timeline.
    let restoration = Restoration::prepare(at("snapshot"), None, settings(HistoryUse::Off)).unwrap();
    restoration
        .restore(at("restored"), authenticator())
        .await
        .unwrap();
    let error = forward(&at("snapshot"), &at("restored"), None, &to)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("another timeline"), "{error}");
    assert!(!to.exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_time_before_the_tables_of_a_snapshot_is_refused() {
    let filled = Filled::new(kept(None), 5).await;
    assert!(filled.place.path().join("snapshot/tables").exists());
    let error = filled.forward(Some(Until::Time(1_000_000))).await.unwrap_err();
    assert!(error.to_string().contains("an older one is needed"), "{error}");
}
