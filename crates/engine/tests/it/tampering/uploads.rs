//! Changed rows of versions, uploads and shared contents: operations fail or return the right bytes.

use crate::support::copying::copying;
use crate::support::protection::{ALICE, MALLORY, Protection};
use crate::support::tampering::{flipped, is_alarm, raises_alarm, write};
use crate::support::uploading::{PART, bulk, listing};
use crate::support::vault::{BUCKET, Vault, reading};
use crate::support::versioning::reading_version;
use bytes::Bytes;
use strongroom_engine::upload::ListUploads;
use strongroom_engine::{Error, VersionName};
use strongroom_store::{PartitionId, Row};

const PLAIN: Protection = Protection::Unspecified;

async fn rows_of(vault: &Vault, word: &str) -> Vec<(PartitionId, Row)> {
    let mut rows = vault.rows().await;
    rows.retain(|(_, row)| row.key.starts_with(word.as_bytes()));
    assert!(!rows.is_empty(), "there are no rows of {word}");
    rows
}

/// Returns the positions of a row to change: all of the beginning, some of the rest.
fn places(length: usize) -> impl Iterator<Item = usize> {
    (0..40).chain((40..length).step_by(29)).chain([length - 1])
}

#[tokio::test]
async fn a_flipped_bit_in_the_row_of_an_upload_or_a_part_is_detected() {
    let vault = Vault::memory().await;
    for protection in [PLAIN, ALICE] {
        let upload = vault.begin("a", protection).await;
        let part = upload.part(1, bulk(1, 1000)).await.unwrap();
        let (partition, row) = rows_of(&vault, "upload/").await.remove(0);
        for at in places(row.value.len()) {
            write(&vault, partition, row.key.clone(), flipped(&row.value, at)).await;
            assert!(is_alarm(&upload.part(2, "x").await), "byte {at}");
            assert!(
                is_alarm(&upload.complete(&[listing(1, &part)]).await),
                "byte {at}"
            );
            let list = ListUploads {
                limit: 9,
                ..ListUploads::default()
            };
            assert!(is_alarm(&vault.engine.list_uploads(BUCKET, &list).await));
        }
        write(&vault, partition, row.key, row.value).await;
        let (partition, row) = rows_of(&vault, "part/").await.remove(0);
        for at in places(row.value.len()) {
            write(&vault, partition, row.key.clone(), flipped(&row.value, at)).await;
            assert!(
                is_alarm(&upload.complete(&[listing(1, &part)]).await),
                "byte {at}"
            );
            let listed = vault
                .engine
                .list_parts(&upload.name, 0, 9, protection.on_read())
                .await;
            assert!(is_alarm(&listed), "byte {at}");
        }
        write(&vault, partition, row.key, row.value).await;
        upload.complete(&[listing(1, &part)]).await.unwrap();
        assert!(vault.get("a", protection).await.unwrap() == bulk(1, 1000));
        vault.delete("a").await.unwrap();
        vault.is_empty_once_collected().await;
    }
}

#[tokio::test]
async fn swapped_rows_of_uploads_and_parts_are_detected() {
    let vault = Vault::memory().await;
    for protection in [PLAIN, ALICE] {
        let mut uploads = Vec::new();
        for (key, seed) in [("a", 1), ("b", 2)] {
            let upload = vault.begin(key, protection).await;
            let part = upload.part(1, bulk(seed, 1000)).await.unwrap();
            uploads.push((upload, listing(1, &part), seed));
        }
        for word in ["upload/", "part/"] {
            let [(partition, a), (_, b)] = &rows_of(&vault, word).await[..] else {
                panic!("expected two")
            };
            write(&vault, *partition, a.key.clone(), b.value.clone()).await;
            write(&vault, *partition, b.key.clone(), a.value.clone()).await;
            for (upload, _, _) in &uploads {
                for (_, part, _) in &uploads {
                    let completed = upload.complete(std::slice::from_ref(part)).await;
                    assert!(is_alarm(&completed), "{word} {completed:?}");
                }
            }
            write(&vault, *partition, a.key.clone(), a.value.clone()).await;
            write(&vault, *partition, b.key.clone(), b.value.clone()).await;
        }
        for (upload, part, seed) in uploads {
            upload.complete(&[part]).await.unwrap();
            assert!(vault.get(&upload.name.key, protection).await.unwrap() == bulk(seed, 1000));
            vault.delete(&upload.name.key).await.unwrap();
        }
        vault.is_empty_once_collected().await;
    }
}

/// A restored old row of a part names a blob that is garbage, under a salt that differs from that of the new one.
#[tokio::test]
async fn a_restored_row_of_a_part_gives_the_old_part_or_an_alarm() {
    let vault = Vault::memory().await;
    let upload = vault.begin("a", ALICE).await;
    let old = upload.part(1, bulk(1, 1000)).await.unwrap();
    let (partition, old_row) = rows_of(&vault, "part/").await.remove(0);
    let new = upload.part(1, bulk(2, 1000)).await.unwrap();
    vault.engine.collect().await.unwrap();
    write(&vault, partition, old_row.key, old_row.value).await;
    let refused = upload.complete(&[listing(1, &new)]).await;
    assert!(matches!(refused, Err(Error::InvalidPart { .. })), "{refused:?}");
    upload.complete(&[listing(1, &old)]).await.unwrap();
    raises_alarm(&vault.engine, "a", ALICE, &bulk(1, 1000), "its blob is deleted").await;
}

