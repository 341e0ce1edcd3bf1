//! Readers of objects of several parts: whatever happens to the object, they end with what they began.

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
use strongroom_engine::condition::RangeAsked;
use strongroom_engine::get::Object;

fn parts() -> [Bytes; 3] {
    [bulk(1, PART), bulk(2, PART + 1), bulk(3, 70_000)]
}

/// Takes the first piece of an object's content.
async fn begun(vault: &Vault) -> (Object, Bytes) {
    let mut object = open(&vault.engine, "a", ALICE, None).await.unwrap();
    let first = object.content.next().await.unwrap().unwrap();
    (object, first)
}

async fn ended(object: Object, first: Bytes) -> Vec<u8> {
    let rest: Vec<_> = object.content.try_collect().await.unwrap();
    [&first[..], &rest.concat()].concat()
}

#[tokio::test]
async fn a_reader_ends_though_its_version_is_deleted_and_collected() {
    for vault in Vault::each().await {
        for deletes_bucket in [false, true] {
            vault.multipart("a", ALICE, &parts()).await;
            let (object, first) = begun(&vault).await;
            let (other, of_other) = begun(&vault).await;
            vault.delete("a").await.unwrap();
            for _ in 0..3 {
                vault.engine.collect().await.unwrap();
            }
            if deletes_bucket {
                vault.engine.delete_bucket(BUCKET).await.unwrap();
                vault.engine.collect().await.unwrap();
                vault.engine.collect_orphans().await.unwrap();
            }
            assert!(ended(object, first).await == parts().concat());
            // One of two readers is left.
            vault.engine.collect().await.unwrap();
            assert_eq!(vault.blobs().await.len(), 3);
            assert!(ended(other, of_other).await == parts().concat());
            vault.is_empty_once_collected().await;
            if deletes_bucket {
                assert_eq!(vault.ledger.partitions().len(), 1);
                vault.engine.create_bucket(BUCKET).await.unwrap();
            }
        }
    }
}

#[tokio::test]
async fn a_reader_that_gives_up_lets_the_garbage_go() {
    let vault = Vault::memory().await;
    vault.multipart("a", ALICE, &parts()).await;
    let (object, _) = begun(&vault).await;
    vault.put("a", "other", ALICE).await.unwrap();
    vault.engine.collect().await.unwrap();
    assert_eq!(vault.blobs().await.len(), 3);
    drop(object);
    vault.engine.collect().await.unwrap();
    assert_eq!(vault.blobs().await, []);
}

/// The collector runs by itself: the end of the reader wakes it.
#[tokio::test]
async fn the_end_of_a_reader_wakes_the_collector() {
    let vault = Vault::memory().await;
    vault.engine.spawn_collector();
    vault.multipart("a", ALICE, &parts()).await;
    let (object, first) = begun(&vault).await;
    vault.delete("a").await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    assert_eq!(vault.blobs().await.len(), 3);
    assert!(ended(object, first).await == parts().concat());
    for _ in 0..500 {
        if vault.blobs().await.is_empty() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("the garbage is left");
}

#[tokio::test]
async fn a_reader_ends_though_the_content_changed_hands() {
    for versions in [false, true] {
        let vault = Vault::memory().await;
        if versions {
            vault.keep_versions().await;
        }
        vault.multipart("a", ALICE, &parts()).await;
        let (object, first) = begun(&vault).await;
        // The content goes to another version, which is deleted, and so is the first one.
        vault.copy(copying("a", "a", MALLORY), ALICE).await.unwrap();
        for listed in vault.versions().await {
            vault.delete_version("a", listed.version).await.unwrap();
        }
        vault.engine.collect().await.unwrap();
        assert!(ended(object, first).await == parts().concat());
        vault.is_empty_once_collected().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn readers_see_one_whole_version_while_multipart_objects_are_replaced() {
    for vault in Vault::each().await {
        let version = |number: u8| match number % 3 {
            0 => vec![vec![number; PART], vec![number; 10]],
            1 => vec![vec![number; PART + 1], vec![number; PART], vec![number; 100_000]],
            _ => vec![vec![number; 300_000]],
        };
        vault.put("a", vec![0; 10], ALICE).await.unwrap();
        let done = Arc::new(AtomicBool::new(false));
        let readers = (0..3).map(|reader| {
            let (engine, done) = (Arc::clone(&vault.engine), Arc::clone(&done));
            tokio::spawn(async move {
                while !done.load(Ordering::Relaxed) {
                    let range = (reader == 0).then_some(RangeAsked::From(1, None));
                    let bytes = crate::support::vault::get(&engine, "a", ALICE, range)
                        .await
                        .unwrap();
                    let number = bytes[0];
                    assert!(bytes.iter().all(|byte| *byte == number), "a mixture");
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

/// Damage in any part raises the alarm, and nothing comes after it.
#[tokio::test]
async fn after_an_alarm_in_one_part_none_of_the_next_comes() {
    let vault = Vault::memory().await;
    let parts = parts();
    vault.multipart("a", Protection::Unasked, &parts).await;
    let right = parts.concat();
    for id in vault.blobs().await {
        let blob = vault.store.blobs.open(id).await.unwrap();
        let whole = blob.read(0..blob.length()).await.unwrap();
        for at in [0, 41, whole.len() - 1] {
            replace_blob(&vault, id, flipped(&whole, at)).await;
            let opened = open(&vault.engine, "a", Protection::Unasked, None).await;
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
                    None => panic!("nothing was noticed"),
                }
            };
            assert!(is_alarm(&failed), "{failed:?}");
            let more = object.content.next().await;
            assert!(more.is_none(), "goes on after the alarm");
        }
        replace_blob(&vault, id, whole).await;
    }
    assert!(vault.get("a", Protection::Unasked).await.unwrap() == right);
}

async fn replace_blob(vault: &Vault, id: strongroom_store::BlobId, bytes: Bytes) {
    vault.store.blobs.delete(id).await.unwrap();
    let mut writer = vault.store.blobs.create(id).await.unwrap();
    writer.write(bytes).await.unwrap();
    writer.finish().await.unwrap();
}
