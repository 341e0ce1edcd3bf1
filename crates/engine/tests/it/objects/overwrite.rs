//! Overwriting and deleting during reads: each reader gets one whole version.

use crate::support::protection::{ALICE, Protection};
use crate::support::vault::{BUCKET, Vault, body, content, delete, get, open, request};
use futures::{StreamExt as _, TryStreamExt as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use strongroom_engine::Error;

/// Returns content whose every byte identifies the version; inline and blob sizes alternate.
fn version(number: u64) -> Vec<u8> {
    let size = [10, 70_000, 1_200_000, 65_480][usize::try_from(number % 4).unwrap()];
    vec![u8::try_from(number % 251).unwrap(); size]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn readers_get_one_whole_version_while_it_is_overwritten_and_collected() {
    for vault in Vault::each().await {
        vault.put("a", version(0), ALICE).await.unwrap();
        let done = Arc::new(AtomicBool::new(false));
        let readers = (0..4).map(|_| {
            let (engine, done) = (vault.engine.clone(), Arc::clone(&done));
            tokio::spawn(async move {
                let mut reads = 0_u64;
                while !done.load(Ordering::Relaxed) || reads == 0 {
                    let bytes = get(&engine, "a", ALICE, None).await.unwrap();
                    let number = bytes[0];
                    assert!(bytes.iter().all(|b| *b == number), "the content mixes versions");
                    assert!(
                        (0..4).any(|kind| version(kind).len() == bytes.len()),
                        "{} bytes",
                        bytes.len()
                    );
                    reads += 1;
                    tokio::task::yield_now().await;
                }
                reads
            })
        });
        let readers: Vec<_> = readers.collect();
        for number in 1..80 {
            vault.put("a", version(number), ALICE).await.unwrap();
            vault.engine.collect().await.unwrap();
        }
        done.store(true, Ordering::Relaxed);
        for reader in readers {
            assert!(reader.await.unwrap() > 0);
        }
        vault.engine.collect().await.unwrap();
        vault.delete("a").await.unwrap();
        vault.engine.collect().await.unwrap();
        assert_eq!(vault.blobs().await, []);
        assert_eq!(vault.rows().await, []);
    }
}

#[tokio::test]
async fn a_reader_finishes_its_version_after_it_was_deleted() {
    for vault in Vault::each().await {
        let bytes = content(1, 4 << 20);
        vault.put("a", bytes.clone(), ALICE).await.unwrap();
        let mut object = open(&vault.engine, "a", ALICE, None).await.unwrap();
        let first = object.content.next().await.unwrap().unwrap();

        vault.delete("a").await.unwrap();
        vault.engine.collect().await.unwrap();
        assert_eq!(vault.blobs().await, []);
        let rest: Vec<_> = object.content.try_collect().await.unwrap();
        assert!([&first[..], &rest.concat()].concat() == bytes);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_puts_and_deletes_of_one_key_leave_correct_rows_and_counters() {
    for vault in Vault::each().await {
        let tasks = (0..24_u64).map(|number| {
            let engine = vault.engine.clone();
            tokio::spawn(async move {
                for round in 0..4 {
                    if number % 2 == 0 {
                        let bytes = version(number + round);
                        let put = request("a", bytes.len(), Protection::Unspecified);
                        engine.put_object(put, body(bytes)).await.unwrap();
                    } else {
                        delete(&engine, "a").await.unwrap();
                    }
                }
            })
        });
        for task in tasks.collect::<Vec<_>>() {
            task.await.unwrap();
        }
        match vault.get("a", Protection::Unspecified).await {
            Ok(_) => {
                let refused = vault.engine.delete_bucket(BUCKET).await;
                assert!(matches!(refused, Err(Error::BucketNotEmpty(_))), "{refused:?}");
                vault.delete("a").await.unwrap();
            }
            Err(Error::NoSuchKey(_)) => {}
            Err(error) => panic!("{error:?}"),
        }
        vault.engine.collect().await.unwrap();
        assert_eq!(vault.rows().await, []);
        assert_eq!(vault.blobs().await, []);
        vault
            .engine
            .delete_bucket(BUCKET)
            .await
            .expect("the counter is back at 0");
    }
}

#[tokio::test]
async fn deleting_a_missing_object_succeeds() {
    let vault = Vault::memory().await;
    vault.delete("a").await.unwrap();
    vault.put("a", "x", Protection::Unspecified).await.unwrap();
    vault.delete("a").await.unwrap();
    vault.delete("a").await.unwrap();
    vault.engine.delete_bucket(BUCKET).await.unwrap();
}
