//! Lifecycle rules, on an engine whose clock the test sets.

use super::*;
use crate::clock::Clock;
use crate::engine::Parts;
use crate::model::acl::ObjectAccess;
use crate::model::condition::WriteConditions;
use crate::model::encryption_headers::EncryptionHeaders;
use crate::model::lock::Lock;
use crate::model::owner::BucketOwner;
use crate::model::settings::lifecycle::{Expiration, LifecycleFilter, NoncurrentExpiration};
use crate::model::settings::lock::ObjectLock;
use crate::model::settings::{BucketSettings, Versioning};
use crate::model::tags::Tags;
use crate::object::walk::Entry;
use crate::version::due::Properties;
use crate::version::expiry::Expiry;
use bytes::Bytes;
use futures::StreamExt as _;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use strongroom_keys::Keyring;
use strongroom_seal::SystemRandom;
use strongroom_store::Prepared;

const BUCKET: &str = "the-bucket";
const DAY: u64 = 86_400_000_000;
/// Noon of a day.
const START: u64 = 20_000 * DAY + DAY / 2;

struct At(AtomicU64);

impl Clock for At {
    fn now(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

struct Place {
    engine: Engine,
    clock: Arc<At>,
}

impl Place {
    async fn with(versioning: Option<Versioning>, lifecycle: Vec<LifecycleRule>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock = Arc::new(At(AtomicU64::new(START)));
        let parts = Parts {
            store: Prepared::memory(),
            keyring: Arc::new(
                Keyring::create(&directory.path().join("keyring"), &SystemRandom::default()).unwrap(),
            ),
            kms: Arc::default(),
            audit: Arc::new(strongroom_audit::NoAudit),
            clock: Arc::<At>::clone(&clock),
            random: Arc::new(SystemRandom::default()),
            lifecycle_day: crate::engine::DAY,
            keep_lost: crate::engine::KEEP_LOST,
        };
        let engine = Engine::start(parts).await.unwrap();
        let settings = BucketSettings {
            versioning,
            lifecycle,
            ..BucketSettings::default()
        };
        engine
            .create_bucket_with(BUCKET, BucketOwner::FIRST, &settings)
            .await
            .unwrap();
        Self { engine, clock }
    }

    /// Advances the clock by this many days.
    fn days(&self, days: u64) {
        self.clock.0.fetch_add(days * DAY, Ordering::Relaxed);
    }

    async fn put(&self, key: &str, bytes: &'static [u8], tags: &[(&str, &str)]) {
        let pairs = tags
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let put = crate::object::put::PutObject {
            object: crate::model::new_object::NewObject {
                bucket: BUCKET.to_owned(),
                key: key.to_owned(),
                headers: BTreeMap::default(),
                metadata: BTreeMap::default(),
                tags: Tags::new(pairs, 10).unwrap(),
                lock: Lock::default(),
                access: ObjectAccess::default(),
                encryption: EncryptionHeaders::default(),
            },
            length: Some(bytes.len() as u64),
            md5: None,
            checksum: None,
            conditions: WriteConditions::default(),
        };
        let body = futures::stream::iter([Ok(Bytes::from_static(bytes))]).boxed();
        self.engine.put_object(put, body).await.unwrap();
    }

    async fn delete(&self, key: &str) {
        let delete = crate::object::delete::DeleteObject {
            key: key.to_owned(),
            ..crate::object::delete::DeleteObject::default()
        };
        self.engine.delete_object(BUCKET, &delete).await.unwrap();
    }

    /// Returns the keys of the versions that are left, with `-` in front for a delete marker.
    async fn left(&self) -> Vec<String> {
        let list = crate::object::list::ListVersions {
            limit: 1000,
            ..crate::object::list::ListVersions::default()
        };
        let page = self.engine.list_versions(BUCKET, &list).await.unwrap();
        let name = |entry| match entry {
            Entry::Item(version) => {
                let version: crate::object::list::ListedVersion = version;
                format!(
                    "{}{}",
                    if version.is_marker { "-" } else { "" },
                    version.object.key
                )
            }
            Entry::Prefix(_) => unreachable!(),
        };
        page.entries.into_iter().map(name).collect()
    }

    async fn round(&self) -> Round {
        self.engine.run_lifecycle().await.unwrap()
    }
}

fn rule() -> LifecycleRule {
    LifecycleRule {
        id: "rule".to_owned(),
        enabled: true,
        filter: LifecycleFilter::default(),
        without_filter: false,
        expiration: None,
        noncurrent: None,
        abort_uploads_after: None,
    }
}

fn expire(days: u32) -> LifecycleRule {
    LifecycleRule {
        expiration: Some(Expiration::Days(days)),
        ..rule()
    }
}

#[tokio::test]
async fn objects_expire_at_the_midnight_after_their_days() {
    let place = Place::with(None, vec![expire(1)]).await;
    place.put("a", b"bytes", &[]).await;
    place.days(1);
    // 24 hours have passed at noon, but only midnight counts.
    assert_eq!(place.round().await, Round::default());
    place.days(1);
    assert_eq!(place.round().await.expired, 1);
    assert!(place.left().await.is_empty());
    assert_eq!(place.round().await, Round::default());
}

#[tokio::test]
async fn filters_choose() {
    let filtered = |filter: LifecycleFilter| LifecycleRule { filter, ..expire(1) };
    let tagged = |pairs: &[(&str, &str)]| {
        let pairs = pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        Tags::new(pairs, 10).unwrap()
    };
    let cases: [(LifecycleFilter, &[&str]); 6] = [
        (
            LifecycleFilter {
                prefix: Some("log/".to_owned()),
                ..LifecycleFilter::default()
            },
            &["big", "tagged"],
        ),
        (
            LifecycleFilter {
                larger_than: Some(5),
                ..LifecycleFilter::default()
            },
            &["log/a", "tagged"],
        ),
        (
            LifecycleFilter {
                smaller_than: Some(5),
                ..LifecycleFilter::default()
            },
            &["big", "log/a", "tagged"],
        ),
        (
            LifecycleFilter {
                tags: tagged(&[("keep", "no")]),
                ..LifecycleFilter::default()
            },
            &["big", "log/a"],
        ),
        (
            LifecycleFilter {
                tags: tagged(&[("keep", "no"), ("other", "x")]),
                ..LifecycleFilter::default()
            },
            &["big", "log/a", "tagged"],
        ),
        (LifecycleFilter::default(), &[]),
    ];
    for (filter, left) in cases {
        let place = Place::with(None, vec![filtered(filter.clone())]).await;
        place.put("big", b"123456", &[]).await;
        place.put("log/a", b"12345", &[]).await;
        place.put("tagged", b"12345", &[("keep", "no")]).await;
        place.days(3);
        place.round().await;
        assert_eq!(place.left().await, left, "{filter:?}");
    }
}

#[tokio::test]
async fn rules_that_are_off_or_of_another_day_do_nothing() {
    let off = LifecycleRule {
        enabled: false,
        ..expire(1)
    };
    let date = |day: u64| LifecycleRule {
        expiration: Some(Expiration::Date(i64::try_from(day * 86_400).unwrap())),
        ..rule()
    };
    for (rule, left) in [(off, 1), (date(20_010), 1), (date(20_003), 0)] {
        let place = Place::with(None, vec![rule]).await;
        place.put("a", b"bytes", &[]).await;
        place.days(5);
        place.round().await;
        assert_eq!(place.left().await.len(), left);
    }
}

#[tokio::test]
async fn with_versions_an_object_is_covered_and_then_cleared_away() {
    let noncurrent = LifecycleRule {
        noncurrent: Some(NoncurrentExpiration { days: 3, keep: None }),
        ..expire(1)
    };
    let place = Place::with(Some(Versioning::Enabled), vec![noncurrent]).await;
    place.put("a", b"bytes", &[]).await;
    place.days(2);
    assert_eq!(place.round().await.expired, 1);
    assert_eq!(place.left().await, ["-a", "a"]);
    // Noncurrent since the marker was created, not since its own creation.
    place.days(2);
    assert_eq!(place.round().await, Round::default());
    place.days(2);
    // The version is deleted, and with it the marker, which has reached the age in its rule.
    assert_eq!(place.round().await.versions, 2);
    assert!(place.left().await.is_empty());
    place.engine.delete_bucket(BUCKET).await.unwrap();
}

#[tokio::test]
async fn the_newest_noncurrent_versions_stay() {
    let keep = LifecycleRule {
        noncurrent: Some(NoncurrentExpiration {
            days: 1,
            keep: Some(2),
        }),
        ..rule()
    };
    let place = Place::with(Some(Versioning::Enabled), vec![keep]).await;
    for _ in 0..5 {
        place.put("a", b"bytes", &[]).await;
        place.days(1);
    }
    place.days(2);
    assert_eq!(place.round().await.versions, 2);
    assert_eq!(place.left().await, ["a", "a", "a"]);
}

#[tokio::test]
async fn lonely_delete_markers_go_if_a_rule_says_so() {
    for (expiration, left) in [
        (Some(Expiration::DeleteMarkers(true)), vec!["-b", "b"]),
        (Some(Expiration::DeleteMarkers(false)), vec!["-a", "-b", "b"]),
        (Some(Expiration::Days(100)), vec!["-a", "-b", "b"]),
    ] {
        let rule = LifecycleRule { expiration, ..rule() };
        let place = Place::with(Some(Versioning::Enabled), vec![rule]).await;
        place.delete("a").await;
        place.put("b", b"bytes", &[]).await;
        place.delete("b").await;
        place.days(2);
        place.round().await;
        assert_eq!(place.left().await, left, "{expiration:?}");
    }
}

#[tokio::test]
async fn locked_versions_stay() {
    let noncurrent = LifecycleRule {
        noncurrent: Some(NoncurrentExpiration { days: 1, keep: None }),
        ..rule()
    };
    let place = Place::with(Some(Versioning::Enabled), vec![noncurrent]).await;
    place
        .engine
        .change_bucket_settings(BUCKET, |settings| {
            Ok(settings.set_object_lock(ObjectLock::default())?)
        })
        .await
        .unwrap();
    place.put("a", b"bytes", &[]).await;
    place.engine.hold_object(BUCKET, "a", None, true).await.unwrap();
    place.put("a", b"newer", &[]).await;
    place.days(9);
    assert_eq!(place.round().await, Round::default());
    assert_eq!(place.left().await, ["a", "a"]);
}

#[tokio::test]
async fn uploads_that_nobody_completes_are_given_up() {
    let abort = LifecycleRule {
        abort_uploads_after: Some(2),
        filter: LifecycleFilter {
            prefix: Some("up/".to_owned()),
            ..LifecycleFilter::default()
        },
        ..rule()
    };
    let place = Place::with(None, vec![abort]).await;
    for key in ["up/a", "other"] {
        let object = crate::model::new_object::NewObject {
            bucket: BUCKET.to_owned(),
            key: key.to_owned(),
            headers: BTreeMap::default(),
            metadata: BTreeMap::default(),
            tags: Tags::default(),
            lock: Lock::default(),
            access: ObjectAccess::default(),
            encryption: EncryptionHeaders::default(),
        };
        let begin = crate::upload::BeginUpload {
            object,
            checksum: None,
            initiator: None,
        };
        place.engine.begin_upload(begin).await.unwrap();
    }
    place.days(2);
    assert_eq!(place.round().await.uploads, 0);
    place.days(1);
    assert_eq!(place.round().await.uploads, 1);
    let list = crate::upload::ListUploads {
        limit: 10,
        ..crate::upload::ListUploads::default()
    };
    let page = place.engine.list_uploads(BUCKET, &list).await.unwrap();
    assert_eq!(page.entries.len(), 1);
}

#[test]
fn an_expiry_is_told_by_the_first_rule_to_come() {
    let later = LifecycleRule {
        id: "later".to_owned(),
        ..expire(9)
    };
    let properties = Properties {
        length: 5,
        tags: &Tags::default(),
    };
    let expiry = Expiry::of(&[later, expire(3)], DAY, "a", properties, START);
    let expiry = expiry.unwrap();
    assert_eq!((expiry.at, expiry.rule.as_str()), (20_004 * DAY, "rule"));
    assert_eq!(Expiry::of(&[rule()], DAY, "a", properties, START), None);
}
