//! Opening, locking and closing a store directory, and its files.

use super::{local, open, try_open};
use bytes::Bytes;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use strongroom_store::conformance::FixedAuthenticator;
use strongroom_store::{BlobId, Commit, LocalSettings, PartitionId, Store, Write};

const PARTITION: PartitionId = PartitionId([3; 16]);

async fn refusal(path: &Path) -> String {
    match try_open(path).await {
        Ok(_) => panic!("the store opened"),
        Err(error) => error.to_string(),
    }
}

#[tokio::test]
async fn a_directory_in_use_is_refused_by_name() {
    let (store, directory) = local().await;
    let text = refusal(directory.path()).await;
    assert!(text.contains(&directory.path().display().to_string()), "{text}");
    assert!(text.starts_with("another process has the store"), "{text}");
    assert!(
        text.contains("server") && text.contains("strongroom command"),
        "{text}"
    );
    drop(store);
    open(directory.path()).await;
}

#[tokio::test]
async fn another_format_is_refused() {
    let (store, directory) = local().await;
    drop(store);
    let format = directory.path().join("format");
    let whole = fs::read(&format).unwrap();
    fs::write(&format, "strongroom store 1\n").unwrap();
    let text = refusal(directory.path()).await;
    assert!(text.contains("another version"), "{text}");
    fs::write(&format, whole).unwrap();
    open(directory.path()).await;
}

#[tokio::test]
async fn a_store_without_one_of_its_parts_is_refused_as_damage() {
    let (store, directory) = local().await;
    drop(store);
    for part in ["format", "index", "blobs", "keys"] {
        let (place, away) = (directory.path().join(part), directory.path().join("away"));
        fs::rename(&place, &away).unwrap();
        let before = names(directory.path());
        let text = refusal(directory.path()).await;
        assert!(text.contains("is damaged") && text.contains(part), "{text}");
        assert_eq!(names(directory.path()), before, "after a refusal without {part}");
        fs::rename(away, place).unwrap();
        open(directory.path()).await;
    }
}

#[tokio::test]
async fn a_damaged_format_file_is_refused_as_damage() {
    let (store, directory) = local().await;
    drop(store);
    let format = directory.path().join("format");
    let whole = fs::read_to_string(&format).unwrap();
    for damaged in [whole.replace("id ", "ie "), String::new(), whole[..60].to_owned()] {
        fs::write(&format, &damaged).unwrap();
        let text = refusal(directory.path()).await;
        assert!(text.contains("is damaged"), "{text}");
        assert_eq!(fs::read_to_string(&format).unwrap(), damaged);
    }
}

#[tokio::test]
async fn an_interrupted_creation_is_begun_again() {
    let directory = tempfile::tempdir().unwrap();
    let prepare = async || {
        Store::prepare(directory.path(), LocalSettings::default())
            .await
            .unwrap()
    };
    let first = prepare().await;
    assert!(first.is_new);
    let id = first.id;
    drop(first);
    let second = prepare().await;
    assert!(second.is_new);
    assert_eq!(second.id, id);
    let authenticator = Arc::new(FixedAuthenticator::new(1));
    drop(second.recover(authenticator).await.unwrap());
    let third = prepare().await;
    assert!(!third.is_new);
    assert_eq!(third.id, id);
    drop(third);

    // The creation was interrupted before its first file was whole.
    let torn = tempfile::tempdir().unwrap();
    fs::write(torn.path().join("format.new"), "strongroom st").unwrap();
    open(torn.path()).await;
}

fn names(directory: &Path) -> Vec<std::ffi::OsString> {
    let entries = fs::read_dir(directory).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_path_that_cannot_be_created_is_refused_by_name() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    fs::write(&file, "x").unwrap();
    let text = refusal(&file.join("store")).await;
    assert!(text.contains("file/store"), "{text}");
}

#[tokio::test]
async fn rows_and_blobs_are_found_after_reopening() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("made").join("on the way");
    let id = BlobId {
        partition: PARTITION,
        random: [4; 16],
    };
    let store = open(&path).await;
    store.index.create_partition(PARTITION).await.unwrap();
    let commit = Commit {
        generation: 1,
        writes: vec![Write::Put("key".into(), "value".into())],
        ..Commit::default()
    };
    store.index.commit(PARTITION, commit).await.unwrap().unwrap();
    let mut writer = store.blobs.create(id).await.unwrap();
    writer.write(Bytes::from_static(b"sealed")).await.unwrap();
    writer.finish().await.unwrap();
    drop(store);

    let store = open(&path).await;
    assert_eq!(
        store.index.get(PARTITION, b"key").await.unwrap(),
        Some("value".into())
    );
    let reader = store.blobs.open(id).await.unwrap();
    assert_eq!(reader.read(0..6).await.unwrap(), "sealed");
}

