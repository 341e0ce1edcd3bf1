//! Read-only access to a store directory, which stays unchanged.

use super::{local, open};
use bytes::Bytes;
use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use strongroom_store::conformance::FixedAuthenticator;
use strongroom_store::{
    BlobId, Commit, IfRunning, LocalSettings, PartitionId, ReadOnlyError, ReadOnlyStore, Scan, Store,
    StoreError, Write,
};
use tempfile::TempDir;

const PARTITION: PartitionId = PartitionId([3; 16]);
const LAST: PartitionId = PartitionId([0xff; 16]);
const BLOB: BlobId = BlobId {
    partition: PARTITION,
    random: [4; 16],
};

async fn put(store: &Store, partition: PartitionId, key: &'static str) {
    store.index.create_partition(partition).await.unwrap();
    let commit = Commit {
        generation: 1,
        writes: vec![Write::Put(key.into(), "value".into())],
        ..Commit::default()
    };
    store.index.commit(partition, commit).await.unwrap().unwrap();
}

/// Creates a closed store with rows in two partitions, an empty partition, and a blob of ten bytes.
async fn closed() -> TempDir {
    let (store, directory) = local().await;
    put(&store, PARTITION, "key").await;
    put(&store, LAST, "other").await;
    store.index.create_partition(PartitionId([5; 16])).await.unwrap();
    let mut writer = store.blobs.create(BLOB).await.unwrap();
    writer.write(Bytes::from_static(b"0123456789")).await.unwrap();
    writer.finish().await.unwrap();
    directory
}

async fn look(path: &Path, running: IfRunning) -> Result<(ReadOnlyStore, TempDir), ReadOnlyError> {
    let scratch = tempfile::tempdir().unwrap();
    let prepared = ReadOnlyStore::prepare(path, scratch.path(), LocalSettings::default(), running).await?;
    let look = prepared
        .recover(Some(Arc::new(FixedAuthenticator::new(1))))
        .await?;
    Ok((look, scratch))
}

async fn refusal(path: &Path) -> ReadOnlyError {
    match look(path, IfRunning::Refuse).await {
        Ok(_) => panic!("the store was opened"),
        Err(error) => error,
    }
}

fn files(directory: &Path) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.append(&mut files(&path));
            found.insert(path, None);
        } else {
            let bytes = fs::read(&path).unwrap();
            found.insert(path, Some(bytes));
        }
    }
    found
}

#[tokio::test]
async fn rows_and_blobs_are_read_and_nothing_is_changed() {
    let directory = closed().await;
    let before = files(directory.path());
    let (look, scratch) = look(directory.path(), IfRunning::Refuse).await.unwrap();
    assert_eq!(look.partitions().await.unwrap(), [PARTITION, LAST]);
    let scan = Scan {
        prefix: Bytes::new(),
        from: Bytes::new(),
        limit: 10,
    };
    let rows = look.store.index.scan(PARTITION, scan).await.unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(
        (&rows[0].key[..], &rows[0].value[..]),
        (&b"key"[..], &b"value"[..])
    );
    let reader = look.store.blobs.open(BLOB).await.unwrap();
    assert_eq!(reader.length(), 10);
    assert_eq!(reader.read(2..5).await.unwrap(), "234");
    assert_eq!(look.store.blobs.list(None, 10).await.unwrap(), [BLOB]);
    assert_eq!(look.store.blobs.scrub(BLOB).await.unwrap().length, 10);

    let commit = Commit {
        generation: 1,
        ..Commit::default()
    };
    assert!(look.store.index.commit(PARTITION, commit).await.is_err());
    assert!(look.store.blobs.delete(BLOB).await.is_err());
    let other = BlobId {
        random: [5; 16],
        ..BLOB
    };
    assert!(look.store.blobs.create(other).await.is_err());
    drop((look, scratch));
    assert_eq!(files(directory.path()), before);
}

