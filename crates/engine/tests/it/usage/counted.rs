//! The numbers of a bucket, by encryption mode.

use crate::support::copying::copying;
use crate::support::kms_double::OTHER_KEY;
use crate::support::protection::{ALICE, Protection};
use crate::support::uploading::{bulk, listing};
use crate::support::vault::{BUCKET, Vault};
use strongroom_engine::Error;
use strongroom_engine::encryption::kms::KmsWish;
use strongroom_engine::model::settings::Versioning;
use strongroom_engine::model::usage::{ModeUsage, Usage};
use strongroom_engine::operator::rewrap_bucket::{From, RewrapBucket};
use strongroom_engine::operator::verify::Verify;
use strongroom_store::{Commit, Counter, PartitionId};

const PLAIN: Protection = Protection::Unspecified;
const KMS: Protection = Protection::Kms;

fn objects(objects: i64, versions: i64, bytes: i64) -> ModeUsage {
    ModeUsage {
        objects,
        versions,
        bytes,
        ..ModeUsage::default()
    }
}

async fn usage(vault: &Vault) -> Usage {
    let recount = vault.engine.recount(BUCKET).await.unwrap();
    assert!(recount.is_exact(), "{recount:?}");
    assert_eq!(vault.engine.bucket_usage(BUCKET).await.unwrap(), recount.counters);
    recount.counters
}

/// Adds to counters behind the engine's back.
async fn tamper(vault: &Vault, counters: Vec<(Counter, i64)>) {
    let commit = Commit {
        generation: 1,
        counters,
        ..Commit::default()
    };
    let (partition, _) = vault.rows().await.remove(0);
    assert_ne!(partition, PartitionId::ROOT);
    vault
        .store
        .index
        .commit(partition, commit)
        .await
        .unwrap()
        .unwrap();
}

#[tokio::test]
async fn each_mode_has_its_numbers() {
    for vault in Vault::each().await {
        assert_eq!(usage(&vault).await, Usage::default());
        vault.put("a", bulk(1, 10), PLAIN).await.unwrap();
        vault.put("b", bulk(2, 70_000), KMS).await.unwrap();
        vault.put("c", bulk(3, 0), ALICE).await.unwrap();
        let expected = Usage {
            s3: objects(1, 1, 10),
            kms: objects(1, 1, 70_000),
            customer: objects(1, 1, 0),
            markers: 0,
        };
        assert_eq!(usage(&vault).await, expected);
        // An overwrite under another mode replaces the numbers; without versions, nothing of the old one is left.
        vault.put("a", bulk(1, 20), ALICE).await.unwrap();
        vault.delete("b").await.unwrap();
        let expected = Usage {
            customer: objects(2, 2, 20),
            ..Usage::default()
        };
        assert_eq!(usage(&vault).await, expected);
    }
}

#[tokio::test]
async fn versions_and_delete_markers_count() {
    let vault = Vault::memory().await;
    vault.put("a", bulk(1, 10), PLAIN).await.unwrap();
    vault.set_versioning(Versioning::Enabled).await;
    let second = vault.put("a", bulk(2, 5), PLAIN).await.unwrap().committed;
    vault.delete("a").await.unwrap();
    vault.delete("missing").await.unwrap();
    let expected = Usage {
        s3: objects(0, 2, 15),
        markers: 2,
        ..Usage::default()
    };
    assert_eq!(usage(&vault).await, expected);
    // A copy in place shares the content, and counts nevertheless: it is a version that GET returns.
    vault.put("b", bulk(2, 7), PLAIN).await.unwrap();
    vault.copy(copying("b", "b", KMS), PLAIN).await.unwrap();
    vault.delete_version("a", second.version.unwrap()).await.unwrap();
    let expected = Usage {
        s3: objects(0, 2, 17),
        kms: objects(1, 1, 7),
        markers: 2,
        ..Usage::default()
    };
    assert_eq!(usage(&vault).await, expected);
    assert!(matches!(
        vault.engine.delete_bucket(BUCKET).await,
        Err(Error::BucketNotEmpty(_))
    ));
}

