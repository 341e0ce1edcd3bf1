//! Uploads ended by a crash, the deletion of their bucket or a disconnected client: nothing of them is left.

use crate::support::gated_store::{Gates, InFlight};
use crate::support::protection::{ALICE, Protection};
use crate::support::uploading::{PART, Upload, bulk, listing};
use crate::support::vault::{BUCKET, Vault, get};
use std::time::Duration;
use strongroom_engine::encryption::EncryptionHeaders;
use strongroom_engine::{Engine, Error};
use strongroom_store::faulty::{Call, Effect, Fault, Faults};

const PLAIN: Protection = Protection::Unspecified;

/// Lets a restarted engine collect garbage until `blobs` blobs are left.
async fn collected(engine: &Engine, vault: &Vault, blobs: usize) {
    engine.spawn_collector();
    for _ in 0..500 {
        tokio::time::sleep(Duration::from_millis(5)).await;
        let kinds = vault.kinds_of_rows().await;
        let left = kinds.iter().any(|kind| kind == "garbage" || kind == "spent");
        if !left && vault.blobs().await.len() == blobs {
            return;
        }
    }
    let kinds = vault.kinds_of_rows().await;
    panic!(
        "{} blobs instead of {blobs}, {kinds:?}",
        vault.blobs().await.len()
    );
}

impl Upload {
    /// Returns the same upload on another engine.
    fn at(&self, engine: &Engine) -> Self {
        Self {
            engine: engine.clone(),
            ..self.clone()
        }
    }
}

/// Interrupts an upload by a crash at its nth call of a kind, and returns whether the fault was reached.
async fn crashes(call: Call, nth: u64, effect: Effect) -> bool {
    let vault = Vault::memory().await;
    vault.put("a", bulk(9, 70_000), ALICE).await.unwrap();
    vault.engine.collect().await.unwrap();
    let faults = Faults::none();
    let engine = vault
        .restarted_through(|store| store.faulty(faults.clone()))
        .await;
    engine.head_bucket(BUCKET).await.unwrap();
    faults.add(Fault { call, nth, effect });
    let mut upload = None;
    let done = async {
        let begin = strongroom_engine::upload::BeginUpload {
            object: crate::support::vault::new_object(BUCKET, "a", ALICE),
            checksum: None,
            initiator: None,
        };
        let new = Upload::begin(&engine, begin, ALICE).await?;
        upload = Some(new.clone());
        let first = new.part(1, bulk(1, PART)).await?;
        new.part(2, bulk(2, 70_000)).await?;
        let second = new.part(2, bulk(3, 80_000)).await?;
        new.part(3, bulk(4, 70_000)).await?;
        new.complete(&[listing(1, &first), listing(2, &second)]).await
    };
    let done = done.await;
    let struck = faults.struck() > 0;
    assert_eq!(done.is_err(), struck, "{call:?} {nth} {effect:?}: {done:?}");
    // The process ends and another one starts.
    drop(engine);
    let second = vault.restarted().await;
    let whole = [bulk(1, PART), bulk(3, 80_000)].concat();
    let got = get(&second, "a", ALICE, None).await.unwrap();
    let completed = got == whole;
    assert!(
        completed || got == bulk(9, 70_000),
        "neither of the two versions, whole"
    );
    if let Some(upload) = upload.filter(|_| !completed) {
        let aborted = upload.at(&second).abort().await;
        assert!(aborted.is_ok() || effect == Effect::FailAfter, "{aborted:?}");
    } else if !completed {
        // The upload exists although its response was lost; a client that lists it can abort it.
        let list = strongroom_engine::upload::ListUploads {
            limit: 9,
            ..Default::default()
        };
        for entry in second.list_uploads(BUCKET, &list).await.unwrap().entries {
            let strongroom_engine::object::walk::Entry::Item(listed) = entry else {
                panic!("{entry:?}")
            };
            let name = strongroom_engine::upload::UploadName {
                bucket: BUCKET.to_owned(),
                key: listed.key,
                id: listed.id,
            };
            second.abort_upload(&name).await.unwrap();
        }
    }
    collected(&second, &vault, if completed { 2 } else { 1 }).await;
    crate::support::vault::delete(&second, "a").await.unwrap();
    collected(&second, &vault, 0).await;
    assert_eq!(vault.rows().await, [], "{call:?} {nth} {effect:?}");
    struck
}

#[tokio::test]
async fn a_crash_at_any_point_of_an_upload_leaves_the_whole_object_or_nothing() {
    for call in [Call::Commit, Call::CreateBlob, Call::WriteBlob, Call::FinishBlob] {
        for effect in [Effect::Fail, Effect::FailAfter] {
            let mut nth = 1;
            while crashes(call, nth, effect).await {
                nth += 1;
            }
            assert!(nth > 4, "{call:?} failed {nth} times");
        }
    }
}

