//! Rewraps, key rolls, reports, verification and shredding of keys; none of them moves data.

use crate::support::gated_store::{Gates, InFlight};
use crate::support::kms_double::{DEFAULT_KEY, OTHER_KEY};
use crate::support::protection::{ALICE, Protection};
use crate::support::uploading::{PART, bulk, listing};
use crate::support::vault::{BUCKET, Vault, get};
use crate::support::versioning::reading_version;
use std::sync::Arc;
use strongroom_engine::encryption::{KmsWish, Refusal};
use strongroom_engine::rewrap::{From, RewrapBucket};
use strongroom_engine::verify::Verify;
use strongroom_engine::{Error, Mode};
use strongroom_keys::Keyring;
use strongroom_seal::SystemRandom;

const PLAIN: Protection = Protection::Unspecified;

fn to(key: &str) -> KmsWish {
    KmsWish::of_key(key.to_owned(), false)
}

/// Puts objects of all kinds: inline, in one blob, and in many blobs with a separate row of parts.
async fn put_all(vault: &Vault, protection: Protection) -> Vec<(&'static str, Vec<u8>)> {
    let mut parts: Vec<_> = (0..17).map(|seed| bulk(seed, PART)).collect();
    parts.push(bulk(99, 3));
    let all = vec![
        ("empty", Vec::new()),
        ("blob", bulk(1, 70_000).to_vec()),
        ("parts", parts.concat()),
    ];
    for (key, bytes) in &all[..2] {
        vault.put(key, bytes.clone(), protection).await.unwrap();
    }
    vault.multipart("parts", protection, &parts).await;
    all
}

#[tokio::test]
async fn a_rewrap_moves_no_data_and_changes_only_the_key() {
    let (vault, meter) = Vault::metered().await;
    let all = put_all(&vault, PLAIN).await;
    for (key, bytes) in all {
        let before = vault.head(key, PLAIN).await.unwrap();
        let reads = meter.snapshot();
        for (wish, mode, id) in [
            (Some(to(DEFAULT_KEY)), Mode::Kms, Some(DEFAULT_KEY)),
            (Some(to(OTHER_KEY)), Mode::Kms, Some(OTHER_KEY)),
            (None, Mode::S3, None),
        ] {
            vault
                .engine
                .rewrap_object(BUCKET, key, None, wish.as_ref(), false)
                .await
                .unwrap();
            let mut after = vault.head(key, PLAIN).await.unwrap();
            assert_eq!(after.encrypted.mode, mode);
            assert_eq!(after.encrypted.kms.as_ref().map(|kms| kms.key_id.as_str()), id);
            after.encrypted = before.encrypted.clone();
            assert_eq!(after, before);
        }
        assert_eq!(meter.snapshot().bytes_read - reads.bytes_read, 0, "{key}");
        assert_eq!(meter.snapshot().bytes_written - reads.bytes_written, 0, "{key}");
        assert!(vault.get(key, PLAIN).await.unwrap() == bytes);
        assert!(get(&vault.restarted().await, key, PLAIN, None).await.unwrap() == bytes);
    }
}

#[tokio::test]
async fn a_rewrap_updates_listings_and_older_versions() {
    let vault = Vault::memory().await;
    vault.keep_versions().await;
    let old = vault.put_version("a", "old", PLAIN).await;
    let new = vault.put_version("a", "new", PLAIN).await;
    for (name, bytes) in [(old, b"old"), (new, b"new")] {
        vault
            .engine
            .rewrap_object(BUCKET, "a", Some(name), Some(&to(OTHER_KEY)), false)
            .await
            .unwrap();
        assert_eq!(vault.get_version("a", name, PLAIN).await.unwrap(), bytes);
    }
    // Once the newer version is deleted, the older one must be whole as the newest.
    vault.delete_version("a", new).await.unwrap();
    assert_eq!(vault.get("a", PLAIN).await.unwrap(), b"old");
    let (listed, ..) = (vault.versions().await, ());
    assert!(listed.iter().all(|version| version.object.mode == Mode::Kms));
}

