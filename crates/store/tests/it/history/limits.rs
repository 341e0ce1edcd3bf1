//! Histories whose oldest part is discarded.

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_oldest_part_of_a_history_is_discarded_when_it_is_too_large() {
    let limit = 60_000;
    let filled = Filled::new(kept(Some(limit)), 150).await;
    // The limit is applied when the store is opened and once a minute.
    let path = filled.place.path().join("store");
    let store = open(&path, kept(Some(limit))).await;
    let reach = store.snapshots.history().unwrap();
    assert!(reach.bytes <= limit, "{reach:?}");
    let mut live = filled.states.last().unwrap().1.clone();
    let states = work(&store, &mut live, 1000, 5).await;
    drop(store);
    let (number, _) = filled.states[0];
    let error = filled.forward(Some(Until::Commit(number))).await.unwrap_err();
    let missing = error.to_string();
    assert!(
        missing.contains("its history begins with") || missing.contains("are in no segment"),
        "{error}"
    );
    // A snapshot of this time can be brought forward.
    assert!(reach.commit <= states[0].0);
    // A command that does not know the setting keeps it.
    drop(open(&path, HistoryUse::AsFound).await);
    assert!(path.join("history").exists());
    drop(open(&path, HistoryUse::Off).await);
    assert!(
        !path.join("history").exists(),
        "it was kept though it was turned off"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_blob_that_cannot_be_kept_is_deleted_with_the_history() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("store");
    let store = open(&path, kept(None)).await;
    store.index.create_partition(PARTITION).await.unwrap();
    for n in 0..20 {
        put(&store, n).await;
    }
    delete(&store, 1).await;
    let before = store.snapshots.history();
    // A file is where the folder of a partition must be.
    let history = path.join("history");
    let mut found = fs::read_dir(&history).unwrap().map(|entry| entry.unwrap().path());
    let period = found.find(|path| path.file_name().unwrap() != "log").unwrap();
    fs::remove_dir_all(period.join(PARTITION.to_string())).unwrap();
    fs::write(period.join(PARTITION.to_string()), "in the way").unwrap();
    delete(&store, 2).await;
    assert!(store.blobs.open(blob(2)).await.is_err(), "it must be deleted");
    assert!(!period.exists(), "the history has a hole");
    assert_ne!(store.snapshots.history(), before);
    delete(&store, 3).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_state_whose_deleted_blobs_were_discarded_is_refused() {
    let filled = Filled::new(kept(None), 10).await;
    let path = filled.place.path().join("store");
    drop(open(&path, kept(Some(1))).await);
    // Its commits are all there.
    let (number, _) = filled.states[5];
    let error = filled.forward(Some(Until::Commit(number))).await.unwrap_err();
    assert!(error.to_string().contains("its history begins with"), "{error}");
    let last = filled.states.last().unwrap();
    assert_eq!(filled.forward(None).await.unwrap(), *last);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_discarded_period_takes_only_the_states_before_the_next() {
    let place = tempfile::tempdir().unwrap();
    let (path, snapshot) = (place.path().join("store"), place.path().join("snapshot"));
    let mut live = BTreeSet::new();
    let store = open(&path, kept(None)).await;
    store.index.create_partition(PARTITION).await.unwrap();
    work(&store, &mut live, 0, 60).await;
    drop(store);
    let store = open(&path, kept(None)).await;
    let second = head(&store);
    store.snapshots.snapshot(snapshot, None).await.unwrap();
    let states = work(&store, &mut live, 60, 120).await;
    let bytes = store.snapshots.history().unwrap().bytes;
    drop(store);
    // The first period is more than one byte.
    let store = open(&path, kept(Some(bytes - 1))).await;
    assert_eq!(store.snapshots.history().unwrap().commit, second);
    drop(store);
    let filled = Filled {
        place,
        before: Vec::new(),
        states,
    };
    for (number, state) in filled.states.iter().step_by(40) {
        let found = filled.forward(Some(Until::Commit(*number))).await.unwrap();
        assert_eq!(found, (*number, state.clone()));
    }
}
