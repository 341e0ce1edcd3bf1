//! Failing stores: acknowledged objects stay whole, and nothing is left behind.

use crate::support::protection::{ALICE, Protection};
use crate::support::vault::{BUCKET, Vault, content, get, open};
use crate::support::waiting::wait_until;
use futures::StreamExt as _;
use strongroom_engine::background::stray_keys::KeysLookedAt;
use strongroom_engine::{Error, Result};
use strongroom_keys::Keyring;
use strongroom_seal::SystemRandom;
use strongroom_store::StoreError;
use strongroom_store::faulty::{Call, Effect, Fault, Faults};
use time::OffsetDateTime;

const LARGE: usize = 3_000_000;

async fn vault_with(faults: &Faults) -> Vault {
    Vault::through(|store| store.faulty(faults.clone())).await
}

fn failed<T: std::fmt::Debug>(outcome: &Result<T>) {
    assert!(
        matches!(outcome, Err(Error::Store(StoreError::Failed { .. }))),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn a_blob_that_fails_halfway_leaves_only_the_previous_object() {
    for (call, nth) in [
        (Call::CreateBlob, 1),
        (Call::WriteBlob, 1),
        (Call::WriteBlob, 2),
        (Call::WriteBlob, 3),
        (Call::FinishBlob, 1),
    ] {
        for effect in [Effect::Fail, Effect::FailAfter] {
            let faults = Faults::none();
            let vault = vault_with(&faults).await;
            vault.put("a", content(1, LARGE), ALICE).await.unwrap();
            let (rows, blobs) = (vault.rows().await, vault.blobs().await);
            faults.add(Fault { call, nth, effect });
            failed(&vault.put("a", content(2, LARGE), ALICE).await);
            assert_eq!(faults.struck(), 1, "{call:?} {nth}");
            vault.engine.collect().await.unwrap();
            assert_eq!(vault.blobs().await, blobs, "{call:?} {effect:?}");
            assert_eq!(vault.rows().await, rows);
            assert!(vault.get("a", ALICE).await.unwrap() == content(1, LARGE));
        }
    }
}

#[tokio::test]
async fn a_commit_that_fails_before_it_is_applied_changes_nothing_and_leaves_no_blob() {
    for size in [10, LARGE] {
        let faults = Faults::none();
        let vault = vault_with(&faults).await;
        vault.put("a", content(1, LARGE), ALICE).await.unwrap();
        let (rows, blobs) = (vault.rows().await, vault.blobs().await);
        faults.next(Call::Commit, Effect::Fail);
        failed(&vault.put("a", content(2, size), ALICE).await);
        faults.next(Call::Commit, Effect::Fail);
        failed(&vault.delete("a").await);
        vault.engine.collect().await.unwrap();
        assert_eq!(vault.rows().await, rows);
        assert_eq!(vault.blobs().await, blobs);
        assert!(vault.get("a", ALICE).await.unwrap() == content(1, LARGE));
    }
}

#[tokio::test]
async fn a_commit_with_unknown_result_never_removes_the_blob_of_a_visible_object() {
    for size in [10, LARGE] {
        let faults = Faults::none();
        let vault = vault_with(&faults).await;
        vault.put("a", content(1, LARGE), ALICE).await.unwrap();
        faults.next(Call::Commit, Effect::FailAfter);
        failed(&vault.put("a", content(2, size), ALICE).await);
        vault.engine.collect().await.unwrap();
        vault.engine.collect_orphans().await.unwrap();
        assert!(
            vault.get("a", ALICE).await.unwrap() == content(2, size),
            "the commit was applied"
        );
        assert_eq!(
            vault.blobs().await.len(),
            usize::from(size == LARGE),
            "the previous version is collected"
        );
        let second = vault.restarted().await;
        assert_eq!(second.collect_orphans().await.unwrap(), 0);
        assert!(get(&second, "a", ALICE, None).await.unwrap() == content(2, size));

        faults.next(Call::Commit, Effect::FailAfter);
        failed(&vault.delete("a").await);
        vault.engine.collect().await.unwrap();
        assert_eq!(vault.blobs().await, []);
        assert_eq!(vault.rows().await, []);
    }
}

#[tokio::test]
async fn a_blob_in_doubt_is_kept_until_its_row_can_be_read() {
    let faults = Faults::none();
    let vault = vault_with(&faults).await;
    faults.next(Call::Commit, Effect::FailAfter);
    failed(&vault.put("a", content(2, LARGE), ALICE).await);
    for _ in 0..3 {
        faults.next(Call::Commit, Effect::Fail);
        failed(&vault.engine.collect().await);
        assert_eq!(vault.engine.collect_orphans().await.unwrap(), 0);
    }
    vault.engine.collect().await.unwrap();
    assert!(vault.get("a", ALICE).await.unwrap() == content(2, LARGE));
}

#[tokio::test]
async fn a_failed_read_returns_an_error_and_the_next_one_succeeds() {
    let faults = Faults::none();
    let vault = vault_with(&faults).await;
    let right = content(1, 5 << 20);
    vault.put("a", right.clone(), ALICE).await.unwrap();
    for (call, nth) in [
        (Call::Get, 1),
        (Call::Get, 2),
        (Call::OpenBlob, 1),
        (Call::ReadBlob, 1),
    ] {
        faults.add(Fault {
            call,
            nth,
            effect: Effect::Fail,
        });
        failed(&open(&vault.engine, "a", ALICE, None).await.map(|_| ()));
        faults.clear();
    }
    for nth in 2..6 {
        for effect in [Effect::Fail, Effect::FlipBit, Effect::Truncate] {
            faults.add(Fault {
                call: Call::ReadBlob,
                nth,
                effect,
            });
            let mut object = open(&vault.engine, "a", ALICE, None).await.unwrap();
            let mut given = 0;
            let error = loop {
                match object.content.next().await {
                    Some(Ok(piece)) => {
                        assert!(right[given..].starts_with(&piece));
                        given += piece.len();
                    }
                    Some(Err(error)) => break error,
                    None => panic!("{effect:?} in read {nth} was not detected"),
                }
            };
            let expected = match effect {
                Effect::Fail => matches!(error, Error::Store(StoreError::Failed { .. })),
                _ => matches!(error, Error::Damaged(_)),
            };
            assert!(expected, "{effect:?}: {error:?}");
            assert!(object.content.next().await.is_none());
            faults.clear();
        }
    }
    assert!(vault.get("a", ALICE).await.unwrap() == right);
}

#[tokio::test]
async fn misread_rows_are_detected() {
    let faults = Faults::none();
    let vault = vault_with(&faults).await;
    vault.put("a", "small", ALICE).await.unwrap();
    // The rows of the current version, of the version and of the inline content.
    for nth in 1..=3 {
        for effect in [Effect::FlipBit, Effect::Truncate] {
            faults.add(Fault {
                call: Call::Get,
                nth,
                effect,
            });
            let outcome = vault.get("a", ALICE).await;
            assert!(matches!(outcome, Err(Error::Damaged(_))), "{outcome:?}");
            faults.clear();
        }
    }
    assert_eq!(vault.get("a", ALICE).await.unwrap(), b"small");
}

#[tokio::test]
async fn garbage_whose_collection_fails_is_collected_later() {
    let faults = Faults::none();
    let vault = vault_with(&faults).await;
    for call in [
        Call::DeleteBlob,
        Call::SyncDeletions,
        Call::Commit,
        Call::Scan,
        Call::Generation,
    ] {
        for effect in [Effect::Fail, Effect::FailAfter] {
            vault.put("a", content(1, LARGE), ALICE).await.unwrap();
            vault.delete("a").await.unwrap();
            faults.next(call, effect);
            failed(&vault.engine.collect().await);
            vault.engine.collect().await.unwrap();
            assert_eq!(vault.blobs().await, [], "{call:?} {effect:?}");
            assert_eq!(vault.rows().await, []);
        }
    }
}

#[tokio::test]
async fn a_bucket_whose_deletion_fails_at_any_call_is_deleted_or_whole() {
    for (call, nth) in [
        (Call::Commit, 1),
        (Call::Commit, 2),
        (Call::Get, 1),
        (Call::RemoveEnvelopes, 1),
    ] {
        for effect in [Effect::Fail, Effect::FailAfter] {
            let faults = Faults::none();
            let vault = vault_with(&faults).await;
            faults.add(Fault { call, nth, effect });
            failed(&vault.engine.delete_bucket(BUCKET).await);
            faults.clear();
            match vault.engine.head_bucket(BUCKET).await {
                Ok(_) => vault
                    .engine
                    .delete_bucket(BUCKET)
                    .await
                    .expect("the bucket is whole"),
                Err(Error::NoSuchBucket(_)) => {}
                Err(error) => panic!("{error:?}"),
            }
            vault.engine.create_bucket(BUCKET).await.unwrap();
            vault.put("a", "x", ALICE).await.unwrap();
            assert_eq!(vault.get("a", ALICE).await.unwrap(), b"x");
            vault.engine.collect().await.unwrap();
            assert_eq!(vault.partitions.all().len(), 2, "{call:?} {nth} {effect:?}");
        }
    }
}

#[tokio::test]
async fn a_key_roll_that_fails_at_any_call_resumes() {
    for (call, times) in [
        (Call::AddEnvelope, 4),
        (Call::Commit, 3),
        (Call::KeepOnlyEnvelope, 4),
    ] {
        for (nth, effect) in (1..=times).flat_map(|nth| [(nth, Effect::Fail), (nth, Effect::FailAfter)]) {
            let how = format!("{call:?} {nth} {effect:?}");
            let faults = Faults::none();
            let vault = vault_with(&faults).await;
            for bucket in ["aaa", "zzz"] {
                vault.engine.create_bucket(bucket).await.unwrap();
            }
            vault.put("a", "x", Protection::Unspecified).await.unwrap();
            let keyring = Keyring::read(&vault.directory.path().join("keyring")).unwrap();
            let before = keyring.current_id().unwrap();
            let after = keyring
                .roll(OffsetDateTime::UNIX_EPOCH, &SystemRandom::default())
                .unwrap();
            let engine = vault
                .restarted_through(|store| store.faulty(faults.clone()))
                .await;
            faults.add(Fault { call, nth, effect });
            failed(&engine.roll_master(|_| {}).await);
            faults.clear();
            // All keys still open, whichever envelope a row names now.
            let next = vault.restarted().await;
            for bucket in ["aaa", BUCKET, "zzz"] {
                next.head_bucket(bucket).await.expect(&how);
            }
            let left = engine.wrapped_by_master(&before).await.unwrap();
            assert!(
                (1..=4).contains(&left) || effect == Effect::FailAfter,
                "{how}: {left}"
            );
            let rolled = engine.roll_master(|_| {}).await.unwrap();
            assert_eq!((rolled.keys, rolled.seen), (4, 4), "{how}");
            assert_eq!(engine.wrapped_by_master(&before).await.unwrap(), 0, "{how}");
            assert_eq!(
                engine.wrapped_by_master(&after).await.unwrap(),
                4,
                "{how}: each has one envelope"
            );
            assert_eq!(vault.get("a", Protection::Unspecified).await.unwrap(), b"x");
            let looked = next.look_at_keys().await.unwrap();
            assert_eq!(looked, KeysLookedAt::default(), "{how}");
        }
    }
}

/// The key of a bucket whose deletion was acknowledged, or found complete later, is in no key file.
#[tokio::test]
async fn a_shred_that_fails_at_any_call_is_finished_by_the_next_process() {
    for (call, nth) in [(Call::Commit, 1), (Call::Commit, 2), (Call::RemoveEnvelopes, 1)] {
        for effect in [Effect::Fail, Effect::FailAfter] {
            let how = format!("{call:?} {nth} {effect:?}");
            let faults = Faults::none();
            let vault = vault_with(&faults).await;
            faults.add(Fault { call, nth, effect });
            failed(&vault.engine.shred_bucket(BUCKET, false).await);
            faults.clear();
            let next = vault.restarted().await;
            next.look_at_keys().await.unwrap();
            let is_there = vault.has_row_of_bucket().await;
            let keys = number_of_keys(&vault).await;
            assert_eq!(keys, usize::from(is_there), "{how}: a key without a bucket");
            next.spawn_collector();
            if (call, nth, effect) == (Call::Commit, 1, Effect::Fail) {
                // It was not closed.
                next.shred_bucket(BUCKET, false).await.unwrap();
            }
            wait_until("the key stays", async || number_of_keys(&vault).await == 0).await;
        }
    }
}

async fn number_of_keys(vault: &Vault) -> usize {
    let mut count = 0;
    for first in 0..=u8::MAX {
        count += vault.store.keys.of_partitions(first).await.unwrap().len();
    }
    count
}

/// A key that is to be dropped must not stay until a request names the bucket.
#[tokio::test]
async fn a_bucket_left_closed_by_one_process_is_dropped_by_the_next() {
    let faults = Faults::none();
    let vault = vault_with(&faults).await;
    vault
        .put("a", content(1, LARGE), Protection::Unspecified)
        .await
        .unwrap();
    let (call, nth, effect) = (Call::Commit, 2, Effect::Fail);
    faults.add(Fault { call, nth, effect });
    failed(&vault.engine.shred_bucket(BUCKET, false).await);
    faults.clear();
    assert!(vault.has_row_of_bucket().await, "its key still exists");
    let is_shred = |line: &String| line.contains("shred Bucket");
    assert!(!vault.audit.take().iter().any(is_shred));

    let next = vault.restarted().await;
    next.spawn_collector();
    wait_until("the bucket is half there", async || {
        !vault.has_row_of_bucket().await
    })
    .await;
    wait_until("its blobs stay", async || vault.blobs().await.is_empty()).await;
    assert_eq!(vault.audit.take().iter().filter(|line| is_shred(line)).count(), 1);
}

#[tokio::test]
async fn a_bucket_whose_creation_fails_can_be_created_again() {
    for call in [Call::AddEnvelope, Call::CreatePartition, Call::Commit, Call::Get] {
        for effect in [Effect::Fail, Effect::FailAfter] {
            let faults = Faults::none();
            let vault = vault_with(&faults).await;
            faults.next(call, effect);
            failed(&vault.engine.create_bucket("another").await);
            match vault.engine.create_bucket("another").await {
                Ok(()) | Err(Error::BucketExists(_)) => {}
                Err(error) => panic!("{error:?}"),
            }
            vault.engine.delete_bucket("another").await.unwrap();
        }
    }
}
