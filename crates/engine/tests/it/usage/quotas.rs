//! Quotas of buckets and accounts.

use crate::support::copying::copying;
use crate::support::protection::Protection;
use crate::support::uploading::{Upload, bulk, listing};
use crate::support::vault::{BUCKET, Vault, body, new_object, request};
use bytes::Bytes;
use futures::future::join_all;
use futures::{StreamExt as _, stream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use strongroom_access::arn::AccountId;
use strongroom_engine::encryption::kms::KmsWish;
use strongroom_engine::model::owner::BucketOwner;
use strongroom_engine::model::quota::{
    AccountLimits, AccountQuota, Measure, Quota, QuotaExceeded, QuotaOwner,
};
use strongroom_engine::model::settings::{BucketSettings, Versioning};
use strongroom_engine::upload::BeginUpload;
use strongroom_engine::{BodyError, Engine, Error, Result};

const PLAIN: Protection = Protection::Unspecified;

/// Limits that a test changes.
#[derive(Default)]
struct TestLimits(Mutex<AccountQuota>);

impl AccountLimits for TestLimits {
    fn quota(&self, account: AccountId) -> AccountQuota {
        assert_eq!(account, AccountId::ROOT);
        *self.0.lock().unwrap()
    }
}

impl TestLimits {
    fn of(engine: &Engine) -> Arc<Self> {
        let limits = Arc::<Self>::default();
        engine.set_account_limits(Arc::<Self>::clone(&limits));
        limits
    }

    fn set(&self, contents: Quota) {
        self.0.lock().unwrap().contents = contents;
    }
}

fn bytes(limit: u64) -> Quota {
    Quota {
        bytes: Some(limit),
        objects: None,
    }
}

fn objects(limit: u64) -> Quota {
    Quota {
        bytes: None,
        objects: Some(limit),
    }
}

#[track_caller]
fn exceeded<T>(result: Result<T>) -> QuotaExceeded {
    match result {
        Err(Error::QuotaExceeded(exceeded)) => exceeded,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("admitted"),
    }
}

async fn used(vault: &Vault, bucket: &str) -> (i64, i64) {
    let recount = vault.engine.recount(bucket).await.unwrap();
    assert!(recount.is_exact(), "{recount:?}");
    let total = recount.rows.total();
    (total.bytes + total.part_bytes, total.versions)
}

#[tokio::test]
async fn a_refused_put_does_not_read_its_body() {
    let vault = Vault::memory().await;
    vault.engine.set_bucket_quota(BUCKET, bytes(100)).await.unwrap();
    vault.put("a", bulk(1, 60), PLAIN).await.unwrap();
    let was_read = Arc::new(AtomicBool::new(false));
    let note = Arc::clone(&was_read);
    let body = stream::once(async move {
        note.store(true, Ordering::SeqCst);
        Ok(Bytes::from(vec![0; 41]))
    });
    let refused = vault
        .engine
        .put_object(request("b", 41, PLAIN), body.boxed())
        .await;
    let expected = QuotaExceeded {
        of: QuotaOwner::Bucket(BUCKET.to_owned()),
        measure: Measure::Bytes,
        limit: 100,
        used: 60,
        reserved: 0,
        requested: 41,
    };
    let refused = exceeded(refused);
    assert_eq!(refused, expected);
    assert_eq!(
        refused.to_string(),
        "The bucket the-bucket may hold 100 bytes: 60 are used, and the request needs 41 more."
    );
    assert!(!was_read.load(Ordering::SeqCst));
    vault.put("b", bulk(1, 40), PLAIN).await.unwrap();
    assert_eq!(used(&vault, BUCKET).await, (100, 2));
    vault.put("empty", "", PLAIN).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_writers_at_the_limit_never_exceed_it() {
    for vault in Vault::each().await {
        let limits = TestLimits::of(&vault.engine);
        limits.set(bytes(100_000));
        vault.engine.create_bucket("second-bucket").await.unwrap();
        let vault = Arc::new(vault);
        let writers = (0..60).map(|n| {
            let vault = Arc::clone(&vault);
            tokio::spawn(async move {
                let mut put = request(&format!("k{n}"), 10_000, PLAIN);
                // Every third body has no length.
                if n % 3 == 0 {
                    put.length = None;
                }
                if n % 2 == 0 {
                    put.object.bucket = "second-bucket".to_owned();
                }
                let put = vault.engine.put_object(put, body(bulk(n, 10_000)));
                put.await.map(drop)
            })
        });
        let mut admitted = 0;
        for result in join_all(writers).await {
            match result.unwrap() {
                Ok(()) => admitted += 1,
                refused => assert_eq!(exceeded(refused).of, QuotaOwner::Account(AccountId::ROOT)),
            }
        }
        let sum = used(&vault, BUCKET).await.0 + used(&vault, "second-bucket").await.0;
        assert_eq!(sum, 10_000 * admitted);
        assert!((1..=10).contains(&admitted), "{admitted}");
        // All reservations were given back: exactly the rest fits.
        let rest = usize::try_from(100_000 - sum).unwrap();
        exceeded(vault.put("more", bulk(1, rest + 1), PLAIN).await);
        vault.put("rest", bulk(1, rest), PLAIN).await.unwrap();
        exceeded(vault.put("one", "1", PLAIN).await);
    }
}

#[tokio::test]
async fn an_overwrite_frees_only_what_it_removes() {
    let vault = Vault::memory().await;
    vault.engine.set_bucket_quota(BUCKET, bytes(100)).await.unwrap();
    vault.put("a", bulk(1, 90), PLAIN).await.unwrap();
    vault.put("a", bulk(2, 100), PLAIN).await.unwrap();
    exceeded(vault.put("a", bulk(2, 101), PLAIN).await);
    vault.set_versioning(Versioning::Enabled).await;
    exceeded(vault.put("a", "1", PLAIN).await);
    // A delete marker always passes, and so does the deletion of a version.
    vault.delete("a").await.unwrap();
    vault.emptied().await;
    vault.put("a", bulk(1, 60), PLAIN).await.unwrap();
    let refused = exceeded(vault.copy(copying("a", "a", Protection::S3), PLAIN).await);
    assert_eq!((refused.used, refused.requested), (60, 60));
    exceeded(vault.copy(copying("a", "b", PLAIN), PLAIN).await);
    assert_eq!(used(&vault, BUCKET).await.0, 60);
}

#[tokio::test]
async fn a_limit_below_what_is_used_stops_writes_alone() {
    let vault = Vault::memory().await;
    vault.put("a", bulk(1, 60), PLAIN).await.unwrap();
    vault.put("b", bulk(1, 60), PLAIN).await.unwrap();
    vault.engine.set_bucket_quota(BUCKET, bytes(10)).await.unwrap();
    exceeded(vault.put("c", "1", PLAIN).await);
    // Nothing is added: by a smaller object in its place, another key, or a change of encryption.
    vault.put("a", bulk(1, 50), PLAIN).await.unwrap();
    vault
        .copy(copying("a", "a", Protection::Kms), PLAIN)
        .await
        .unwrap();
    let wish = KmsWish::of_key(crate::support::kms_double::OTHER_KEY.to_owned(), false);
    let rewrapped = vault.engine.rewrap_object(BUCKET, "b", None, Some(&wish), false);
    rewrapped.await.unwrap();
    vault.delete("b").await.unwrap();
    vault
        .engine
        .set_bucket_quota(BUCKET, Quota::default())
        .await
        .unwrap();
    vault.put("c", bulk(1, 1000), PLAIN).await.unwrap();
}

#[tokio::test]
async fn a_broken_upload_gives_its_room_back() {
    let vault = Vault::memory().await;
    vault
        .engine
        .set_bucket_quota(BUCKET, bytes(100_000))
        .await
        .unwrap();
    for length in [Some(90_000), None] {
        let pieces = vec![Ok(bulk(1, 80_000)), Err(BodyError::Incomplete)];
        let mut put = request("a", 0, PLAIN);
        put.length = length;
        let broken = vault.engine.put_object(put, stream::iter(pieces).boxed()).await;
        assert!(matches!(broken, Err(Error::Body(_))));
    }
    let mut put = request("a", 0, PLAIN);
    put.length = None;
    let refused = vault.engine.put_object(put, body(bulk(1, 120_000))).await;
    assert_eq!(exceeded(refused).measure, Measure::Bytes);
    vault.put("a", bulk(1, 100_000), PLAIN).await.unwrap();
    vault.engine.collect().await.unwrap();
    assert_eq!(vault.blobs().await.len(), 1);
}

#[tokio::test]
async fn parts_of_unfinished_uploads_count() {
    let vault = Vault::memory().await;
    vault.engine.set_bucket_quota(BUCKET, bytes(100)).await.unwrap();
    let upload = vault.begin("a", PLAIN).await;
    upload.part(1, bulk(1, 60)).await.unwrap();
    exceeded(upload.part(2, bulk(1, 41)).await);
    exceeded(vault.put("b", bulk(1, 41), PLAIN).await);
    // A part in the place of another one needs only what it adds.
    let part = upload.part(1, bulk(1, 100)).await.unwrap();
    exceeded(upload.part(1, bulk(1, 101)).await);
    upload.complete(&[listing(1, &part)]).await.unwrap();
    assert_eq!(used(&vault, BUCKET).await, (100, 1));
    vault.delete("a").await.unwrap();
    let upload = vault.begin("a", PLAIN).await;
    upload.part(1, bulk(1, 100)).await.unwrap();
    upload.abort().await.unwrap();
    vault.engine.collect().await.unwrap();
    vault.put("b", bulk(1, 100), PLAIN).await.unwrap();
}

#[tokio::test]
async fn versions_are_limited_without_delete_markers() {
    let vault = Vault::memory().await;
    vault.set_versioning(Versioning::Enabled).await;
    vault.engine.set_bucket_quota(BUCKET, objects(2)).await.unwrap();
    vault.put("a", "1", PLAIN).await.unwrap();
    let upload = vault.begin("b", PLAIN).await;
    let part = upload.part(1, "22").await.unwrap();
    vault.put("a", "2", PLAIN).await.unwrap();
    let refused = exceeded(upload.complete(&[listing(1, &part)]).await);
    assert_eq!(
        refused.to_string(),
        "The bucket the-bucket may hold 2 objects: 2 are used, and the request needs 1 more."
    );
    let begin = BeginUpload {
        object: new_object(BUCKET, "c", PLAIN),
        checksum: None,
        initiator: None,
    };
    let early = Upload::begin(&vault.engine, begin, PLAIN).await;
    assert_eq!(exceeded(early.map(drop)).measure, Measure::Objects);
    vault.delete("a").await.unwrap();
    vault.delete("a").await.unwrap();
    let version = vault.versions().await.pop().unwrap();
    vault
        .delete_version(&version.object.key, version.version)
        .await
        .unwrap();
    upload.complete(&[listing(1, &part)]).await.unwrap();
}

/// The counters tell a new process how much is used.
#[tokio::test]
async fn a_restart_knows_what_is_used() {
    let mut vault = Vault::memory().await;
    vault.put("a", bulk(1, 60), PLAIN).await.unwrap();
    vault.engine.create_bucket("second-bucket").await.unwrap();
    for _ in 0..2 {
        let limits = TestLimits::of(&vault.engine);
        limits.set(bytes(100));
        let mut put = request("a", 41, PLAIN);
        put.object.bucket = "second-bucket".to_owned();
        let refused = exceeded(vault.engine.put_object(put, body(bulk(1, 41))).await);
        assert_eq!((refused.used, refused.limit), (60, 100));
        vault.engine = vault.restarted().await;
    }
    // A deleted bucket counts no more.
    let limits = TestLimits::of(&vault.engine);
    limits.set(bytes(100));
    exceeded(vault.put("b", bulk(1, 41), PLAIN).await);
    vault.engine.shred_bucket(BUCKET, false).await.unwrap();
    let mut put = request("a", 100, PLAIN);
    put.object.bucket = "second-bucket".to_owned();
    vault.engine.put_object(put, body(bulk(1, 100))).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn creations_at_once_do_not_exceed_the_number_of_buckets() {
    let vault = Arc::new(Vault::memory().await);
    let limits = TestLimits::of(&vault.engine);
    limits.0.lock().unwrap().buckets = Some(4);
    let creations = (0..12).map(|n| {
        let vault = Arc::clone(&vault);
        tokio::spawn(async move {
            let name = format!("bucket-{n}");
            let settings = BucketSettings::default();
            vault
                .engine
                .create_bucket_with(&name, BucketOwner::FIRST, &settings)
                .await
        })
    });
    let mut created = 0;
    for result in join_all(creations).await {
        match result.unwrap() {
            Ok(()) => created += 1,
            Err(error) => assert!(matches!(error, Error::TooManyBuckets(4)), "{error}"),
        }
    }
    assert_eq!(created, 3, "one is there from the start");
    // A bucket that exists is reported as such.
    let again = vault.engine.create_bucket(BUCKET).await;
    assert!(matches!(again, Err(Error::BucketExists(_))));
}
