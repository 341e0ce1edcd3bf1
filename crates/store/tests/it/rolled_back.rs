//! Stores that do not contain a commit that was noted elsewhere.

use crate::{local, try_open};
use bytes::Bytes;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use strongroom_store::conformance::FixedAuthenticator;
use strongroom_store::{
    Commit, CommitHead, LocalSettings, PartitionId, Store, StoreError, StoreId, Timeline, Write,
};

const PARTITION: PartitionId = PartitionId([1; 16]);

async fn put(store: &Store, n: u8) {
    let commit = Commit {
        generation: 1,
        writes: vec![Write::Put(
            Bytes::from(vec![b'k', n + 1]),
            Bytes::from_static(b"v"),
        )],
        ..Commit::default()
    };
    store.index.commit(PARTITION, commit).await.unwrap().unwrap();
}

/// Opens a store that must contain a commit.
async fn requiring(path: &Path, noted: CommitHead) -> Result<Store, StoreError> {
    let prepared = Store::prepare(path, LocalSettings::default()).await?;
    let prepared = prepared.requiring(noted);
    prepared.recover(Arc::new(FixedAuthenticator::new(1))).await
}

/// Returns the files of a directory with their contents.
fn files(path: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![path.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.clone(), fs::read(path).unwrap());
            }
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_without_a_noted_commit_is_refused_and_left_as_it_is() {
    let (store, directory) = local().await;
    store.index.create_partition(PARTITION).await.unwrap();
    put(&store, 0).await;
    let first = store.integrity.head().unwrap();
    put(&store, 1).await;
    let last = store.integrity.head().unwrap();
    drop(store);
    // A leftover of a crash, which a start deletes.
    let leftover = directory.path().join("index/tables/77");
    fs::create_dir_all(leftover.parent().unwrap()).unwrap();
    fs::write(&leftover, b"leftover").unwrap();
    let before = files(directory.path());

    let later = CommitHead {
        number: last.number + 1,
        ..last
    };
    let another = CommitHead {
        chain: [1; 32],
        ..last
    };
    for (noted, text) in [
        (later, "ends with commit"),
        (another, "another commit of this number"),
    ] {
        let refused = requiring(directory.path(), noted).await.err().unwrap();
        assert!(matches!(refused, StoreError::RolledBack { .. }), "{refused}");
        assert!(refused.to_string().contains(text), "{refused}");
        assert_eq!(files(directory.path()), before);
    }

    let of_another_timeline = CommitHead {
        timeline: Timeline([1; 16]),
        ..later
    };
    for noted in [first, last, of_another_timeline] {
        drop(requiring(directory.path(), noted).await.unwrap());
    }
    assert!(!leftover.exists());
    drop(try_open(directory.path()).await.unwrap());
}

#[tokio::test]
async fn a_store_that_numbers_no_commits_requires_none() {
    let prepared = strongroom_store::Prepared::open(Store::memory(), StoreId([1; 16]), false);
    assert_eq!(prepared.timeline, None);
    let noted = CommitHead {
        timeline: Timeline([0; 16]),
        number: 9,
        chain: [0; 32],
    };
    let prepared = prepared.requiring(noted);
    prepared
        .recover(Arc::new(FixedAuthenticator::new(1)))
        .await
        .unwrap();
}