#[tokio::test]
async fn an_upload_in_progress_is_rewrapped() {
    let vault = Vault::memory().await;
    let upload = vault.begin("parts", PLAIN).await;
    let part = upload.part(1, bulk(1, 100)).await.unwrap();
    let job = bulk_job(From::S3, Some(DEFAULT_KEY));
    let done = vault.engine.rewrap_bucket(&job, |_| {}).await.unwrap();
    assert_eq!((done.seen, done.uploads, done.failures), (0, 1, 0));
    let used = vault.engine.report_keys(|_| {}).await.unwrap().usage;
    assert_eq!((used.len(), used[0].mode, used[0].uploads), (1, Mode::Kms, 1));
    let again = vault.engine.rewrap_bucket(&job, |_| {}).await.unwrap();
    assert_eq!(again.uploads, 0);
    upload.complete(&[listing(1, &part)]).await.unwrap();
    let returned = vault.head("parts", PLAIN).await.unwrap().encrypted;
    assert_eq!(returned.kms.map(|kms| kms.key_id).as_deref(), Some(DEFAULT_KEY));
    assert!(vault.get("parts", PLAIN).await.unwrap() == bulk(1, 100));
}

#[tokio::test]
async fn a_part_in_flight_is_accepted_while_its_upload_is_rewrapped() {
    let gates = Gates::open();
    let vault = Vault::through(|store| gates.before(store)).await;
    let upload = vault.begin("parts", PLAIN).await;
    gates.blobs.close();
    let (sending, bytes) = (upload.clone(), bulk(1, 100));
    let part = InFlight::start(async move { sending.part(1, bytes).await });
    gates.blobs.reached().await;
    let job = bulk_job(From::S3, Some(DEFAULT_KEY));
    let done = vault.engine.rewrap_bucket(&job, |_| {}).await.unwrap();
    assert_eq!((done.uploads, done.failures), (1, 0));
    gates.blobs.open();
    let part = part.end().await.unwrap();
    upload.complete(&[listing(1, &part)]).await.unwrap();
    assert_eq!(
        vault.head("parts", PLAIN).await.unwrap().encrypted.mode,
        Mode::Kms
    );
    assert!(vault.get("parts", PLAIN).await.unwrap() == bulk(1, 100));
}

#[tokio::test]
async fn a_rewrap_keeps_the_encryption_context() {
    let vault = Vault::memory().await;
    let wish = KmsWish {
        context: [("dept".to_owned(), "hr".to_owned())].into(),
        ..to(DEFAULT_KEY)
    };
    vault.put("a", "x", PLAIN).await.unwrap();
    for wish in [&wish, &to(OTHER_KEY)] {
        vault
            .engine
            .rewrap_object(BUCKET, "a", None, Some(wish), false)
            .await
            .unwrap();
        let kms = vault.head("a", PLAIN).await.unwrap().encrypted.kms.unwrap();
        assert_eq!(kms.context.get("dept").map(String::as_str), Some("hr"));
    }
    assert_eq!(vault.get("a", PLAIN).await.unwrap(), b"x");
}

#[tokio::test]
async fn an_etag_that_is_no_md5_never_becomes_one() {
    let vault = Vault::memory().await;
    let etag = vault.put("a", "x", Protection::Kms).await.unwrap().committed.etag;
    vault
        .engine
        .rewrap_object(BUCKET, "a", None, None, false)
        .await
        .unwrap();
    assert_eq!(vault.head("a", PLAIN).await.unwrap().etag, format!("{etag}-1"));
}

#[tokio::test]
async fn objects_with_customer_keys_are_not_rewrapped() {
    let vault = Vault::memory().await;
    vault.put("a", "x", ALICE).await.unwrap();
    let refused = vault.engine.rewrap_object(BUCKET, "a", None, None, false).await;
    assert!(matches!(refused, Err(Error::Encryption(Refusal::KeyNeeded))));
    assert_eq!(vault.get("a", ALICE).await.unwrap(), b"x");
}

