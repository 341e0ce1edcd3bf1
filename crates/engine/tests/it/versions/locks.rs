//! Object Lock and tags: locks that keep a version, and properties that are readable without its key.

use crate::support::clock::{DAY, START};
use crate::support::protection::{ALICE, Protection};
use crate::support::vault::{BUCKET, Vault, body, new_object, request};
use crate::support::versioning::deletion;
use strongroom_engine::model::lock::{Lock, Retention};
use strongroom_engine::model::settings::{DefaultRetention, LockPeriod, RetentionMode};
use strongroom_engine::model::tags::Tags;
use strongroom_engine::object::delete::DeleteObject;
use strongroom_engine::upload::BeginUpload;
use strongroom_engine::{Error, Result, VersionName};

const PLAIN: Protection = Protection::Unspecified;
use RetentionMode::{Compliance, Governance};

#[expect(
    clippy::unnecessary_wraps,
    reason = "it is always requested for where none may be"
)]
fn until(mode: RetentionMode, day: u64) -> Option<Retention> {
    let until = START + day * DAY;
    Some(Retention { mode, until })
}

/// Creates a vault with Object Lock and a stopped clock.
async fn lockable() -> Vault {
    let vault = Vault::memory().await;
    vault.clock.stop();
    vault.lock_versions(None).await;
    vault
}

async fn put_locked(vault: &Vault, lock: Lock) -> Result<VersionName> {
    let mut put = request("a", 1, ALICE);
    put.object.lock = lock;
    let put = vault.engine.put_object(put, body("x")).await?;
    Ok(put.committed.version.unwrap())
}

async fn delete(vault: &Vault, version: VersionName, bypass_governance: bool) -> Result<()> {
    let delete = DeleteObject {
        bypass_governance,
        ..deletion("a", version)
    };
    vault.engine.delete_object(BUCKET, &delete).await.map(drop)
}

fn locked(outcome: &Result<()>) {
    assert!(matches!(outcome, Err(Error::Locked)), "{outcome:?}");
}

#[tokio::test]
async fn a_locked_version_is_kept_until_its_date_and_can_be_hidden_by_a_marker() {
    let vault = lockable().await;
    for (mode, hold) in [(Governance, false), (Compliance, false), (Governance, true)] {
        vault.clock.set(START);
        let lock = Lock {
            retention: until(mode, 10),
            legal_hold: hold.then_some(true),
        };
        let version = put_locked(&vault, lock).await.unwrap();
        assert_eq!(vault.engine.object_lock(BUCKET, "a", None).await.unwrap(), lock);
        assert_eq!(vault.head("a", ALICE).await.unwrap().lock, lock);
        locked(&delete(&vault, version, false).await);
        if mode == Compliance || hold {
            locked(&delete(&vault, version, true).await);
        }
        // Neither a marker nor a newer version deletes it.
        let marker = vault.delete("a").await.unwrap().version.unwrap();
        vault.put("a", "newer", PLAIN).await.unwrap();
        assert_eq!(vault.get_version("a", version, ALICE).await.unwrap(), b"x");
        delete(&vault, marker, false).await.unwrap();

        vault.clock.set(START + 10 * DAY - 1);
        locked(&delete(&vault, version, false).await);
        vault.clock.set(START + 10 * DAY);
        if hold {
            locked(&delete(&vault, version, true).await);
            vault
                .engine
                .hold_object(BUCKET, "a", Some(version), false)
                .await
                .unwrap();
        }
        delete(&vault, version, false).await.unwrap();
        vault.emptied().await;
    }
}

#[tokio::test]
async fn governance_can_be_bypassed_with_permission() {
    let vault = lockable().await;
    let lock = Lock {
        retention: until(Governance, 10),
        legal_hold: None,
    };
    let version = put_locked(&vault, lock).await.unwrap();
    locked(&delete(&vault, version, false).await);
    delete(&vault, version, true).await.unwrap();
    vault.is_empty_once_collected().await;
}

#[tokio::test]
async fn a_retention_can_be_extended_and_shortened_only_where_allowed() {
    // From, to, whether the change is allowed, whether it is allowed with the right to bypass governance.
    let cases = [
        (until(Governance, 10), until(Governance, 11), true, true),
        (until(Governance, 10), until(Governance, 10), true, true),
        (until(Governance, 10), until(Governance, 9), false, true),
        (until(Governance, 10), until(Compliance, 10), false, true),
        (until(Governance, 10), until(Compliance, 9), false, true),
        (until(Governance, 10), None, false, true),
        (until(Compliance, 10), until(Compliance, 11), true, true),
        (until(Compliance, 10), until(Compliance, 9), false, false),
        (until(Compliance, 10), until(Governance, 11), false, false),
        (until(Compliance, 10), None, false, false),
        (None, until(Compliance, 1), true, true),
        (None, None, true, true),
    ];
    for (from, to, taken, taken_with_bypass) in cases {
        for bypass in [false, true] {
            let vault = lockable().await;
            let lock = Lock {
                retention: from,
                legal_hold: Some(false),
            };
            let version = put_locked(&vault, lock).await.unwrap();
            let changed = vault
                .engine
                .retain_object(BUCKET, "a", Some(version), to, bypass)
                .await;
            let expected = if bypass { taken_with_bypass } else { taken };
            match changed {
                Ok(()) => assert!(expected, "{from:?} to {to:?} {bypass}"),
                Err(Error::Locked) => assert!(!expected, "{from:?} to {to:?} {bypass}"),
                Err(error) => panic!("{error:?}"),
            }
            let now = vault.engine.object_lock(BUCKET, "a", None).await.unwrap();
            assert_eq!(now.retention, if expected { to } else { from });
            assert_eq!(now.legal_hold, Some(false));
            assert_eq!(vault.get("a", ALICE).await.unwrap(), b"x");
        }
    }
    // An expired retention does not lock.
    let vault = lockable().await;
    let lock = Lock {
        retention: until(Compliance, 10),
        legal_hold: None,
    };
    put_locked(&vault, lock).await.unwrap();
    vault.clock.set(START + 10 * DAY);
    let later = until(Governance, 11);
    let changed = vault.engine.retain_object(BUCKET, "a", None, later, false);
    changed.await.unwrap();
    let past = vault
        .engine
        .retain_object(BUCKET, "a", None, until(Governance, 10), true)
        .await;
    assert!(matches!(past, Err(Error::RetentionInPast)), "{past:?}");
}

