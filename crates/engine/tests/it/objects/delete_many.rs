//! Deletion of many objects in one request.

use crate::support::protection::{ALICE, Protection};
use crate::support::vault::{BUCKET, Vault, body, content, request};
use crate::support::versioning::deletion;
use strongroom_engine::model::condition::{DeleteConditions, EtagCondition};
use strongroom_engine::model::settings::Versioning;
use strongroom_engine::object::delete::{DeleteObject, Deleted};
use strongroom_engine::{Error, VersionName};
use strongroom_store::faulty::{Call, Effect, Fault, Faults};

const PLAIN: Protection = Protection::Unspecified;

fn of_key(key: &str) -> DeleteObject {
    DeleteObject {
        key: key.to_owned(),
        ..DeleteObject::default()
    }
}

async fn deleted(vault: &Vault, deletes: &[DeleteObject]) -> Vec<Deleted> {
    let outcomes = vault.engine.delete_objects(BUCKET, deletes).await.unwrap();
    assert_eq!(outcomes.len(), deletes.len());
    outcomes.into_iter().map(Result::unwrap).collect()
}

#[tokio::test]
async fn a_thousand_keys_are_one_commit() {
    for versions in [false, true] {
        let (vault, meter) = Vault::metered().await;
        if versions {
            vault.keep_versions().await;
        }
        let keys: Vec<_> = (0..1000).map(|number| format!("{number}")).collect();
        for (number, key) in (0..).zip(&keys) {
            let size = if number % 100 == 0 { 70_000 } else { 10 };
            vault.put(key, content(number, size), PLAIN).await.unwrap();
        }
        let deletes: Vec<_> = keys.iter().map(|key| of_key(key)).collect();
        let before = meter.snapshot().index_commits.made;
        let markers = deleted(&vault, &deletes).await;
        assert_eq!(meter.snapshot().index_commits.made - before, 1);
        let mut names: Vec<_> = markers.iter().filter_map(|deleted| deleted.version).collect();
        names.sort_by_key(VersionName::to_string);
        names.dedup();
        assert_eq!(names.len(), if versions { 1000 } else { 0 });
        if versions {
            assert!(markers.iter().all(|deleted| deleted.is_marker && deleted.created));
            let all: Vec<_> = vault.versions().await;
            assert_eq!(all.len(), 2000);
            // The markers first, then the versions below them, then both at once by version.
            let deletes: Vec<_> = all
                .iter()
                .filter(|listed| listed.is_marker)
                .map(|listed| deletion(&listed.object.key, listed.version))
                .collect();
            let before = meter.snapshot().index_commits.made;
            let gone = deleted(&vault, &deletes).await;
            assert_eq!(meter.snapshot().index_commits.made - before, 1);
            assert!(gone.iter().all(|deleted| deleted.is_marker && !deleted.created));
            assert_eq!(vault.get("999", PLAIN).await.unwrap(), content(999, 10));
            vault.emptied().await;
        } else {
            vault.is_empty_once_collected().await;
        }
        vault
            .engine
            .delete_bucket(BUCKET)
            .await
            .expect("the counter is 0");
    }
}

#[tokio::test]
async fn nothing_to_delete_needs_no_commit() {
    let (vault, meter) = Vault::metered().await;
    let before = meter.snapshot().index_commits.made;
    assert_eq!(deleted(&vault, &[]).await, []);
    let deletes = [of_key("a"), of_key("b"), of_key("a")];
    assert_eq!(deleted(&vault, &deletes).await, [Deleted::default(); 3]);
    assert_eq!(meter.snapshot().index_commits.made, before);
}

