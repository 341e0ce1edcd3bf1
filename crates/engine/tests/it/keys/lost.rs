//! Master keys that are lost, and what is needed before one may be deleted.

use crate::support::gated_store::{Gates, Underway};
use crate::support::protection::Protection;
use crate::support::tampering::write;
use crate::support::vault::{BUCKET, Vault, body, request};
use bytes::Bytes;
use std::sync::Arc;
use std::time::Duration;
use strongroom_engine::verify::Verify;
use strongroom_engine::{Error, Mode};
use strongroom_keys::Keyring;
use strongroom_seal::SystemRandom;
use strongroom_store::PartitionId;

const LOST: &str = "lost";

#[tokio::test]
async fn a_bucket_whose_master_key_is_lost_is_reported_and_named() {
    let vault = Vault::memory().await;
    vault.put("a", "kept", Protection::Unasked).await.unwrap();
    let random = SystemRandom::default();
    let keyring = Keyring::read(&vault.directory.path().join("keyring")).unwrap();
    let roll = || keyring.roll(time::OffsetDateTime::UNIX_EPOCH, &random).unwrap();
    let lost = roll();
    let engine = vault.restarted().await;
    engine.create_bucket(LOST).await.unwrap();
    let mut put = request("b", 4, Protection::Unasked);
    put.object.bucket = LOST.to_owned();
    engine.put_object(put, body("gone")).await.unwrap();
    roll();
    keyring.retire(&lost, &random).unwrap();
    keyring.delete_master(&lost, &random).unwrap();

    let engine = vault.restarted().await;
    let report = engine.report_keys(|_| {}).await.unwrap();
    let told: Vec<_> = report
        .usage
        .iter()
        .map(|usage| (usage.bucket.as_str(), usage.mode, usage.versions))
        .collect();
    assert_eq!(told, [(LOST, Mode::S3, 1), (BUCKET, Mode::S3, 1)]);
    assert_eq!(report.usage[0].key_version, lost);

    let found = engine.verify(&Verify::default(), |_| {}).await.unwrap();
    assert_eq!((found.opened, found.damaged), (1, 1));
    assert_eq!(
        (&*found.findings[0].bucket, &*found.findings[0].object),
        (LOST, "")
    );
    assert!(found.findings[0].what.contains(&lost), "{:?}", found.findings);
    let alone = Verify {
        bucket: Some(LOST.to_owned()),
        ..Verify::default()
    };
    vault.noted.take();
    let refused = engine.verify(&alone, |_| {}).await;
    assert!(matches!(refused, Err(Error::Keyring(_))), "{refused:?}");
    let rolled = engine.roll_master(|_| {}).await;
    assert!(matches!(rolled, Err(Error::Keyring(_))), "{rolled:?}");
    let noted = vault.noted.take();
    let refusals = noted
        .iter()
        .filter(|line| line.contains("refuse Bucket") && line.contains(&lost));
    assert_eq!(refusals.count(), 2, "{noted:?}");

    let told = engine.lost_masters().await.unwrap();
    assert_eq!(Vec::from_iter(told), [(lost, vec![LOST.to_owned()])]);
    engine
        .shred_bucket(LOST, false)
        .await
        .expect("no key is needed to drop one");
    assert!(engine.lost_masters().await.unwrap().is_empty());
}

/// What is looked at when there is damage must not end at it; and nobody knows which master key the damaged row needs.
#[tokio::test]
async fn a_bucket_whose_row_is_damaged_is_named_and_holds_up_no_other() {
    let vault = Vault::memory().await;
    vault.put("a", "kept", Protection::Unasked).await.unwrap();
    let (first, last) = ("aaa", "zzz");
    for bucket in [first, last] {
        vault.engine.create_bucket(bucket).await.unwrap();
    }
    let row = Bytes::from_static(b"bucket/aaa");
    write(&vault, PartitionId::ROOT, row, Bytes::from_static(b"junk")).await;
    let keyring = Keyring::read(&vault.directory.path().join("keyring")).unwrap();
    let before = keyring.current_id().unwrap();
    keyring
        .roll(time::OffsetDateTime::UNIX_EPOCH, &SystemRandom::default())
        .unwrap();
    let engine = vault.restarted().await;

    let report = engine.report_keys(|_| {}).await.unwrap();
    assert_eq!(
        (report.damaged, &*report.damaged_buckets),
        (0, &[first.to_owned()][..])
    );
    let told: Vec<_> = report
        .usage
        .iter()
        .map(|usage| (&*usage.bucket, usage.versions))
        .collect();
    assert_eq!(told, [(BUCKET, 1)]);

    let found = engine.verify(&Verify::default(), |_| {}).await.unwrap();
    assert_eq!((found.opened, found.damaged), (1, 1));
    assert_eq!(
        (&*found.findings[0].bucket, &*found.findings[0].object),
        (first, "")
    );

    let mut rolled = Vec::new();
    let failed = engine
        .roll_master(|done| rolled.push((done.seen, done.rewrapped)))
        .await;
    assert!(matches!(failed, Err(Error::Damaged(_))), "{failed:?}");
    assert_eq!(
        rolled,
        [(1, 1), (2, 2), (3, 3)],
        "the store's key and those of two buckets"
    );
    let counted = engine.wrapped_by_master(&before).await;
    assert!(matches!(counted, Err(Error::Damaged(_))), "{counted:?}");
}

/// A key that is wrapped and not committed yet would be lost with the master key that nothing seems to need.
#[tokio::test]
async fn a_bucket_that_is_being_made_counts() {
    let gates = Gates::open();
    let vault = Vault::through(|store| gates.before(store)).await;
    let keyring = Keyring::read(&vault.directory.path().join("keyring")).unwrap();
    let master = keyring.current_id().unwrap();
    gates.commits.close();
    let engine = Arc::clone(&vault.engine);
    let making = Underway::start(async move { engine.create_bucket("another").await });
    gates.commits.reached().await;
    let engine = Arc::clone(&vault.engine);
    let counting = tokio::spawn(async move { engine.wrapped_by_master(&master).await.unwrap() });
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(!counting.is_finished());
    gates.commits.open();
    assert_eq!(counting.await.unwrap(), 3, "the store and two buckets");
    making.end().await.unwrap();
}