#[tokio::test]
async fn a_concurrent_write_and_rewrap_leave_one_whole_version() {
    let vault = Arc::new(Vault::memory().await);
    for round in 0..50 {
        vault.put("a", format!("before {round}"), PLAIN).await.unwrap();
        let (engine, other) = (vault.engine.clone(), Arc::clone(&vault));
        let rewrap = tokio::spawn(async move {
            engine
                .rewrap_object(BUCKET, "a", None, Some(&to(OTHER_KEY)), false)
                .await
        });
        let put = tokio::spawn(async move { other.put("a", format!("after {round}"), PLAIN).await });
        put.await.unwrap().unwrap();
        rewrap.await.unwrap().unwrap();
        assert_eq!(
            vault.get("a", PLAIN).await.unwrap(),
            format!("after {round}").into_bytes()
        );
    }
}

fn bulk_job(from: From, key: Option<&str>) -> RewrapBucket {
    RewrapBucket {
        bucket: BUCKET.to_owned(),
        prefix: String::new(),
        from,
        to: key.map(|key| KmsWish::of_key(key.to_owned(), false)),
        rate: None,
    }
}

#[tokio::test]
async fn a_bucket_is_rewrapped_once_and_customer_keys_are_skipped() {
    let vault = Vault::memory().await;
    vault.keep_versions().await;
    for number in 0..40 {
        let protection = [PLAIN, Protection::Kms, ALICE][number % 3];
        vault
            .put(&format!("key-{}", number % 10), format!("{number}"), protection)
            .await
            .unwrap();
    }
    vault.delete("key-1").await.unwrap();
    let job = bulk_job(From::S3, Some(OTHER_KEY));
    let done = vault.engine.rewrap_bucket(&job, |_| {}).await.unwrap();
    assert_eq!((done.seen, done.rewrapped, done.failures), (41, 14, 0));
    let again = vault.engine.rewrap_bucket(&job, |_| {}).await.unwrap();
    assert_eq!(again.rewrapped, 0);
    let job = bulk_job(From::Kms(Some(DEFAULT_KEY.to_owned())), Some(OTHER_KEY));
    assert_eq!(
        vault.engine.rewrap_bucket(&job, |_| {}).await.unwrap().rewrapped,
        13
    );
    let job = bulk_job(From::Kms(None), Some(OTHER_KEY));
    assert_eq!(
        vault.engine.rewrap_bucket(&job, |_| {}).await.unwrap().rewrapped,
        0
    );
    let unknown_source = bulk_job(From::Kms(Some("no-such-key".to_owned())), None);
    let refused = vault.engine.rewrap_bucket(&unknown_source, |_| {}).await;
    assert!(
        matches!(refused, Err(Error::Kms(strongroom_engine::KmsError::NotFound(_)))),
        "{refused:?}"
    );
    let unknown = bulk_job(From::Kms(None), Some("no-such-key"));
    let refused = vault.engine.rewrap_bucket(&unknown, |_| {}).await;
    assert!(matches!(refused, Err(Error::Kms(_))));

    let report = vault.engine.report_keys(|_| {}).await.unwrap();
    let usage: Vec<_> = report
        .usage
        .iter()
        .map(|usage| (usage.mode, usage.versions))
        .collect();
    assert_eq!(usage, [(Mode::Customer, 13), (Mode::Kms, 27)]);
    let verified = vault.engine.verify(&Verify::default(), |_| {}).await.unwrap();
    assert_eq!((verified.opened, verified.sealed, verified.damaged), (27, 13, 0));
}

#[tokio::test]
async fn verification_reports_damaged_objects() {
    let vault = Vault::local().await;
    put_all(&vault, PLAIN).await;
    vault.put("sealed", bulk(5, 70_000), ALICE).await.unwrap();
    let whole = vault.engine.verify(&Verify::default(), |_| {}).await.unwrap();
    assert_eq!((whole.opened, whole.sealed, whole.damaged), (3, 1, 0));
    // Flips one bit of each blob, including objects with customer keys.
    let mut damaged = 0;
    let mut folders = vec![vault.directory.path().join("data/blobs")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let mut bytes = std::fs::read(&path).unwrap();
                bytes[60] ^= 1;
                std::fs::write(&path, bytes).unwrap();
                damaged += 1;
            }
        }
    }
    assert!(damaged > 3);
    let found = vault.engine.verify(&Verify::default(), |_| {}).await.unwrap();
    let mut keys: Vec<_> = found
        .findings
        .iter()
        .map(|finding| finding.object.as_str())
        .collect();
    keys.sort_unstable();
    assert_eq!(keys, ["blob", "parts", "sealed"]);
    assert_eq!(found.damaged, 3);
}

