//! Snapshots of a store that is being written, and stores from them.

use bytes::Bytes;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use strongroom_store::conformance::FixedAuthenticator;
use strongroom_store::{
    BlobId, Commit, Counter, KeyOwner, LocalSettings, PartitionId, Restoration, Restored, Scan, Store,
    StoreError, Write,
};

const PARTITION: PartitionId = PartitionId([1; 16]);
const ROWS: Counter = Counter("rows");

fn settings() -> LocalSettings {
    LocalSettings {
        write_buffer_bytes: 16 << 10,
        segment_bytes: 64 << 10,
        ..LocalSettings::default()
    }
}

fn authenticator() -> Arc<FixedAuthenticator> {
    Arc::new(FixedAuthenticator::new(1))
}

async fn open(path: &Path) -> Result<Store, StoreError> {
    let prepared = Store::prepare(path, settings()).await?;
    prepared.recover(authenticator()).await
}

fn blob(n: u64) -> BlobId {
    BlobId {
        partition: PARTITION,
        random: u128::from(n).to_le_bytes(),
    }
}

/// Writes a blob, then its row, as the engine does.
async fn put(store: &Store, n: u64) {
    let mut writer = store.blobs.create(blob(n)).await.unwrap();
    writer
        .write(Bytes::from(vec![u8::try_from(n % 251).unwrap(); 3000]))
        .await
        .unwrap();
    writer.finish().await.unwrap();
    let commit = Commit {
        generation: 1,
        writes: vec![Write::Put(
            Bytes::from(format!("row/{n:08}")),
            Bytes::from(vec![7; 500]),
        )],
        counters: vec![(ROWS, 1)],
        ..Commit::default()
    };
    store.index.commit(PARTITION, commit).await.unwrap().unwrap();
}

/// Returns the numbers of the rows, and checks that everything belongs together.
async fn numbers(store: &Store) -> Vec<u64> {
    store.integrity.check_files().await.unwrap();
    let all = Scan {
        prefix: Bytes::new(),
        from: Bytes::new(),
        limit: usize::MAX,
    };
    let rows = store.index.scan(PARTITION, all).await.unwrap();
    assert_eq!(
        store.integrity.check_rows(PARTITION).await.unwrap(),
        rows.len() as u64
    );
    assert_eq!(
        store.index.counter(PARTITION, ROWS).await.unwrap(),
        i64::try_from(rows.len()).unwrap()
    );
    let mut numbers = Vec::new();
    for row in rows {
        let n = std::str::from_utf8(&row.key[4..]).unwrap().parse().unwrap();
        assert_eq!(store.blobs.scrub(blob(n)).await.unwrap().length, 3000);
        numbers.push(n);
    }
    numbers
}

async fn restore(snapshot: &Path, keys: Option<&Path>, to: PathBuf) -> Result<Restored, StoreError> {
    let restoration = Restoration::prepare(snapshot, keys.map(Path::to_owned), settings())?;
    restoration.restore(to, authenticator()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_snapshot_under_load_contains_what_was_acknowledged_before_it() {
    let place = tempfile::tempdir().unwrap();
    let store = open(&place.path().join("store")).await.unwrap();
    store.index.create_partition(PARTITION).await.unwrap();
    let (stop, next) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let mut writers = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let (store, stop, next) = (store.clone(), Arc::clone(&stop), Arc::clone(&next));
        writers.spawn(async move {
            while !stop.load(Ordering::Relaxed) {
                put(&store, next.fetch_add(1, Ordering::Relaxed)).await;
            }
        });
    }
    let mut snapshots = Vec::new();
    for n in 0..4 {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        // Each of the four writers may be writing one number.
        let acknowledged = next.load(Ordering::Relaxed).saturating_sub(4);
        let path = place.path().join(format!("snapshot-{n}"));
        let snapshot = store.snapshots.snapshot(path.clone(), None).await.unwrap();
        assert!(
            snapshot.blobs >= acknowledged,
            "{snapshot:?}, {acknowledged} acknowledged"
        );
        snapshots.push((path, acknowledged));
    }
    stop.store(true, Ordering::Relaxed);
    writers.join_all().await;
    assert!(next.load(Ordering::Relaxed) > 20);
    drop(store);
    fs::remove_dir_all(place.path().join("store")).unwrap();
    for (path, acknowledged) in snapshots {
        // The snapshot is a store of the old timeline, and can be restored as a new one.
        let to = path.with_extension("restored");
        let restored = restore(&path, None, to.clone()).await.unwrap();
        assert!(restored.problems.is_empty());
        let store = open(&to).await.unwrap();
        let found = numbers(&store).await;
        assert!(
            found.len() as u64 >= acknowledged,
            "{} of {acknowledged}",
            found.len()
        );
        put(&store, 1_000_000).await;
        drop(store);
        let store = open(&to).await.unwrap();
        assert_eq!(numbers(&store).await.len(), found.len() + 1);
    }
}

#[tokio::test]
async fn a_restored_store_uses_todays_keys_and_refuses_the_old_log() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("store");
    let store = open(&path).await.unwrap();
    store.index.create_partition(PARTITION).await.unwrap();
    let owner = KeyOwner::Partition(PARTITION);
    store
        .keys
        .add(owner, Bytes::from_static(b"envelope"))
        .await
        .unwrap();
    for n in 0..50 {
        put(&store, n).await;
    }
    let snapshot = place.path().join("snapshot");
    store.snapshots.snapshot(snapshot.clone(), None).await.unwrap();
    let again = store
        .snapshots
        .snapshot(snapshot.clone(), None)
        .await
        .unwrap_err();
    assert!(again.to_string().contains("exists already"), "{again}");
    store.keys.remove(owner).await.unwrap();
    drop(store);

    let with_old = place.path().join("with-old-keys");
    restore(&snapshot, None, with_old.clone()).await.unwrap();
    assert_eq!(
        open(&with_old)
            .await
            .unwrap()
            .keys
            .envelopes(owner)
            .await
            .unwrap()
            .len(),
        1
    );
    let with_new = place.path().join("with-new-keys");
    restore(&snapshot, Some(&path), with_new.clone()).await.unwrap();
    let store = open(&with_new).await.unwrap();
    assert!(store.keys.envelopes(owner).await.unwrap().is_empty());
    assert_eq!(numbers(&store).await.len(), 50);
    drop(store);

    let segment = fs::read_dir(path.join("log")).unwrap().next().unwrap().unwrap();
    fs::copy(segment.path(), with_new.join("log").join("0000000000000002")).unwrap();
    let error = open(&with_new).await.err().unwrap().to_string();
    assert!(
        error.contains("another timeline") || error.contains("another segment"),
        "{error}"
    );
}

