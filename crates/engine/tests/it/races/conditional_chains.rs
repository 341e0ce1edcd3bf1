//! Chains of conditional writes by concurrent clients: no update is lost.

use crate::support::copying::copying;
use crate::support::protection::{ALICE, MALLORY, Protection};
use crate::support::uploading::{Upload, listing};
use crate::support::vault::{BUCKET, Vault, body, get, new_object, request};
use futures::future::join_all;
use strongroom_engine::model::condition::{DeleteConditions, EtagCondition, WriteConditions};
use strongroom_engine::object::copy::CopyObject;
use strongroom_engine::object::delete::DeleteObject;
use strongroom_engine::object::get::ReadObject;
use strongroom_engine::upload::BeginUpload;
use strongroom_engine::{Engine, Error, Result};

const PLAIN: Protection = Protection::Unspecified;

fn only(etag: &str) -> EtagCondition {
    EtagCondition::OneOf(vec![etag.to_owned()])
}

fn if_match(etag: &str) -> WriteConditions {
    WriteConditions {
        if_match: Some(only(etag)),
        must_be_new: false,
    }
}

/// Replaces the object with this `ETag` by one that holds a number; `way` selects put, completion or copy.
async fn write(engine: &Engine, way: usize, etag: &str, number: u64, scratch: &str) -> Result<()> {
    // All objects have different bytes, so an ETag identifies one of them.
    let bytes = format!("{number}");
    match way % 3 {
        0 => {
            let mut put = request("counter", bytes.len(), PLAIN);
            put.conditions = if_match(etag);
            engine.put_object(put, body(bytes)).await.map(drop)
        }
        1 => {
            let begin = BeginUpload {
                object: new_object(BUCKET, "counter", PLAIN),
                checksum: None,
                initiator: None,
            };
            let upload = Upload::begin(engine, begin, PLAIN).await?;
            let part = upload.part(1, bytes).await?;
            let mut completion = upload.completion(&[listing(1, &part)]);
            completion.conditions = if_match(etag);
            let completed = engine.complete_upload(completion).await.map(drop);
            if completed.is_err() {
                upload.abort().await?;
            }
            completed
        }
        _ => {
            engine
                .put_object(request(scratch, bytes.len(), PLAIN), body(bytes))
                .await?;
            let copy = CopyObject {
                conditions: if_match(etag),
                ..copying(scratch, "counter", PLAIN)
            };
            let copied = engine.copy_object(copy, || PLAIN.on_read()).await;
            copied.map(drop)
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_counter_under_if_match_loses_no_increment() {
    for vault in Vault::each().await {
        for versions in [false, true] {
            if versions {
                vault.keep_versions().await;
            }
            vault.put("counter", "0", PLAIN).await.unwrap();
            let tasks = (0..6_usize).map(|task| {
                let engine = vault.engine.clone();
                tokio::spawn(async move {
                    let mut counted = 0;
                    while counted < 8 {
                        let read = crate::support::vault::reading("counter");
                        let object = engine.get_object(&read, || PLAIN.on_read()).await.unwrap();
                        let etag = object.info.etag.clone();
                        let bytes = crate::support::vault::whole(object).await.unwrap();
                        let number: u64 = String::from_utf8(bytes).unwrap().parse().unwrap();
                        let scratch = format!("scratch {task}");
                        match write(&engine, task + counted, &etag, number + 1, &scratch).await {
                            Ok(()) => counted += 1,
                            Err(Error::PreconditionFailed("If-Match")) => {}
                            Err(error) => panic!("{error:?}"),
                        }
                    }
                })
            });
            for task in join_all(tasks.collect::<Vec<_>>()).await {
                task.unwrap();
            }
            let counted = get(&vault.engine, "counter", PLAIN, None).await.unwrap();
            assert_eq!(counted, b"48");
            if versions {
                let all = vault.versions().await;
                let of_counter = all.iter().filter(|listed| listed.object.key == "counter");
                assert_eq!(of_counter.count(), 50, "each count and both initial objects");
            }
        }
        vault.emptied().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn exactly_one_of_many_conditional_deletions_succeeds() {
    for vault in Vault::each().await {
        for versions in [false, true] {
            if versions {
                vault.keep_versions().await;
            }
            let etag = vault.put("a", "x", ALICE).await.unwrap().committed.etag;
            let deletes = (0..32).map(|_| {
                let engine = vault.engine.clone();
                let delete = DeleteObject {
                    key: "a".to_owned(),
                    conditions: DeleteConditions {
                        if_match: Some(only(&etag)),
                        ..DeleteConditions::default()
                    },
                    ..DeleteObject::default()
                };
                tokio::spawn(async move { engine.delete_object(BUCKET, &delete).await })
            });
            let mut done = 0;
            for outcome in join_all(deletes.collect::<Vec<_>>()).await {
                match outcome.unwrap() {
                    Ok(_) => done += 1,
                    // The delete marker of the one that succeeds fails every condition.
                    Err(Error::NoSuchKey(_)) if !versions => {}
                    Err(Error::PreconditionFailed(_)) if versions => {}
                    Err(error) => panic!("{error:?}"),
                }
            }
            assert_eq!(done, 1);
            assert_eq!(vault.versions().await.len(), if versions { 2 } else { 0 });
            vault.emptied().await;
        }
    }
}

/// Concurrent key changes of one object under `If-Match`. The `ETag` stays the same when the key changes, so each copy
/// must send the current key of the source.
#[tokio::test]
async fn a_key_change_needs_the_current_key() {
    let vault = Vault::memory().await;
    let etag = vault.put("a", "x", ALICE).await.unwrap().committed.etag;
    let change = async |from: Protection, to| {
        let copy = CopyObject {
            conditions: if_match(&etag),
            ..copying("a", "a", to)
        };
        vault.copy(copy, from).await
    };
    let first = change(ALICE, MALLORY).await.unwrap();
    assert_eq!(first.committed.etag, etag);
    let late = change(ALICE, MALLORY).await;
    assert!(matches!(late, Err(Error::Encryption(_))), "{late:?}");
    change(MALLORY, ALICE).await.unwrap();
    let read = ReadObject {
        conditions: strongroom_engine::model::condition::ReadConditions {
            if_match: Some(only(&etag)),
            ..Default::default()
        },
        ..crate::support::vault::reading("a")
    };
    assert_eq!(vault.read(&read, ALICE).await.unwrap(), b"x");
}
