//! Lost master keys, and the count of buckets that need a master key before it may be deleted.

use crate::support::gated_store::{Gates, InFlight};
use crate::support::protection::Protection;
use crate::support::tampering::write;
use crate::support::vault::{BUCKET, Vault, body, request};
use bytes::Bytes;
use std::time::Duration;
use strongroom_engine::verify::Verify;
use strongroom_engine::{Error, Mode};
use strongroom_keys::Keyring;
use strongroom_seal::SystemRandom;
use strongroom_store::PartitionId;

const LOST: &str = "lost";

#[tokio::test]
async fn a_bucket_whose_master_key_is_lost_is_reported() {
    let vault = Vault::memory().await;
    vault.put("a", "kept", Protection::Unspecified).await.unwrap();
    let random = SystemRandom::default();
    let keyring = Keyring::read(&vault.directory.path().join("keyring")).unwrap();
    let roll = || keyring.roll(time::OffsetDateTime::UNIX_EPOCH, &random).unwrap();
    let lost = roll();
    let engine = vault.restarted().await;
    engine.create_bucket(LOST).await.unwrap();
    let mut put = request("b", 4, Protection::Unspecified);
    put.object.bucket = LOST.to_owned();
    engine.put_object(put, body("gone")).await.unwrap();
    roll();
    keyring.retire(&lost, &random).unwrap();
    keyring.delete_master(&lost, &random).unwrap();

    let engine = vault.restarted().await;
    let report = engine.report_keys(|_| {}).await.unwrap();
    let returned: Vec<_> = report
        .usage
        .iter()
        .map(|usage| (usage.bucket.as_str(), usage.mode, usage.versions))
        .collect();
    assert_eq!(returned, [(LOST, Mode::S3, 1), (BUCKET, Mode::S3, 1)]);
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
    vault.audit.take();
    let refused = engine.verify(&alone, |_| {}).await;
    assert!(matches!(refused, Err(Error::Keyring(_))), "{refused:?}");
    let rolled = engine.roll_master(|_| {}).await;
    assert!(matches!(rolled, Err(Error::Keyring(_))), "{rolled:?}");
    let audit = vault.audit.take();
    let refusals = audit
        .iter()
        .filter(|line| line.contains("refuse Bucket") && line.contains(&lost));
    assert_eq!(refusals.count(), 2, "{audit:?}");

    let returned = engine.lost_masters().await.unwrap();
    assert_eq!(Vec::from_iter(returned), [(lost, vec![LOST.to_owned()])]);
    engine
        .shred_bucket(LOST, false)
        .await
        .expect("deleting a bucket needs no key");
    assert!(engine.lost_masters().await.unwrap().is_empty());
}

/// Reports must not stop at a damaged row; nobody knows which master key the damaged row needs.
#[tokio::test]
async fn a_bucket_with_a_damaged_row_is_reported_and_does_not_stop_others() {
    let vault = Vault::memory().await;
    vault.put("a", "kept", Protection::Unspecified).await.unwrap();
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
    let returned: Vec<_> = report
        .usage
        .iter()
        .map(|usage| (&*usage.bucket, usage.versions))
        .collect();
    assert_eq!(returned, [(BUCKET, 1)]);

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
        "the keys of the store and of two buckets"
    );
    let counted = engine.wrapped_by_master(&before).await;
    assert!(matches!(counted, Err(Error::Damaged(_))), "{counted:?}");
}

/// A bucket key that is wrapped but not yet committed would be lost with a master key that seems unused.
#[tokio::test]
async fn a_bucket_in_creation_counts() {
    let gates = Gates::open();
    let vault = Vault::through(|store| gates.before(store)).await;
    let keyring = Keyring::read(&vault.directory.path().join("keyring")).unwrap();
    let master = keyring.current_id().unwrap();
    gates.commits.close();
    let engine = vault.engine.clone();
    let making = InFlight::start(async move { engine.create_bucket("another").await });
    gates.commits.reached().await;
    let engine = vault.engine.clone();
    let counting = tokio::spawn(async move { engine.wrapped_by_master(&master).await.unwrap() });
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(!counting.is_finished());
    gates.commits.open();
    assert_eq!(counting.await.unwrap(), 3, "the store and two buckets");
    making.end().await.unwrap();
}
