//! Damage of a history is found by the check of the store's files, before a restore needs the history.

use super::{Filled, authenticator, kept, open};
use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use strongroom_store::{HistoryUse, IfRunning, LocalSettings, ReadOnlyStore, StoreError};

/// Returns the segments in the history, oldest first.
fn segments(store: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(store.join("history/log")).unwrap();
    let mut segments: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    segments.sort();
    assert!(segments.len() > 3);
    segments
}

/// Checks the open store, and the same store read-only.
async fn check(path: &Path) -> Result<(), StoreError> {
    let scratch = tempfile::tempdir().unwrap();
    let settings = LocalSettings::default();
    let prepared = ReadOnlyStore::prepare(path, scratch.path(), settings, IfRunning::Refuse).await;
    let read_only = prepared
        .unwrap()
        .recover(Some(authenticator()))
        .await
        .unwrap()
        .store
        .integrity
        .check_files()
        .await;
    let store = open(path, HistoryUse::AsFound).await;
    let checked = store.integrity.check_files().await;
    assert_eq!(
        checked.as_ref().map_err(ToString::to_string),
        read_only.as_ref().map_err(ToString::to_string)
    );
    checked
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_whole_history_passes() {
    let filled = Filled::new(kept(None), 150).await;
    let store = filled.place.path().join("store");
    check(&store).await.unwrap();
    // The oldest segments may be discarded at any time.
    fs::remove_file(&segments(&store)[0]).unwrap();
    check(&store).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_byte_of_a_kept_segment_is_found() {
    let filled = Filled::new(kept(None), 150).await;
    let store = filled.place.path().join("store");
    let segment = &segments(&store)[1];
    let length = fs::metadata(segment).unwrap().len();
    for at in [20, 60, 100, length / 2, length - 1] {
        let file = OpenOptions::new().read(true).write(true).open(segment).unwrap();
        let mut byte = [0];
        file.read_exact_at(&mut byte, at).unwrap();
        file.write_all_at(&[byte[0] ^ 4], at).unwrap();
        let error = check(&store).await.unwrap_err();
        assert!(matches!(error, StoreError::Damaged { .. }), "{at}: {error}");
        file.write_all_at(&byte, at).unwrap();
    }
    check(&store).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_or_cut_segment_is_found() {
    let filled = Filled::new(kept(None), 150).await;
    let store = filled.place.path().join("store");
    let segments = segments(&store);
    let last = segments.last().unwrap();
    let bytes = fs::read(last).unwrap();
    fs::write(last, &bytes[..bytes.len() / 2]).unwrap();
    let error = check(&store).await.unwrap_err();
    assert!(error.to_string().contains("cannot be read"), "{error}");
    fs::remove_file(last).unwrap();
    let error = check(&store).await.unwrap_err();
    assert!(error.to_string().contains("the segment is missing"), "{error}");
}