#[tokio::test]
async fn a_separate_row_of_parts_is_bound_to_its_version() {
    let vault = Vault::memory().await;
    vault.keep_versions().await;
    let mut right = Vec::new();
    for first in [1, 50] {
        let mut parts: Vec<_> = (first..first + 16).map(|seed| bulk(seed, PART)).collect();
        parts.push(bulk(first, 10));
        vault.multipart("a", ALICE, &parts).await;
        right.insert(0, parts.concat());
    }
    let versions = vault.versions().await;
    let [(partition, a), (_, b)] = &rows_of(&vault, "parts/").await[..] else {
        panic!("expected two")
    };
    let read = async |at: usize| {
        vault
            .read(&reading_version("a", versions[at].version), ALICE)
            .await
    };
    write(&vault, *partition, a.key.clone(), b.value.clone()).await;
    write(&vault, *partition, b.key.clone(), a.value.clone()).await;
    for at in 0..2 {
        assert!(is_alarm(&read(at).await));
    }
    write(&vault, *partition, b.key.clone(), b.value.clone()).await;
    for at in places(a.value.len()) {
        write(&vault, *partition, a.key.clone(), flipped(&a.value, at)).await;
        let outcomes = [read(0).await, read(1).await];
        assert_eq!(outcomes.iter().filter(|outcome| is_alarm(outcome)).count(), 1);
    }
    write(&vault, *partition, a.key.clone(), a.value.clone()).await;
    for (at, right) in right.iter().enumerate() {
        assert!(read(at).await.unwrap() == *right);
    }
}

/// Two versions share one content under two keys: neither envelope can replace the other.
#[tokio::test]
async fn swapped_rows_of_versions_that_share_content_are_detected() {
    let vault = Vault::memory().await;
    vault.keep_versions().await;
    let bytes = bulk(1, 1000);
    let alices = vault.put_version("a", bytes.clone(), ALICE).await;
    let copied = vault.copy(copying("a", "a", MALLORY), ALICE).await.unwrap();
    let mallorys = copied.committed.version.unwrap();
    let [(partition, a), (_, b)] = &rows_of(&vault, "version/").await[..] else {
        panic!("expected two")
    };
    write(&vault, *partition, a.key.clone(), b.value.clone()).await;
    write(&vault, *partition, b.key.clone(), a.value.clone()).await;
    for version in [alices, mallorys] {
        for key in [ALICE, MALLORY] {
            assert!(is_alarm(&vault.get_version("a", version, key).await));
        }
    }
    write(&vault, *partition, a.key.clone(), a.value.clone()).await;
    write(&vault, *partition, b.key.clone(), b.value.clone()).await;
    // Without its reference count, a content is kept because it may be needed: deleting raises the alarm.
    let (partition, holders) = rows_of(&vault, "holders/").await.remove(0);
    write(
        &vault,
        partition,
        holders.key.clone(),
        flipped(&holders.value, 50),
    )
    .await;
    assert!(is_alarm(&vault.delete_version("a", alices).await));
    assert!(vault.get_version("a", alices, ALICE).await.unwrap() == bytes);
    write(&vault, partition, holders.key, holders.value).await;
    vault.delete_version("a", alices).await.unwrap();
    assert!(vault.get("a", MALLORY).await.unwrap() == bytes);
    vault.emptied().await;
}

#[tokio::test]
async fn changed_rows_of_markers_and_null_versions_are_detected() {
    let vault = Vault::memory().await;
    vault.put("a", "null", PLAIN).await.unwrap();
    vault.keep_versions().await;
    vault.delete("a").await.unwrap();
    for (word, version) in [("marker/", None), ("null/", Some(VersionName::Null))] {
        let (partition, row) = rows_of(&vault, word).await.remove(0);
        for at in 0..row.value.len() {
            write(&vault, partition, row.key.clone(), flipped(&row.value, at)).await;
            let read = strongroom_engine::get::ReadObject {
                version,
                ..reading("a")
            };
            assert!(is_alarm(&vault.read(&read, PLAIN).await), "{word} {at}");
            assert!(is_alarm(&vault.delete_version("a", VersionName::Null).await));
        }
        write(&vault, partition, row.key, row.value).await;
    }
    vault.emptied().await;
}

/// A damaged part of a finished upload must not stop the collection of other garbage in its bucket.
#[tokio::test]
async fn a_damaged_part_of_a_finished_upload_does_not_stop_collection() {
    for word in ["part/", "spent/"] {
        let vault = Vault::memory().await;
        let upload = vault.begin("a", PLAIN).await;
        upload.part(1, bulk(1, 1000)).await.unwrap();
        upload.abort().await.unwrap();
        vault.put("b", bulk(2, 100_000), PLAIN).await.unwrap();
        vault.delete("b").await.unwrap();
        assert_eq!(vault.blobs().await.len(), 2);
        let (partition, row) = rows_of(&vault, word).await.remove(0);
        write(&vault, partition, row.key.clone(), Bytes::from_static(b"junk")).await;
        assert!(vault.engine.collect().await.is_err(), "the error is returned");
        let left = vault.blobs().await.len();
        assert!(left <= 1, "{word}: {left} blobs are left");
        write(&vault, partition, row.key, row.value).await;
        vault.engine.collect().await.unwrap();
        vault.is_empty_once_collected().await;
    }
}