#[tokio::test]
async fn a_damaged_snapshot_is_not_restored() {
    let place = tempfile::tempdir().unwrap();
    let store = open(&place.path().join("store")).await.unwrap();
    store.index.create_partition(PARTITION).await.unwrap();
    for n in 0..60 {
        put(&store, n).await;
    }
    let snapshot = place.path().join("snapshot");
    store.snapshots.snapshot(snapshot.clone(), None).await.unwrap();
    let file = fs::read_dir(snapshot.join("log"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&file, bytes).unwrap();
    let error = restore(&snapshot, None, place.path().join("restored"))
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
    assert!(!place.path().join("restored").exists());
}

#[tokio::test]
async fn a_damaged_store_is_repaired_and_its_losses_are_named() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("store");
    let prepared = Store::prepare(&path, LocalSettings::default()).await.unwrap();
    let store = prepared.recover(authenticator()).await.unwrap();
    store.index.create_partition(PARTITION).await.unwrap();
    for n in 0..40 {
        put(&store, n).await;
    }
    drop(store);
    let file = path.join("log").join("0000000000000001");
    let mut bytes = fs::read(&file).unwrap();
    let used = bytes.iter().rposition(|byte| *byte != 0).unwrap();
    bytes[used / 2] ^= 0x40;
    fs::write(&file, bytes).unwrap();
    let before = files(&path);
    let error = open(&path).await.err().unwrap().to_string();
    assert!(
        error.contains("at byte ") && error.contains("cannot be read"),
        "{error}"
    );

    let to = place.path().join("repaired");
    let restoration = Restoration::prepare(&path, None, settings()).unwrap();
    let restored = restoration.repair(to.clone(), authenticator()).await.unwrap();
    assert_eq!(restored.problems.len(), 2, "{:?}", restored.problems);
    assert!(
        restored.problems[1].contains("are missing before byte"),
        "{:?}",
        restored.problems
    );
    let store = open(&to).await.unwrap();
    store.integrity.check_rows(PARTITION).await.unwrap();
    let all = Scan {
        prefix: Bytes::new(),
        from: Bytes::new(),
        limit: usize::MAX,
    };
    assert_eq!(store.index.scan(PARTITION, all).await.unwrap().len(), 39);
    let after: BTreeMap<_, _> = files(&path)
        .into_iter()
        .filter(|(name, _)| !name.ends_with("lock"))
        .collect();
    assert!(
        before
            .iter()
            .all(|(name, bytes)| name.ends_with("lock") || after.get(name) == Some(bytes))
    );
}

fn files(directory: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.append(&mut files(&path));
        } else {
            let bytes = fs::read(&path).unwrap();
            found.insert(path, bytes);
        }
    }
    found
}