#[tokio::test]
async fn repeated_keys_are_processed_in_order() {
    for vault in Vault::each().await {
        vault.keep_versions().await;
        let mut versions = Vec::new();
        for number in 0..5 {
            versions.push(vault.put_version("a", content(number, 70_000), ALICE).await);
            vault.put_version("b", "b", PLAIN).await;
        }
        let mut deletes: Vec<_> = versions[1..].iter().map(|name| deletion("a", *name)).collect();
        deletes.push(of_key("b"));
        deletes.push(deletion("a", versions[2]));
        deletes.push(of_key("b"));
        deletes.push(of_key("a"));
        let outcomes = deleted(&vault, &deletes).await;
        let returned: Vec<_> = outcomes
            .iter()
            .map(|deleted| (deleted.version, deleted.created))
            .collect();
        for (returned, requested) in returned.iter().zip(&deletes) {
            assert_eq!(returned.1, requested.version.is_none());
            assert!(requested.version.is_none() || returned.0 == requested.version);
        }
        let all = vault.versions().await;
        assert_eq!(all.iter().filter(|listed| listed.object.key == "a").count(), 2);
        assert_eq!(all.iter().filter(|listed| listed.object.key == "b").count(), 7);
        let first = vault.get_version("a", versions[0], ALICE).await.unwrap();
        assert!(first == content(0, 70_000));
        vault.emptied().await;
    }
}

#[tokio::test]
async fn a_refused_deletion_does_not_stop_the_others() {
    let vault = Vault::memory().await;
    vault.lock_versions(None).await;
    let mut etags = Vec::new();
    let mut versions = Vec::new();
    for key in ["locked", "free", "changed"] {
        let put = vault.put(key, content(1, 70_000), ALICE).await.unwrap().committed;
        etags.push(put.etag);
        versions.push(put.version.unwrap());
    }
    vault
        .engine
        .hold_object(BUCKET, "locked", None, true)
        .await
        .unwrap();
    let with_etag = |key: &str, etag: &str| DeleteObject {
        conditions: DeleteConditions {
            if_match: Some(EtagCondition::OneOf(vec![etag.to_owned()])),
            ..DeleteConditions::default()
        },
        ..of_key(key)
    };
    let deletes = [
        deletion("locked", versions[0]),
        deletion("free", versions[1]),
        with_etag("changed", "another"),
        with_etag("nothing", "x"),
        deletion("nothing", VersionName::Id([7; 16])),
        with_etag("changed", &etags[2]),
    ];
    let outcomes = vault.engine.delete_objects(BUCKET, &deletes).await.unwrap();
    match &outcomes[..] {
        [
            Err(Error::Locked),
            Ok(free),
            Err(Error::PreconditionFailed("If-Match")),
            Err(Error::NoSuchKey(_)),
            Ok(_),
            Ok(marker),
        ] => {
            assert_eq!(free.version, Some(versions[1]));
            assert!(marker.created);
        }
        other => panic!("{other:?}"),
    }
    assert!(vault.get("locked", ALICE).await.unwrap() == content(1, 70_000));
    let missing = vault.get("free", ALICE).await;
    assert!(matches!(missing, Err(Error::NoSuchKey(_))), "{missing:?}");
    vault.engine.collect().await.unwrap();
    assert_eq!(vault.blobs().await.len(), 2);
    vault
        .engine
        .hold_object(BUCKET, "locked", None, false)
        .await
        .unwrap();
    vault.emptied().await;
}

