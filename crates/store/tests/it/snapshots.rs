//! Snapshots of a store that is being written, and stores from them.

use bytes::Bytes;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
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

/// Creates a store with `rows` rows and as many blobs.
async fn filled(place: &Path, rows: u64) -> Store {
    let store = open(&place.join("store")).await.unwrap();
    store.index.create_partition(PARTITION).await.unwrap();
    for n in 0..rows {
        put(&store, n).await;
    }
    store
}

#[tokio::test]
async fn on_another_file_system_blobs_of_the_snapshot_before_are_not_copied_again() {
    let place = tempfile::tempdir().unwrap();
    let Ok(other) = tempfile::tempdir_in("/dev/shm") else {
        return;
    };
    if fs::metadata(place.path()).unwrap().dev() == fs::metadata(other.path()).unwrap().dev() {
        return;
    }
    let store = filled(place.path(), 30).await;
    // A name with a dot, and one that looks like a draft of it.
    let (first, second) = (other.path().join("2026.11"), other.path().join("2026.12"));
    fs::create_dir(other.path().join("2026.partial")).unwrap();
    let written = store.snapshots.snapshot(first.clone(), None).await.unwrap();
    assert_eq!(written.blobs, 30);
    put(&store, 30).await;
    let written = store
        .snapshots
        .snapshot(second.clone(), Some(first.clone()))
        .await
        .unwrap();
    assert_eq!(written.blobs, 31);
    assert!(other.path().join("2026.partial").exists());
    assert!(!place.path().join("store").join("snapshot.new").exists());
    let inodes = |snapshot: &Path| -> BTreeMap<PathBuf, u64> {
        let blobs = files(&snapshot.join("blobs")).into_keys();
        blobs
            .map(|path| {
                (
                    path.strip_prefix(snapshot).unwrap().to_owned(),
                    fs::metadata(&path).unwrap().ino(),
                )
            })
            .collect()
    };
    let (first_blobs, second_blobs) = (inodes(&first), inodes(&second));
    assert_eq!((first_blobs.len(), second_blobs.len()), (30, 31));
    assert!(
        first_blobs
            .iter()
            .all(|(name, inode)| second_blobs[name] == *inode)
    );
    drop(store);
    let to = place.path().join("restored");
    restore(&second, None, to.clone()).await.unwrap();
    assert_eq!(numbers(&open(&to).await.unwrap()).await.len(), 31);
}

#[tokio::test]
async fn what_exists_is_never_overwritten_and_a_failed_snapshot_leaves_nothing() {
    let place = tempfile::tempdir().unwrap();
    let store = filled(place.path(), 3).await;
    let to = place.path().join("snapshot");
    let draft = place.path().join("snapshot.partial");
    fs::create_dir(&draft).unwrap();
    let error = store.snapshots.snapshot(to.clone(), None).await.unwrap_err();
    assert!(error.to_string().contains("snapshot.partial exists"), "{error}");
    fs::remove_dir(&draft).unwrap();
    // A blob that cannot be copied: a directory in the place of a key file.
    fs::create_dir(place.path().join("store").join("keys").join("00")).unwrap();
    fs::remove_file(place.path().join("store").join("format")).unwrap();
    store.snapshots.snapshot(to.clone(), None).await.unwrap_err();
    assert!(!draft.exists() && !to.exists());
}

#[tokio::test]
async fn an_open_store_is_neither_restored_from_nor_repaired() {
    let place = tempfile::tempdir().unwrap();
    let store = filled(place.path(), 3).await;
    let path = place.path().join("store");
    let refused = Restoration::prepare(&path, None, settings()).err().unwrap();
    assert!(matches!(refused, StoreError::InUse(_)), "{refused}");
    drop(store);
    Restoration::prepare(&path, None, settings()).unwrap();
}

#[tokio::test]
async fn the_stage_of_a_snapshot_that_a_crash_left_is_removed() {
    let place = tempfile::tempdir().unwrap();
    drop(filled(place.path(), 3).await);
    let stage = place.path().join("store").join("snapshot.new");
    fs::create_dir_all(stage.join("blobs")).unwrap();
    open(&place.path().join("store")).await.unwrap();
    assert!(!stage.exists());
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
    let store = filled(place.path(), 60).await;
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
