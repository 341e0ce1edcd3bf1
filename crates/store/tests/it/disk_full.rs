//! A full disk, simulated by a limit on the size of files in a separate process.

use super::open;
use bytes::Bytes;
use std::path::Path;
use std::process::Command;
use strongroom_store::{BlobId, Commit, PartitionId, Store, StoreError, Write};

const DIRECTORY: &str = "STRONGROOM_TEST_FULL_DIRECTORY";
const PARTITION: PartitionId = PartitionId([8; 16]);
const ID: BlobId = BlobId {
    partition: PARTITION,
    random: [9; 16],
};

/// File size limit in units of 512 bytes (POSIX): 80 MiB, more than a segment of the commit log.
const LIMIT: u32 = 160 * 1024;
/// Size of one write that exceeds the limit.
const TOO_MUCH: usize = 100 << 20;

async fn put(store: &Store, key: &'static str, length: usize) -> Result<(), StoreError> {
    let writes = vec![Write::Put(key.into(), Bytes::from(vec![1; length]))];
    let commit = Commit {
        generation: 1,
        writes,
        ..Commit::default()
    };
    store
        .index
        .commit(PARTITION, commit)
        .await
        .map(|result| result.unwrap())
}

/// The process under the limit. Not a test by itself.
#[tokio::test]
#[ignore = "started by the test below"]
async fn limited() {
    let Some(directory) = std::env::var_os(DIRECTORY) else {
        return;
    };
    let store = open(Path::new(&directory)).await;
    store.index.create_partition(PARTITION).await.unwrap();
    put(&store, "first", 10).await.unwrap();

    let mut writer = store.blobs.create(ID).await.unwrap();
    let mut result = Ok(());
    for _ in 0..TOO_MUCH >> 20 {
        result = result.and(writer.write(Bytes::from(vec![1; 1 << 20])).await);
    }
    assert!(
        result.is_err() || writer.finish().await.is_err(),
        "a blob that did not fit was finished"
    );
    if let Err(error) = result {
        assert!(
            error
                .to_string()
                .starts_with("the store failed while writing blob"),
            "{error}"
        );
        assert!(error.to_string().contains("File too large"), "{error}");
    }
    assert!(matches!(store.blobs.open(ID).await, Err(StoreError::NotFound(_))));
    assert_eq!(
        std::fs::read_dir(Path::new(&directory).join("tmp"))
            .unwrap()
            .count(),
        0
    );
    put(&store, "second", 10).await.unwrap();

    let error = put(&store, "too much", TOO_MUCH).await.unwrap_err();
    assert!(matches!(error, StoreError::Failed { .. }), "{error}");
    // The store goes on in another file.
    put(&store, "third", 10).await.unwrap();
    // Committed rows can still be read, and failed ones are not visible.
    assert_eq!(
        store
            .index
            .get(PARTITION, b"second")
            .await
            .unwrap()
            .map(|value| value.len()),
        Some(10)
    );
    assert_eq!(store.index.get(PARTITION, b"too much").await.unwrap(), None);
}

#[tokio::test]
async fn a_full_disk_is_reported_and_survived() {
    let directory = tempfile::tempdir().unwrap();
    // Without the signal ignored, a write beyond the limit would kill the process.
    let script = format!("trap '' XFSZ; ulimit -f {LIMIT}; exec \"$@\"");
    let status = Command::new("sh")
        .args(["-c", &script, "sh"])
        .arg(std::env::current_exe().unwrap())
        .args(["disk_full::limited", "--exact", "--ignored"])
        .env(DIRECTORY, directory.path())
        .status()
        .unwrap();
    assert!(status.success());

    let store = open(directory.path()).await;
    for key in [&b"first"[..], b"second", b"third"] {
        assert!(store.index.get(PARTITION, key).await.unwrap().is_some());
    }
    assert_eq!(store.index.get(PARTITION, b"too much").await.unwrap(), None);
    put(&store, "fourth", 10).await.unwrap();
}