#[tokio::test]
async fn a_running_store_is_refused_unless_allowed() {
    let directory = closed().await;
    let store = open(directory.path()).await;
    let error = refusal(directory.path()).await;
    assert!(
        matches!(&error, ReadOnlyError::Running(path) if path == directory.path()),
        "{error}"
    );
    look(directory.path(), IfRunning::Allow).await.unwrap();
    drop(store);
    let (one, _scratch) = look(directory.path(), IfRunning::Refuse).await.unwrap();
    // It excludes neither another reader nor a server.
    look(directory.path(), IfRunning::Refuse).await.unwrap();
    open(directory.path()).await;
    assert_eq!(one.partitions().await.unwrap().len(), 2);
}

#[tokio::test]
async fn read_only_files_suffice() {
    let directory = closed().await;
    let all = files(directory.path());
    let modes = |of_directory, of_file| {
        for (path, content) in &all {
            let mode = if content.is_some() { of_file } else { of_directory };
            fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
        }
    };
    modes(0o500, 0o400);
    let (look, _scratch) = look(directory.path(), IfRunning::Refuse).await.unwrap();
    assert!(look.store.index.get(PARTITION, b"key").await.unwrap().is_some());
    modes(0o700, 0o600);
}

#[tokio::test]
async fn unneeded_files_may_be_missing_or_damaged() {
    let directory = closed().await;
    fs::remove_file(directory.path().join("lock")).unwrap();
    fs::remove_dir(directory.path().join("tmp")).unwrap();
    for format in [Some(""), Some("\0\0\0"), None] {
        let file = directory.path().join("format");
        match format {
            Some(text) => fs::write(file, text).unwrap(),
            None => fs::remove_file(file).unwrap(),
        }
        let (look, _scratch) = look(directory.path(), IfRunning::Refuse).await.unwrap();
        assert!(look.store.index.get(PARTITION, b"key").await.unwrap().is_some());
    }
    fs::remove_dir_all(directory.path().join("blobs")).unwrap();
    let (look, _scratch) = look(directory.path(), IfRunning::Refuse).await.unwrap();
    assert!(matches!(
        look.store.blobs.open(BLOB).await.err().unwrap(),
        StoreError::NotFound(_)
    ));
}

#[tokio::test]
async fn a_truncated_blob_is_read_to_its_end() {
    let directory = closed().await;
    let file = directory
        .path()
        .join("blobs")
        .join("03".repeat(16))
        .join("04")
        .join("04".repeat(16));
    let whole = fs::read(&file).unwrap();
    for left in [0, 7, 20, whole.len() - 1] {
        fs::write(&file, &whole[..left]).unwrap();
        let (look, _scratch) = look(directory.path(), IfRunning::Refuse).await.unwrap();
        let reader = look.store.blobs.open(BLOB).await.unwrap();
        assert_eq!(reader.length(), left as u64);
        assert_eq!(reader.read(0..left as u64).await.unwrap(), whole[..left]);
        assert!(look.store.blobs.scrub(BLOB).await.is_err());
    }
}

#[tokio::test]
async fn other_formats_and_missing_stores_are_reported() {
    let directory = closed().await;
    fs::write(directory.path().join("format"), "strongroom store 1\n").unwrap();
    let error = refusal(directory.path()).await;
    assert!(
        matches!(&error, ReadOnlyError::OtherFormat { why, .. } if why.contains("format \"1\"")),
        "{error}"
    );
    let empty = tempfile::tempdir().unwrap();
    let error = refusal(empty.path()).await;
    assert!(matches!(error, ReadOnlyError::NoIndex(_)), "{error}");
    assert_eq!(fs::read_dir(empty.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_failed_copy_is_reported_with_its_file() {
    let directory = closed().await;
    let scratch = tempfile::tempdir().unwrap();
    let name = fs::read_dir(directory.path().join("index"))
        .unwrap()
        .map(Result::unwrap)
        .find(|entry| entry.path().is_file())
        .unwrap()
        .file_name();
    fs::create_dir(scratch.path().join("index")).unwrap();
    fs::write(scratch.path().join("index").join(&name), "in the way").unwrap();
    let settings = LocalSettings::default();
    let error = ReadOnlyStore::prepare(directory.path(), scratch.path(), settings, IfRunning::Refuse).await;
    let error = error.err().unwrap();
    assert!(
        matches!(&error, ReadOnlyError::Copy { from, .. } if from.ends_with(&name)),
        "{error}"
    );
}