#[tokio::test]
async fn only_the_owner_has_access() {
    let (store, directory) = local().await;
    let mut writer = store
        .blobs
        .create(BlobId {
            partition: PARTITION,
            random: [4; 16],
        })
        .await
        .unwrap();
    for _ in 0..3 {
        writer.write(Bytes::from(vec![1; 2_000_000])).await.unwrap();
    }
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let drafts: Vec<_> = fs::read_dir(directory.path().join("tmp")).unwrap().collect();
    assert_eq!(drafts.len(), 1);
    for entry in drafts {
        assert_eq!(mode(&entry.unwrap().path()), 0o600);
    }
    writer.finish().await.unwrap();
    let partition = directory.path().join("blobs").join("03".repeat(16));
    let shard = partition.join("04");
    for folder in ["index", "blobs", "keys", "tmp"].map(|name| directory.path().join(name)) {
        assert_eq!(mode(&folder), 0o700, "{}", folder.display());
    }
    assert_eq!((mode(&partition), mode(&shard)), (0o700, 0o700));
    assert_eq!(mode(&shard.join("04".repeat(16))), 0o600);
    assert_eq!(mode(&directory.path().join("format")), 0o600);
    assert_eq!(mode(&directory.path().join("lock")), 0o600);
}

#[tokio::test]
async fn an_unfinished_blob_leaves_no_file() {
    let (store, directory) = local().await;
    let tmp = directory.path().join("tmp");
    let count = || fs::read_dir(&tmp).unwrap().count();
    let id = BlobId {
        partition: PARTITION,
        random: [4; 16],
    };
    let wait_for = async |files| {
        for _ in 0..500 {
            if count() == files {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        panic!("{} files instead of {files}", count());
    };
    for size in [0, 1000, 3_000_000] {
        let mut writer = store.blobs.create(id).await.unwrap();
        writer.write(Bytes::from(vec![1; size])).await.unwrap();
        writer.write(Bytes::from(vec![1; 1000])).await.unwrap();
        // Writes happen on other threads. Small blobs are written at their end only.
        wait_for(usize::from(size > 1 << 20)).await;
        drop(writer);
        wait_for(0).await;
    }
}

#[tokio::test]
async fn folders_are_deleted_with_their_last_blob_and_created_again() {
    let (store, directory) = local().await;
    let partition = directory.path().join("blobs").join("03".repeat(16));
    let id = BlobId {
        partition: PARTITION,
        random: [4; 16],
    };
    for _ in 0..3 {
        store.blobs.create(id).await.unwrap().finish().await.unwrap();
        assert!(partition.join("04").exists());
        store.blobs.delete(id).await.unwrap();
        assert!(!partition.exists());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_writes_and_deletions_in_one_folder_succeed() {
    let (store, _directory) = local().await;
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..4 {
        let store = store.clone();
        tasks.spawn(async move {
            for n in 0..40 {
                let mut random = [4; 16];
                random[14..].copy_from_slice(&[task, n]);
                let id = BlobId {
                    partition: PARTITION,
                    random,
                };
                store.blobs.create(id).await.unwrap().finish().await.unwrap();
                assert_eq!(store.blobs.scrub(id).await.unwrap().length, 0);
                store.blobs.delete(id).await.unwrap();
            }
        });
    }
    tasks.join_all().await;
}

#[tokio::test]
async fn queued_commits_are_applied_before_the_store_closes() {
    let (store, directory) = local().await;
    store.index.create_partition(PARTITION).await.unwrap();
    let mut commits = tokio::task::JoinSet::new();
    for n in 0..100 {
        let index = std::sync::Arc::clone(&store.index);
        commits.spawn(async move {
            let writes = vec![Write::Put(format!("{n}").into(), "".into())];
            let commit = Commit {
                generation: 1,
                writes,
                ..Commit::default()
            };
            index.commit(PARTITION, commit).await.unwrap().unwrap();
            n
        });
    }
    drop(store);
    assert_eq!(commits.join_all().await.len(), 100);
    let store = open(directory.path()).await;
    for n in 0..100 {
        assert!(
            store
                .index
                .get(PARTITION, n.to_string().as_bytes())
                .await
                .unwrap()
                .is_some()
        );
    }
}