#[tokio::test]
async fn parts_count_until_their_upload_has_ended() {
    let vault = Vault::memory().await;
    let upload = vault.begin("a", PLAIN).await;
    upload.part(1, bulk(1, 100)).await.unwrap();
    let part = upload.part(1, bulk(1, 60)).await.unwrap();
    upload.part(2, bulk(1, 30)).await.unwrap();
    let in_progress = |uploads, part_bytes| ModeUsage {
        uploads,
        part_bytes,
        ..ModeUsage::default()
    };
    assert_eq!(usage(&vault).await.s3, in_progress(1, 90));
    let rewrap = RewrapBucket {
        bucket: BUCKET.to_owned(),
        prefix: String::new(),
        from: From::S3,
        to: Some(KmsWish::of_key(OTHER_KEY.to_owned(), false)),
        rate: None,
    };
    vault.engine.rewrap_bucket(&rewrap, |_| {}).await.unwrap();
    let rewrapped = usage(&vault).await;
    assert_eq!(
        (rewrapped.s3, rewrapped.kms),
        (in_progress(0, 90), in_progress(1, 0))
    );
    upload.complete(&[listing(1, &part)]).await.unwrap();
    let completed = usage(&vault).await;
    assert_eq!(completed.kms, objects(1, 1, 60));
    assert_eq!(
        completed.s3,
        in_progress(0, 30),
        "the part left over counts until it is collected"
    );
    vault.engine.collect().await.unwrap();
    assert_eq!(usage(&vault).await.s3, ModeUsage::default());
    let upload = vault.begin("b", ALICE).await;
    upload.part(1, bulk(1, 100)).await.unwrap();
    upload.abort().await.unwrap();
    assert_eq!(usage(&vault).await.customer, in_progress(0, 100));
    vault.engine.collect().await.unwrap();
    assert_eq!(usage(&vault).await.customer, ModeUsage::default());
}

#[tokio::test]
async fn wrong_counters_are_found_and_set_right() {
    let vault = Vault::memory().await;
    vault.put("a", bulk(1, 10), PLAIN).await.unwrap();
    tamper(
        &vault,
        vec![(Counter("bytes/s3"), 5), (Counter("versions/kms"), -1)],
    )
    .await;
    let recount = vault.engine.recount(BUCKET).await.unwrap();
    assert!(!recount.is_exact());
    assert_eq!(recount.rows.s3, objects(1, 1, 10));
    assert_eq!(recount.counters.s3, objects(1, 1, 15));
    assert_eq!(recount.counters.kms.versions, -1);
    let found = vault.engine.verify(&Verify::default(), |_| {}).await.unwrap();
    assert_eq!(found.damaged, 1);
    assert!(
        found.findings[0].what.contains("strongroom usage recount"),
        "{:?}",
        found.findings
    );
    // Two at once must not add the difference twice.
    let (one, two) = tokio::join!(vault.engine.mend_usage(BUCKET), vault.engine.mend_usage(BUCKET));
    assert!(one.is_ok() && two.is_ok());
    assert_eq!(usage(&vault).await.s3, objects(1, 1, 10));
    let found = vault.engine.verify(&Verify::default(), |_| {}).await.unwrap();
    assert_eq!(found.damaged, 0);
    assert!(matches!(
        vault.engine.mend_usage("no-such-bucket").await,
        Err(Error::NoSuchBucket(_))
    ));
}

/// A bucket of a release without counters is not empty because its counters are 0.
#[tokio::test]
async fn a_bucket_without_counters_is_counted_first() {
    let vault = Vault::memory().await;
    vault.put("a", bulk(1, 10), PLAIN).await.unwrap();
    let none = [
        ("counted", -1),
        ("objects/s3", -1),
        ("versions/s3", -1),
        ("bytes/s3", -10),
    ];
    tamper(
        &vault,
        none.map(|(name, amount)| (Counter(name), amount)).to_vec(),
    )
    .await;
    let restarted = vault.restarted().await;
    assert!(matches!(
        restarted.delete_bucket(BUCKET).await,
        Err(Error::BucketNotEmpty(_))
    ));
    assert_eq!(usage(&vault).await.s3, objects(1, 1, 10));
}
