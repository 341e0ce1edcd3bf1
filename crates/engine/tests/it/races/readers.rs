//! Readers of objects with several parts: they finish the version they began, whatever happens to the object.

use crate::support::copying::copying;
use crate::support::protection::{ALICE, MALLORY, Protection};
use crate::support::tampering::{flipped, is_alarm};
use crate::support::uploading::{PART, bulk};
use crate::support::vault::{BUCKET, Vault, body, open, request};
use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use strongroom_engine::Error;
use strongroom_engine::condition::ByteRange;
use strongroom_engine::get::Object;

fn parts() -> [Bytes; 3] {
    [bulk(1, PART), bulk(2, PART + 1), bulk(3, 70_000)]
}

/// Opens an object and reads the first piece of its content.
async fn begin_reading(vault: &Vault) -> (Object, Bytes) {
    let mut object = open(&vault.engine, "a", ALICE, None).await.unwrap();
    let first = object.content.next().await.unwrap().unwrap();
    (object, first)
}

async fn read_to_end(object: Object, first: Bytes) -> Vec<u8> {
    let rest: Vec<_> = object.content.try_collect().await.unwrap();
    [&first[..], &rest.concat()].concat()
}

#[tokio::test]
async fn a_reader_finishes_although_its_version_is_deleted_and_collected() {
    for vault in Vault::each().await {
        for deletes_bucket in [false, true] {
            vault.multipart("a", ALICE, &parts()).await;
            let (object, first) = begin_reading(&vault).await;
            let (other, of_other) = begin_reading(&vault).await;
            vault.delete("a").await.unwrap();
            for _ in 0..3 {
                vault.engine.collect().await.unwrap();
            }
            if deletes_bucket {
                vault.engine.delete_bucket(BUCKET).await.unwrap();
                vault.engine.collect().await.unwrap();
                vault.engine.collect_orphans().await.unwrap();
            }
            assert!(read_to_end(object, first).await == parts().concat());
            // One of two readers remains.
            vault.engine.collect().await.unwrap();
            assert_eq!(vault.blobs().await.len(), 3);
            assert!(read_to_end(other, of_other).await == parts().concat());
            vault.is_empty_once_collected().await;
            if deletes_bucket {
                assert_eq!(vault.partitions.all().len(), 1);
                vault.engine.create_bucket(BUCKET).await.unwrap();
            }
        }
    }
}

#[tokio::test]
async fn a_cancelled_reader_releases_its_garbage() {
    let vault = Vault::memory().await;
    vault.multipart("a", ALICE, &parts()).await;
    let (object, _) = begin_reading(&vault).await;
    vault.put("a", "other", ALICE).await.unwrap();
    vault.engine.collect().await.unwrap();
    assert_eq!(vault.blobs().await.len(), 3);
    drop(object);
    vault.engine.collect().await.unwrap();
    assert_eq!(vault.blobs().await, []);
}

/// The collector runs in the background; the end of the reader wakes it.
#[tokio::test]
async fn the_end_of_a_reader_wakes_the_collector() {
    let vault = Vault::memory().await;
    vault.engine.spawn_collector();
    vault.multipart("a", ALICE, &parts()).await;
    let (object, first) = begin_reading(&vault).await;
    vault.delete("a").await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    assert_eq!(vault.blobs().await.len(), 3);
    assert!(read_to_end(object, first).await == parts().concat());
    for _ in 0..500 {
        if vault.blobs().await.is_empty() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("the garbage is left");
}

#[tokio::test]
async fn a_reader_finishes_although_the_content_changes_its_owner() {
    for versions in [false, true] {
        let vault = Vault::memory().await;
        if versions {
            vault.keep_versions().await;
        }
        vault.multipart("a", ALICE, &parts()).await;
        let (object, first) = begin_reading(&vault).await;
        // The content is shared with another version; both versions are deleted.
        vault.copy(copying("a", "a", MALLORY), ALICE).await.unwrap();
        for listed in vault.versions().await {
            vault.delete_version("a", listed.version).await.unwrap();
        }
        vault.engine.collect().await.unwrap();
        assert!(read_to_end(object, first).await == parts().concat());
        vault.is_empty_once_collected().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn readers_get_one_whole_version_while_multipart_objects_are_replaced() {
    for vault in Vault::each().await {
        let version = |number: u8| match number % 3 {
            0 => vec![vec![number; PART], vec![number; 10]],
            1 => vec![vec![number; PART + 1], vec![number; PART], vec![number; 100_000]],
            _ => vec![vec![number; 300_000]],
        };
        vault.put("a", vec![0; 10], ALICE).await.unwrap();
        let done = Arc::new(AtomicBool::new(false));
        let readers = (0..3).map(|reader| {
            let (engine, done) = (vault.engine.clone(), Arc::clone(&done));
            tokio::spawn(async move {
                while !done.load(Ordering::Relaxed) {
                    let range = (reader == 0).then_some(ByteRange::From(1, None));
                    let bytes = crate::support::vault::get(&engine, "a", ALICE, range)
                        .await
                        .unwrap();
                    let number = bytes[0];
                    assert!(
                        bytes.iter().all(|byte| *byte == number),
                        "the content mixes versions"
                    );
                }
            })
        });
        let readers: Vec<_> = readers.collect();
        for number in 1..16 {
            let parts = version(number).into_iter().map(Bytes::from);
            if number % 3 == 2 {
                let bytes = parts.collect::<Vec<_>>().concat();
                let put = request("a", bytes.len(), ALICE);
                vault.engine.put_object(put, body(bytes)).await.unwrap();
            } else {
                vault.multipart("a", ALICE, &parts.collect::<Vec<_>>()).await;
            }
            vault.engine.collect().await.unwrap();
        }
        done.store(true, Ordering::Relaxed);
        for reader in readers {
            reader.await.unwrap();
        }
        vault.delete("a").await.unwrap();
        vault.is_empty_once_collected().await;
    }
}

/// Damage in any part ends the content with an alarm.
#[tokio::test]
async fn content_ends_at_the_first_damaged_part() {
    let vault = Vault::memory().await;
    let parts = parts();
    vault.multipart("a", Protection::Unspecified, &parts).await;
    let right = parts.concat();
    for id in vault.blobs().await {
        let blob = vault.store.blobs.open(id).await.unwrap();
        let whole = blob.read(0..blob.length()).await.unwrap();
        for at in [0, 41, whole.len() - 1] {
            replace_blob(&vault, id, flipped(&whole, at)).await;
            let opened = open(&vault.engine, "a", Protection::Unspecified, None).await;
            let Ok(mut object) = opened else {
                assert!(is_alarm(&opened.map(drop)));
                continue;
            };
            let mut given = 0;
            let failed = loop {
                match object.content.next().await {
                    Some(Ok(piece)) => {
                        assert!(right[given..].starts_with(&piece), "wrong bytes");
                        given += piece.len();
                    }
                    Some(Err(error)) => break Err::<(), Error>(error),
                    None => panic!("the damage was not detected"),
                }
            };
            assert!(is_alarm(&failed), "{failed:?}");
            let more = object.content.next().await;
            assert!(more.is_none(), "content continues after the alarm");
        }
        replace_blob(&vault, id, whole).await;
    }
    assert!(vault.get("a", Protection::Unspecified).await.unwrap() == right);
}

async fn replace_blob(vault: &Vault, id: strongroom_store::BlobId, bytes: Bytes) {
    vault.store.blobs.delete(id).await.unwrap();
    let mut writer = vault.store.blobs.create(id).await.unwrap();
    writer.write(bytes).await.unwrap();
    writer.finish().await.unwrap();
}