#[tokio::test]
async fn conditions_of_deletions_apply_to_the_named_version() {
    let vault = Vault::memory().await;
    vault.keep_versions().await;
    let old = vault.put("a", "old", PLAIN).await.unwrap().committed;
    let new = vault.put("a", "newer", PLAIN).await.unwrap().committed;
    let seconds = |modified: u64| i64::try_from(modified / 1_000_000).unwrap();
    let conditions = |etag: &str, modified: u64, length| DeleteConditions {
        if_match: Some(EtagCondition::OneOf(vec![etag.to_owned()])),
        modified: Some(seconds(modified)),
        length: Some(length),
    };
    for version in [None, old.version] {
        let (right, wrong) = if version.is_some() {
            (&old, &new)
        } else {
            (&new, &old)
        };
        let length = if version.is_some() { 3 } else { 5 };
        for conditions in [
            conditions(&wrong.etag, right.modified, length),
            conditions(&right.etag, right.modified + 1_000_000, length),
            conditions(&right.etag, right.modified, length + 1),
        ] {
            let delete = DeleteObject {
                version,
                conditions,
                ..of_key("a")
            };
            let refused = vault.engine.delete_object(BUCKET, &delete).await;
            assert!(
                matches!(refused, Err(Error::PreconditionFailed(_))),
                "{refused:?}"
            );
        }
        let delete = DeleteObject {
            version,
            conditions: conditions(&right.etag, right.modified, length),
            ..of_key("a")
        };
        vault.engine.delete_object(BUCKET, &delete).await.unwrap();
    }
    assert_eq!(
        vault.versions().await.len(),
        2,
        "a marker and the newer version below it"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_deletions_and_writes_of_the_same_keys_all_succeed() {
    for vault in Vault::each().await {
        for versions in [false, true] {
            if versions {
                vault.keep_versions().await;
            }
            let tasks = (0..8_u64).map(|task| {
                let engine = vault.engine.clone();
                tokio::spawn(async move {
                    for round in 0..5 {
                        if task % 2 == 0 {
                            let deletes: Vec<_> = (0..20).map(|key| of_key(&key.to_string())).collect();
                            for outcome in engine.delete_objects(BUCKET, &deletes).await.unwrap() {
                                outcome.unwrap();
                            }
                        } else {
                            for key in 0..20 {
                                let put = request(&key.to_string(), 10, PLAIN);
                                let bytes = content(task * 100 + round, 10);
                                engine.put_object(put, body(bytes)).await.unwrap();
                            }
                        }
                    }
                })
            });
            for task in tasks.collect::<Vec<_>>() {
                task.await.unwrap();
            }
            if versions {
                assert!(vault.versions().await.len() >= 8 * 5 * 20);
            }
            vault.emptied().await;
        }
        vault
            .engine
            .delete_bucket(BUCKET)
            .await
            .expect("the counter is right");
    }
}

#[tokio::test]
async fn a_commit_that_fails_deletes_nothing() {
    let faults = Faults::none();
    let vault = Vault::through(|store| store.faulty(faults.clone())).await;
    let deletes: Vec<_> = (0..20).map(|key| of_key(&key.to_string())).collect();
    for delete in &deletes {
        vault.put(&delete.key, content(1, 70_000), PLAIN).await.unwrap();
    }
    let rows = vault.rows().await;
    faults.next(Call::Commit, Effect::Fail);
    let failed = vault.engine.delete_objects(BUCKET, &deletes).await;
    assert!(matches!(failed, Err(Error::Store(_))), "{failed:?}");
    assert_eq!(vault.rows().await, rows);
    faults.next(Call::Commit, Effect::FailAfter);
    let failed = vault.engine.delete_objects(BUCKET, &deletes).await;
    assert!(matches!(failed, Err(Error::Store(_))), "{failed:?}");
    assert_eq!(deleted(&vault, &deletes).await, [Deleted::default(); 20]);
    vault.is_empty_once_collected().await;
}

#[tokio::test]
async fn a_later_commit_that_fails_is_the_result_of_its_deletions_alone() {
    let faults = Faults::none();
    let vault = Vault::through(|store| store.faulty(faults.clone())).await;
    vault.set_versioning(Versioning::Enabled).await;
    // The second deletion of a key needs a commit of its own.
    let deletes: Vec<_> = ["a", "b", "a"].map(of_key).into();
    faults.add(Fault {
        call: Call::Commit,
        nth: 2,
        effect: Effect::Fail,
    });
    let outcomes = vault.engine.delete_objects(BUCKET, &deletes).await.unwrap();
    let are_done: Vec<bool> = outcomes.iter().map(Result::is_ok).collect();
    assert_eq!(are_done, [true, true, false]);
    assert!(matches!(&outcomes[2], Err(Error::Store(_))), "{:?}", outcomes[2]);
}
