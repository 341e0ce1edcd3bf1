//! A disk that is really full, or becomes read-only: a small tmpfs in a mount namespace of a separate process.

use super::local;
use bytes::Bytes;
use std::path::Path;
use std::process::Command;
use strongroom_store::{BlobId, Commit, LocalSettings, PartitionId, Store, StoreError, Write};

const DIRECTORY: &str = "STRONGROOM_TEST_SMALL_DISK";
const PARTITION: PartitionId = PartitionId([8; 16]);
const MIB: u64 = 1 << 20;

fn id(number: u8) -> BlobId {
    BlobId {
        partition: PARTITION,
        random: [number; 16],
    }
}

async fn write(store: &Store, number: u8, bytes: usize) -> Result<(), StoreError> {
    let mut writer = store.blobs.create(id(number)).await?;
    for _ in 0..bytes >> 20 {
        writer.write(Bytes::from(vec![number; 1 << 20])).await?;
    }
    writer.finish().await.map(drop)
}

fn files(directory: &Path) -> usize {
    std::fs::read_dir(directory.join("tmp")).unwrap().count()
}

/// Waits until the free space is read again.
async fn look_again() {
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
}

/// The process on the small disk. Not a test by itself.
#[tokio::test]
#[ignore = "started by the test below"]
async fn on_a_small_disk() {
    let Some(directory) = std::env::var_os(DIRECTORY) else {
        return;
    };
    let directory = Path::new(&directory);
    let settings = LocalSettings {
        reserve_bytes: Some(20 * MIB),
        ..LocalSettings::default()
    };
    let store = super::open_with(directory, settings).await.unwrap();
    store.index.create_partition(PARTITION).await.unwrap();

    // Uploads stop at the reserve.
    let mut written = 0;
    while let Ok(mut admission) = store.blobs.admit(10 * MIB).await {
        write(&store, written, 10 << 20).await.unwrap();
        admission.write(10 * MIB).unwrap();
        written += 1;
        assert!(written < 20, "the disk has no end");
    }
    assert!(written > 1, "the disk had room");
    let refusal = store.blobs.admit(10 * MIB).await.err().unwrap();
    assert!(matches!(refusal, StoreError::Full(_)), "{refusal}");

    // A writer that did not ask finds the disk full, and leaves nothing.
    let error = write(&store, 100, 60 << 20).await.unwrap_err();
    assert!(matches!(error, StoreError::Full(_)), "{error}");
    for _ in 0..100 {
        if files(directory) == 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!(files(directory), 0);

    // Rows are written from the reserve, and deletions make room again.
    let commit = Commit {
        generation: 1,
        writes: vec![Write::Put("row".into(), vec![1; 1 << 20].into())],
        ..Commit::default()
    };
    store.index.commit(PARTITION, commit).await.unwrap().unwrap();
    store.blobs.delete(id(0)).await.unwrap();
    store.blobs.delete(id(1)).await.unwrap();
    look_again().await;
    drop(store.blobs.admit(10 * MIB).await.unwrap());

    // A file system that becomes read-only, and writable again: a mount over it, because files are open for writing.
    let run = |program: &str, words: &[&str]| {
        let status = Command::new(program).args(words).arg(directory).status();
        assert!(status.unwrap().success(), "{program} {words:?}");
    };
    run("mount", &["--bind", directory.to_str().unwrap()]);
    run("mount", &["-o", "remount,bind,ro"]);
    look_again().await;
    let refusal = store.blobs.admit(1).await.err().unwrap();
    assert!(matches!(refusal, StoreError::TakesNoWrites(_)), "{refusal}");
    let error = write(&store, 101, 2 << 20).await.unwrap_err();
    assert!(matches!(error, StoreError::TakesNoWrites(_)), "{error}");
    assert!(store.blobs.open(id(2)).await.is_ok(), "blobs can be read");
    run("umount", &[]);
    look_again().await;
    drop(store.blobs.admit(1).await.unwrap());
    write(&store, 101, 2 << 20).await.unwrap();
}

#[tokio::test]
async fn a_small_disk_is_used_up_to_its_reserve() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().display();
    let script = format!("mount -t tmpfs -o size=140m tmpfs {path} && exec \"$@\"");
    let isolated = |program: &str| {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount", "sh", "-c", program, "sh"]);
        command
    };
    let possible = isolated(&format!("mount -t tmpfs tmpfs {path}")).output();
    if !possible.is_ok_and(|output| output.status.success()) {
        println!("skipped: this system allows no mount namespaces");
        return;
    }
    let status = isolated(&script)
        .arg(std::env::current_exe().unwrap())
        .args([
            "small_disk::on_a_small_disk",
            "--exact",
            "--ignored",
            "--nocapture",
        ])
        .env(DIRECTORY, directory.path())
        .status()
        .unwrap();
    assert!(status.success());
}

/// The process with few file descriptors. Not a test by itself.
#[tokio::test]
#[ignore = "started by the test below"]
async fn with_few_files() {
    let Some(directory) = std::env::var_os(DIRECTORY) else {
        return;
    };
    let store = super::open(Path::new(&directory)).await;
    write(&store, 1, 2 << 20).await.unwrap();
    let mut held = Vec::new();
    while let Ok(file) = std::fs::File::open("/dev/null") {
        held.push(file);
    }
    let error = write(&store, 2, 2 << 20).await.unwrap_err();
    assert!(matches!(error, StoreError::TooManyFiles), "{error}");
    let error = store.blobs.open(id(1)).await.err().unwrap();
    assert!(matches!(error, StoreError::TooManyFiles), "{error}");
    drop(held);
    write(&store, 2, 2 << 20).await.unwrap();
    assert!(store.blobs.open(id(1)).await.is_ok());
}

#[tokio::test]
async fn too_many_open_files_are_reported_and_survived() {
    let (store, directory) = local().await;
    drop(store);
    let status = Command::new("sh")
        .args(["-c", "ulimit -n 200; exec \"$@\"", "sh"])
        .arg(std::env::current_exe().unwrap())
        .args([
            "small_disk::with_few_files",
            "--exact",
            "--ignored",
            "--nocapture",
        ])
        .env(DIRECTORY, directory.path())
        .status()
        .unwrap();
    assert!(status.success());
}