#[tokio::test]
async fn the_default_retention_applies_to_versions_without_one() {
    let vault = Vault::memory().await;
    vault.clock.stop();
    vault.clock.set(START);
    for (period, days) in [(LockPeriod::Days(3), 3), (LockPeriod::Years(2), 730)] {
        let default = DefaultRetention {
            mode: Compliance,
            period,
        };
        vault.lock_versions(Some(default)).await;
        vault.put("a", "x", ALICE).await.unwrap();
        let lock = vault.engine.object_lock(BUCKET, "a", None).await.unwrap();
        assert_eq!(lock.retention, until(Compliance, days));
        vault.multipart("b", ALICE, &["x".into()]).await;
        let lock = vault.engine.object_lock(BUCKET, "b", None).await.unwrap();
        assert_eq!(lock.retention, until(Compliance, days));
        vault
            .copy(crate::support::copying::copying("a", "c", PLAIN), ALICE)
            .await
            .unwrap();
        let lock = vault.engine.object_lock(BUCKET, "c", None).await.unwrap();
        assert_eq!(lock.retention, until(Compliance, days));
        let said = Lock {
            retention: until(Governance, 1),
            legal_hold: None,
        };
        put_locked(&vault, said).await.unwrap();
        assert_eq!(vault.engine.object_lock(BUCKET, "a", None).await.unwrap(), said);
    }
}

#[tokio::test]
async fn without_object_lock_nothing_can_be_locked() {
    let vault = Vault::memory().await;
    vault.keep_versions().await;
    vault.put("a", "x", ALICE).await.unwrap();
    let hold = Lock {
        retention: None,
        legal_hold: Some(false),
    };
    let refused = |outcome: Result<()>| {
        assert!(matches!(outcome, Err(Error::NoObjectLock)), "{outcome:?}");
    };
    refused(put_locked(&vault, hold).await.map(drop));
    let mut begin = BeginUpload {
        object: new_object(BUCKET, "a", ALICE),
        checksum: None,
        initiator: None,
    };
    begin.object.lock = hold;
    refused(vault.engine.begin_upload(begin).await.map(drop));
    refused(vault.engine.object_lock(BUCKET, "a", None).await.map(drop));
    refused(vault.engine.hold_object(BUCKET, "a", None, true).await);
    let retain = vault
        .engine
        .retain_object(BUCKET, "a", None, until(Governance, 1), true);
    refused(retain.await);
}

#[tokio::test]
async fn locks_and_tags_belong_to_a_version_and_markers_have_none() {
    let vault = lockable().await;
    let tags = |value: &str| Tags::new([("k".to_owned(), value.to_owned())], 10).unwrap();
    let mut versions = Vec::new();
    for value in ["1", "2"] {
        let mut put = request("a", 1, ALICE);
        put.object.tags = tags(value);
        let put = vault.engine.put_object(put, body("x")).await.unwrap();
        versions.push(put.committed.version);
    }
    let engine = &vault.engine;
    let (returned, version) = engine.object_tags(BUCKET, "a", versions[0]).await.unwrap();
    assert_eq!((returned, version), (tags("1"), versions[0]));
    let changed = engine.tag_object(BUCKET, "a", versions[0], &tags("3")).await;
    assert_eq!(changed.unwrap(), versions[0]);
    let newest = engine.tag_object(BUCKET, "a", None, &Tags::default()).await;
    assert_eq!(newest.unwrap(), versions[1]);
    assert_eq!(
        engine.object_tags(BUCKET, "a", versions[0]).await.unwrap().0,
        tags("3")
    );
    assert_eq!(vault.head("a", ALICE).await.unwrap().tags, 0);
    engine.hold_object(BUCKET, "a", versions[0], true).await.unwrap();
    assert_eq!(
        engine.object_lock(BUCKET, "a", None).await.unwrap(),
        Lock::default()
    );
    for version in versions.iter().flatten() {
        assert_eq!(vault.get_version("a", *version, ALICE).await.unwrap(), b"x");
    }
    let marker = vault.delete("a").await.unwrap().version;
    for version in [None, marker] {
        for refused in [
            engine.object_tags(BUCKET, "a", version).await.map(drop),
            engine
                .tag_object(BUCKET, "a", version, &tags("4"))
                .await
                .map(drop),
            engine.hold_object(BUCKET, "a", version, true).await,
            engine.object_lock(BUCKET, "a", version).await.map(drop),
        ] {
            assert!(
                matches!(refused, Err(Error::Deleted(..) | Error::IsDeleteMarker(..))),
                "{refused:?}"
            );
        }
    }
    let missing = engine.object_tags(BUCKET, "b", None).await;
    assert!(matches!(missing, Err(Error::NoSuchKey(_))), "{missing:?}");
    let missing = engine
        .tag_object(BUCKET, "a", Some(VersionName::Id([7; 16])), &tags("4"))
        .await;
    assert!(matches!(missing, Err(Error::NoSuchVersion(..))), "{missing:?}");
}