#[tokio::test]
async fn an_upload_continues_after_a_restart() {
    for vault in Vault::each().await {
        for protection in [PLAIN, ALICE] {
            let upload = vault.begin("a", protection).await;
            let first = upload.part(1, bulk(1, PART)).await.unwrap();
            let second = vault.restarted().await;
            second.collect_orphans().await.unwrap();
            second.collect().await.unwrap();
            let upload = upload.at(&second);
            let last = upload.part(2, bulk(2, 10)).await.unwrap();
            let third = vault.restarted().await;
            third.collect_orphans().await.unwrap();
            let upload = upload.at(&third);
            upload
                .complete(&[listing(1, &first), listing(2, &last)])
                .await
                .unwrap();
            let whole = [bulk(1, PART), bulk(2, 10)].concat();
            assert!(get(&third, "a", protection, None).await.unwrap() == whole);
        }
    }
}

#[tokio::test]
async fn a_cancelled_part_leaves_nothing_and_the_upload_continues() {
    let gates = Gates::open();
    let vault = Vault::through(|store| gates.before(store)).await;
    let upload = vault.begin("a", ALICE).await;
    for gate in [&gates.blobs, &gates.commits] {
        gate.close();
        let part = {
            let upload = upload.clone();
            InFlight::start(async move { upload.part(1, bulk(1, 70_000)).await })
        };
        gate.reached().await;
        part.give_up().await;
        gate.open();
    }
    // The commit of the last part succeeded after its client had disconnected.
    let mut listed = Vec::new();
    for _ in 0..200 {
        vault.engine.collect().await.unwrap();
        listed = vault
            .engine
            .list_parts(&upload.name, 0, 9, EncryptionHeaders::default())
            .await
            .unwrap()
            .parts;
        if listed.len() == 1 && vault.blobs().await.len() == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!((listed.len(), vault.blobs().await.len()), (1, 1));
    let part = upload.part(1, bulk(2, 70_000)).await.unwrap();
    upload.complete(&[listing(1, &part)]).await.unwrap();
    assert!(vault.get("a", ALICE).await.unwrap() == bulk(2, 70_000));
    vault.delete("a").await.unwrap();
    vault.is_empty_once_collected().await;
}

/// The client disconnects but the commit succeeds: the collector must learn of the unused parts.
#[tokio::test]
async fn a_completion_cancelled_at_its_commit_leaves_no_unused_part() {
    let gates = Gates::open();
    let vault = Vault::through(|store| gates.before(store)).await;
    let upload = vault.begin("a", ALICE).await;
    let part = upload.part(1, bulk(1, 70_000)).await.unwrap();
    upload.part(2, bulk(2, 70_000)).await.unwrap();
    gates.commits.close();
    let completing = {
        let upload = upload.clone();
        InFlight::start(async move { upload.complete(&[listing(1, &part)]).await })
    };
    gates.commits.reached().await;
    completing.give_up().await;
    gates.commits.open();
    for _ in 0..100 {
        vault.engine.collect().await.unwrap();
        if vault.blobs().await.len() == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(vault.get("a", ALICE).await.unwrap() == bulk(1, 70_000));
    assert_eq!(vault.blobs().await.len(), 1);
}

#[tokio::test]
async fn deleting_a_bucket_deletes_its_uploads_in_progress() {
    for vault in Vault::each().await {
        let upload = vault.begin("a", ALICE).await;
        let part = upload.part(1, bulk(1, 70_000)).await.unwrap();
        vault.engine.delete_bucket(BUCKET).await.unwrap();
        vault.engine.create_bucket(BUCKET).await.unwrap();
        for outcome in [
            upload.part(2, "x").await.map(drop),
            upload.complete(&[listing(1, &part)]).await.map(drop),
            upload.abort().await,
        ] {
            assert!(matches!(outcome, Err(Error::NoSuchUpload(_))), "{outcome:?}");
        }
        vault.is_empty_once_collected().await;
        assert_eq!(vault.partitions.all().len(), 2, "the root and the new bucket");
    }
}

#[tokio::test]
async fn a_part_in_flight_into_a_deleted_bucket_leaves_nothing() {
    let gates = Gates::open();
    let vault = Vault::through(|store| gates.before(store)).await;
    let upload = vault.begin("a", ALICE).await;
    gates.blobs.close();
    let part = {
        let upload = upload.clone();
        InFlight::start(async move { upload.part(1, bulk(1, 70_000)).await })
    };
    gates.blobs.reached().await;
    let engine = vault.engine.clone();
    engine.delete_bucket(BUCKET).await.unwrap();
    gates.blobs.open();
    let refused = part.end().await;
    assert!(matches!(refused, Err(Error::NoSuchBucket(_))), "{refused:?}");
    vault.is_empty_once_collected().await;
    assert_eq!(vault.partitions.all().len(), 1);
}
