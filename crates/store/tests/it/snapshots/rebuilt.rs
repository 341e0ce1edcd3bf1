//! Stores whose index is rebuilt from a snapshot and the log since it, and repairs without a format file.

use crate::snapshots::{authenticator, files, filled, numbers, open, put, restore, settings};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use strongroom_store::{LocalSettings, Restoration, Restored, Store, StoreError, StoreId};

/// A store of 60 rows in tables, a snapshot of it, and 40 rows that are in the log only.
struct Continued {
    place: tempfile::TempDir,
    path: PathBuf,
    snapshot: PathBuf,
}

impl Continued {
    async fn new() -> Self {
        let place = tempfile::tempdir().unwrap();
        let (path, snapshot) = (place.path().join("store"), place.path().join("snapshot"));
        let store = filled(place.path(), 60).await;
        wait(|| path.join("tables").exists());
        store.snapshots.snapshot(snapshot.clone(), None).await.unwrap();
        drop(store);
        let prepared = Store::prepare(&path, LocalSettings::default()).await.unwrap();
        let store = prepared.recover(authenticator()).await.unwrap();
        for n in 60..100 {
            put(&store, n).await;
        }
        drop(store);
        Self {
            place,
            path,
            snapshot,
        }
    }

    fn out(&self) -> PathBuf {
        self.place.path().join("rebuilt")
    }

    async fn rebuild(&self) -> Result<Restored, StoreError> {
        let restoration = Restoration::prepare_index(&self.path, &self.snapshot, None, settings())?;
        restoration.restore(self.out(), authenticator()).await
    }

    async fn is_refused(&self) -> String {
        let before = files(&self.path);
        let error = self.rebuild().await.unwrap_err();
        assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
        assert!(!self.out().exists() && !self.out().with_extension("partial").exists());
        assert_eq!(files(&self.path), before);
        error.to_string()
    }
}

fn wait(mut until: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !until() {
        assert!(Instant::now() < deadline);
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Returns the ordinals of the segments of a store's log, oldest first.
fn segments(store: &Path) -> Vec<u64> {
    let names = fs::read_dir(store.join("log")).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut ordinals: Vec<_> = names
        .filter_map(|name| u64::from_str_radix(&name, 16).ok())
        .collect();
    ordinals.sort_unstable();
    ordinals
}

fn remove(path: &Path) {
    if path.is_dir() {
        fs::remove_dir_all(path).unwrap();
    } else {
        fs::remove_file(path).unwrap();
    }
}

#[tokio::test]
async fn everything_is_there_after_tables_or_their_list_were_lost() {
    for lost in ["tables", "index/tables", "index"] {
        let store = Continued::new().await;
        remove(&store.path.join(lost));
        assert!(open(&store.path).await.is_err(), "{lost}");
        let rebuilt = store.rebuild().await.unwrap();
        assert_eq!((rebuilt.blobs, rebuilt.problems), (100, Vec::new()));
        let to = store.out();
        let opened = open(&to).await.unwrap();
        assert_eq!(numbers(&opened).await, (0..100).collect::<Vec<_>>());
        put(&opened, 100).await;
        drop(opened);
        assert_eq!(numbers(&open(&to).await.unwrap()).await.len(), 101);
    }
}

#[tokio::test]
async fn commits_between_the_snapshot_and_the_log_are_missed() {
    let store = Continued::new().await;
    let opened = open(&store.path).await.unwrap();
    for n in 100..600 {
        put(&opened, n).await;
    }
    let newest_taken = *segments(&store.snapshot).last().unwrap();
    wait(|| segments(&store.path)[0] > newest_taken + 1);
    drop(opened);
    remove(&store.path.join("tables"));
    let message = store.is_refused().await;
    assert!(
        message.contains("the commits ") && message.contains("are missing: the snapshot ends before them"),
        "{message}"
    );
}

#[tokio::test]
async fn a_log_that_does_not_reach_the_acknowledged_commit_is_refused() {
    let store = Continued::new().await;
    remove(&store.path.join("tables"));
    let names = fs::read_dir(store.path.join("log")).unwrap();
    let newest = names.map(|entry| entry.unwrap().path()).max().unwrap();
    let whole = fs::read(&newest).unwrap();
    let used = whole.iter().rposition(|byte| *byte != 0).unwrap();
    fs::write(&newest, &whole[..used - 10]).unwrap();
    let message = store.is_refused().await;
    assert!(message.contains("but the mark names commit"), "{message}");
    fs::write(&newest, &whole).unwrap();
    remove(&store.path.join("mark"));
    let message = store.is_refused().await;
    assert!(message.contains("the mark"), "{message}");
}

#[tokio::test]
async fn a_snapshot_of_another_timeline_or_store_is_refused() {
    let mut store = Continued::new().await;
    let restored = store.place.path().join("restored");
    restore(&store.snapshot, None, restored.clone()).await.unwrap();
    let genuine = std::mem::replace(&mut store.snapshot, restored);
    let message = store.is_refused().await;
    assert!(message.contains("another timeline"), "{message}");
    let other = tempfile::tempdir().unwrap();
    drop(filled(other.path(), 1).await);
    store.snapshot = other.path().join("store");
    let message = store.is_refused().await;
    assert!(message.contains("another store"), "{message}");
    store.snapshot = genuine;
    store.rebuild().await.unwrap();
}

#[tokio::test]
async fn the_log_stands_in_for_a_format_file() {
    let store = Continued::new().await;
    let id = Restoration::prepare(&store.path, None, settings()).unwrap().id;
    let format = store.path.join("format");
    let whole = fs::read(&format).unwrap();
    let prepare = |noted| Restoration::prepare_repair(&store.path, noted, settings());
    for damaged in [Some(b"strongroom store 2\nid 00".to_vec()), None] {
        match damaged {
            Some(damaged) => fs::write(&format, damaged).unwrap(),
            None => fs::remove_file(&format).unwrap(),
        }
        for other in [None, Some(StoreId([9; 16]))] {
            assert!(prepare(other).is_err());
        }
        let to = store.out();
        let repaired = prepare(Some(id))
            .unwrap()
            .repair(to.clone(), authenticator())
            .await;
        let repaired = repaired.unwrap();
        assert!(repaired.problems.is_empty(), "{repaired:?}");
        assert!(repaired.format_damage.unwrap().contains("taken from the log"));
        let opened = open(&to).await.unwrap();
        assert_eq!(numbers(&opened).await.len(), 100);
        drop(opened);
        remove(&to);
    }
    // Another version is no damage.
    fs::write(&format, "strongroom store 1\n").unwrap();
    assert!(prepare(Some(id)).is_err());
    fs::write(&format, whole).unwrap();
    assert!(prepare(None).is_ok());
}