#[tokio::test]
async fn an_object_whose_key_is_unavailable_is_not_reported_as_damaged() {
    let vault = Vault::memory().await;
    vault.put("a", "x", Protection::Kms).await.unwrap();
    vault.kms.set_away(true);
    let engine = vault.restarted().await;
    let verified = engine.verify(&Verify::default(), |_| {}).await.unwrap();
    assert_eq!((verified.without_key, verified.damaged), (1, 0));
}

#[tokio::test]
async fn rolling_the_master_rewraps_bucket_keys_and_no_objects() {
    let vault = Vault::memory().await;
    for bucket in ["one", "two", "three"] {
        vault.engine.create_bucket(bucket).await.unwrap();
    }
    vault.put("a", "x", PLAIN).await.unwrap();
    let rows = vault.rows().await;
    let path = vault.directory.path().join("keyring");
    let keyring = Keyring::read(&path).unwrap();
    let old = keyring.current_id().unwrap();
    let new = keyring
        .roll(time::OffsetDateTime::UNIX_EPOCH, &SystemRandom::default())
        .unwrap();
    let engine = vault.restarted().await;
    assert_eq!(
        engine.wrapped_by_master(&old).await.unwrap(),
        5,
        "four buckets and the store"
    );
    let rolled = engine.roll_master(|_| {}).await.unwrap();
    assert_eq!((rolled.keys, rolled.seen, rolled.rewrapped), (5, 5, 5));
    assert_eq!(engine.roll_master(|_| {}).await.unwrap().rewrapped, 0);
    assert_eq!(engine.wrapped_by_master(&old).await.unwrap(), 0);
    assert_eq!(engine.wrapped_by_master(&new).await.unwrap(), 5);
    assert_eq!(vault.rows().await, rows, "no row of a bucket changes");
    assert_eq!(
        get(&vault.restarted().await, "a", PLAIN, None).await.unwrap(),
        b"x"
    );
}

#[tokio::test]
async fn shredding_a_bucket_deletes_all_its_content() {
    let vault = Vault::memory().await;
    put_all(&vault, PLAIN).await;
    vault.put("sealed", "x", ALICE).await.unwrap();
    vault.engine.shred_bucket(BUCKET, false).await.unwrap();
    assert!(matches!(
        vault.get("blob", PLAIN).await,
        Err(Error::NoSuchBucket(_))
    ));
    vault.engine.create_bucket(BUCKET).await.unwrap();
    assert!(matches!(vault.get("blob", PLAIN).await, Err(Error::NoSuchKey(_))));
    vault.engine.collect().await.unwrap();
    assert_eq!(vault.blobs().await, []);
    assert!(
        vault
            .audit
            .take()
            .iter()
            .any(|line| line.starts_with("- shred Bucket"))
    );
}

#[tokio::test]
async fn a_bucket_with_object_lock_is_shredded_only_on_explicit_request() {
    let vault = Vault::memory().await;
    vault.lock_versions(None).await;
    let version = vault.put_version("a", "x", PLAIN).await;
    vault.engine.hold_object(BUCKET, "a", None, true).await.unwrap();
    assert!(matches!(
        vault.engine.shred_bucket(BUCKET, false).await,
        Err(Error::Locked)
    ));
    assert_eq!(
        vault.read(&reading_version("a", version), PLAIN).await.unwrap(),
        b"x"
    );
    // A rewrap does not change locked content, so the bulk job is allowed.
    let refused = vault
        .engine
        .rewrap_object(BUCKET, "a", None, Some(&to(OTHER_KEY)), false)
        .await;
    assert!(matches!(refused, Err(Error::Locked)));
    let job = bulk_job(From::S3, Some(OTHER_KEY));
    assert_eq!(
        vault.engine.rewrap_bucket(&job, |_| {}).await.unwrap().rewrapped,
        1
    );
    vault.engine.shred_bucket(BUCKET, true).await.unwrap();
}
