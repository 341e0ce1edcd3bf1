//! Files changed behind the store's back are reported as damaged and never returned as data.

use super::local;
use bytes::Bytes;
use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use strongroom_store::{BlobId, PartitionId, Store, StoreError};

const ID: BlobId = BlobId {
    partition: PartitionId([1; 16]),
    random: [2; 16],
};

/// Returns the path of the blob by the documented layout.
fn file(directory: &Path) -> PathBuf {
    directory
        .join("blobs")
        .join("01".repeat(16))
        .join("02")
        .join("02".repeat(16))
}

async fn store_with_blob() -> (Store, tempfile::TempDir) {
    let (store, directory) = local().await;
    let mut writer = store.blobs.create(ID).await.unwrap();
    writer.write(Bytes::from(vec![5; 100_000])).await.unwrap();
    writer.finish().await.unwrap();
    (store, directory)
}

fn is_damage<T>(result: &Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::Damaged { .. }))
}

#[tokio::test]
async fn a_flipped_bit_is_found_by_scrubbing() {
    let (store, directory) = store_with_blob().await;
    assert_eq!(store.blobs.scrub(ID).await.unwrap().length, 100_000);
    for place in [0, 50_000, 99_999, 100_000 + 8, 100_000 + 23] {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .open(file(directory.path()))
            .unwrap();
        let mut byte = [0];
        file.read_exact_at(&mut byte, place).unwrap();
        file.write_all_at(&[byte[0] ^ 4], place).unwrap();
        assert!(is_damage(&store.blobs.scrub(ID).await), "at {place}");
        file.write_all_at(&byte, place).unwrap();
    }
    store.blobs.scrub(ID).await.unwrap();
}

#[tokio::test]
async fn a_file_of_another_length_is_not_opened() {
    let (store, directory) = store_with_blob().await;
    let whole = fs::read(file(directory.path())).unwrap();
    assert_eq!(whole.len(), 100_024);
    let cut = |length: usize| whole[..length].to_vec();
    let mut longer = whole.clone();
    longer.insert(7, 5);
    for (what, bytes) in [
        ("empty", cut(0)),
        ("shorter than a trailer", cut(10)),
        ("without its trailer", cut(100_000)),
        ("the trailer torn", cut(100_023)),
        ("bytes missing inside", [&whole[..500], &whole[501..]].concat()),
        ("longer inside", longer),
        ("longer at the end", [&whole[..], b"x"].concat()),
        ("zeros, as after a power cut", vec![0; whole.len()]),
    ] {
        fs::write(file(directory.path()), bytes).unwrap();
        assert!(is_damage(&store.blobs.open(ID).await), "{what}");
        assert!(is_damage(&store.blobs.scrub(ID).await), "{what}");
    }
}

#[tokio::test]
async fn a_file_cut_under_a_reader_is_damage() {
    let (store, directory) = store_with_blob().await;
    let reader = store.blobs.open(ID).await.unwrap();
    OpenOptions::new()
        .write(true)
        .open(file(directory.path()))
        .unwrap()
        .set_len(50_000)
        .unwrap();
    assert_eq!(reader.read(0..50_000).await.unwrap().len(), 50_000);
    assert!(is_damage(&reader.read(40_000..60_000).await));
}

#[tokio::test]
async fn foreign_files_are_not_listed() {
    let (store, directory) = store_with_blob().await;
    let blobs = directory.path().join("blobs");
    fs::write(blobs.join("README"), "x").unwrap();
    fs::create_dir(blobs.join("AB".repeat(16))).unwrap();
    fs::write(file(directory.path()).with_file_name("note"), "x").unwrap();
    assert_eq!(store.blobs.list(None, 10).await.unwrap(), [ID]);
}
