//! Changes between the lookup of many keys and the commit that deletes them, each race in a fixed order.

use crate::support::hooked_index::{After, Hooks};
use crate::support::protection::Protection;
use crate::support::vault::{BUCKET, Vault, content, delete, request};
use crate::support::versioning::deletion;
use std::sync::Arc;
use strongroom_engine::condition::{DeleteConditions, EtagCondition};
use strongroom_engine::delete::DeleteObject;
use strongroom_engine::settings::Versioning;
use strongroom_engine::{Engine, Error};
use strongroom_store::metered::Meter;

const PLAIN: Protection = Protection::Unspecified;

/// Number of keys in one request.
const KEYS: usize = 40;

/// Returns a vault whose first engine has hooks and counters, and a second engine without them.
async fn watched() -> (Vault, Arc<Meter>, Hooks, Engine) {
    let (hooks, mut meter) = (Hooks::default(), None);
    let vault = Vault::through(|store| {
        let (store, counted) = store.metered();
        meter = Some(counted);
        hooks.over(store)
    })
    .await;
    let beside = vault.restarted().await;
    (vault, meter.unwrap(), hooks, beside)
}

fn key(number: usize) -> String {
    format!("{number:03}")
}

fn all_keys() -> Vec<DeleteObject> {
    let of_key = |number| DeleteObject {
        key: key(number),
        ..DeleteObject::default()
    };
    (0..KEYS).map(of_key).collect()
}

async fn put(engine: &Engine, key: &str, bytes: Vec<u8>) {
    let put = request(key, bytes.len(), PLAIN);
    engine
        .put_object(put, crate::support::vault::body(bytes))
        .await
        .unwrap();
}

async fn filled(vault: &Vault) {
    for number in 0..KEYS {
        vault.put(&key(number), content(1, 70_000), PLAIN).await.unwrap();
    }
}

/// Returns the number of commits made and refused since `before`.
fn commits(meter: &Meter, before: strongroom_store::metered::Snapshot) -> (u64, u64) {
    let now = meter.snapshot();
    (
        now.index_commits.made - before.index_commits.made,
        now.commits_refused - before.commits_refused,
    )
}

#[tokio::test]
async fn a_key_written_meanwhile_delays_only_its_own_deletion() {
    for (versions, written) in [(false, 0), (false, 17), (true, 17), (true, KEYS - 1)] {
        let (vault, meter, hooks, beside) = watched().await;
        if versions {
            vault.keep_versions().await;
        }
        filled(&vault).await;
        hooks.on(After::Get("current/"), KEYS, async move {
            put(&beside, &key(written), b"another".to_vec()).await;
        });
        let before = meter.snapshot();
        let outcomes = vault.engine.delete_objects(BUCKET, &all_keys()).await.unwrap();
        assert!(hooks.all_done());
        // One commit of all keys, which is refused; one of the written key; one of the others.
        assert_eq!(commits(&meter, before), (3, 1));
        for outcome in outcomes {
            let deleted = outcome.unwrap();
            assert_eq!((deleted.is_marker, deleted.created), (versions, versions));
        }
        let all = vault.versions().await;
        if versions {
            let markers = all.iter().filter(|listed| listed.is_marker && listed.is_latest);
            assert_eq!((markers.count(), all.len()), (KEYS, 2 * KEYS + 1));
        } else {
            assert_eq!(all, []);
        }
        vault.emptied().await;
        vault
            .engine
            .delete_bucket(BUCKET)
            .await
            .expect("the counter is 0");
    }
}

#[tokio::test]
async fn keys_deleted_meanwhile_are_planned_again_in_one_batch() {
    for versions in [false, true] {
        let (vault, meter, hooks, beside) = watched().await;
        if versions {
            vault.keep_versions().await;
        }
        filled(&vault).await;
        hooks.on(After::Get("current/"), KEYS, async move {
            for outcome in beside.delete_objects(BUCKET, &all_keys()).await.unwrap() {
                outcome.unwrap();
            }
        });
        let before = meter.snapshot();
        let outcomes = vault.engine.delete_objects(BUCKET, &all_keys()).await.unwrap();
        assert!(hooks.all_done());
        assert!(outcomes.iter().all(Result::is_ok));
        // Nothing is left to delete, so nothing is committed.
        assert_eq!(commits(&meter, before), if versions { (3, 1) } else { (1, 1) });
        let markers = if versions { 2 * KEYS } else { 0 };
        let all = vault.versions().await;
        assert_eq!(all.iter().filter(|listed| listed.is_marker).count(), markers);
        vault.emptied().await;
    }
}

#[tokio::test]
async fn after_eight_refused_commits_keys_are_deleted_one_by_one() {
    let (vault, meter, hooks, beside) = watched().await;
    filled(&vault).await;
    // One key is written each time after all remaining ones have been looked up. It is looked up once more.
    let mut look = 0;
    for written in 0..9 {
        look += KEYS - written;
        let beside = beside.clone();
        hooks.on(After::Get("current/"), look, async move {
            put(&beside, &key(written), b"another".to_vec()).await;
        });
        look += 1;
    }
    let before = meter.snapshot();
    let outcomes = vault.engine.delete_objects(BUCKET, &all_keys()).await.unwrap();
    assert!(hooks.all_done());
    assert!(outcomes.iter().all(Result::is_ok));
    let alone = 8 + (KEYS as u64 - 8);
    assert_eq!(commits(&meter, before), (9 + alone, 9));
    vault.is_empty_once_collected().await;
}

#[tokio::test]
async fn changes_before_the_commit_are_taken_into_account() {
    let (vault, _, hooks, beside) = watched().await;
    vault.lock_versions(None).await;
    let mut requested = Vec::new();
    let mut versions = Vec::new();
    for number in 0..KEYS {
        let put = vault.put(&key(number), content(1, 70_000), PLAIN).await.unwrap();
        versions.push(put.committed.version.unwrap());
        requested.push(DeleteObject {
            conditions: DeleteConditions {
                if_match: Some(EtagCondition::OneOf(vec![put.committed.etag])),
                ..DeleteConditions::default()
            },
            ..deletion(&key(number), versions[number])
        });
    }
    // This one is protected by its condition only.
    requested[30].version = None;
    let held = versions[5];
    let gone = versions[7];
    hooks.on(After::Get("version/"), KEYS - 1, async move {
        beside
            .hold_object(BUCKET, &key(5), Some(held), true)
            .await
            .unwrap();
        beside
            .delete_object(BUCKET, &deletion(&key(7), gone))
            .await
            .unwrap();
        put(&beside, &key(30), b"another".to_vec()).await;
    });
    let outcomes = vault.engine.delete_objects(BUCKET, &requested).await.unwrap();
    assert!(hooks.all_done());
    for (number, outcome) in outcomes.into_iter().enumerate() {
        match (number, outcome) {
            (5, Err(Error::Locked))
            | (7, Err(Error::NoSuchKey(_)))
            | (30, Err(Error::PreconditionFailed("If-Match"))) => {}
            (5 | 7 | 30, other) => panic!("{number}: {other:?}"),
            (_, outcome) => assert_eq!(outcome.unwrap().version, Some(versions[number])),
        }
    }
    let left: Vec<_> = vault.versions().await;
    let mut left: Vec<_> = left.iter().map(|listed| listed.object.key.as_str()).collect();
    left.dedup();
    assert_eq!(left, ["005", "030"]);
    vault
        .engine
        .hold_object(BUCKET, "005", Some(held), false)
        .await
        .unwrap();
    vault.emptied().await;
}

#[tokio::test]
async fn a_repeated_key_is_processed_in_order_even_if_it_is_written_meanwhile() {
    let (vault, _, hooks, beside) = watched().await;
    vault.set_versioning(Versioning::Enabled).await;
    let version = vault.put_version("a", "first", PLAIN).await;
    vault.put_version("b", "b", PLAIN).await;
    let requested = [
        DeleteObject {
            key: "a".to_owned(),
            ..DeleteObject::default()
        },
        deletion("a", version),
        DeleteObject {
            key: "b".to_owned(),
            ..DeleteObject::default()
        },
    ];
    hooks.on(After::Get("current/"), 2, async move {
        put(&beside, "a", b"second".to_vec()).await;
    });
    let outcomes = vault.engine.delete_objects(BUCKET, &requested).await.unwrap();
    assert!(hooks.all_done());
    let returned: Vec<_> = outcomes
        .into_iter()
        .map(|outcome| outcome.unwrap().created)
        .collect();
    assert_eq!(returned, [true, false, true]);
    let of_a: Vec<_> = vault.versions().await;
    let of_a = of_a.iter().filter(|listed| listed.object.key == "a");
    let of_a: Vec<_> = of_a
        .map(|listed| (listed.is_marker, listed.object.length))
        .collect();
    assert_eq!(
        of_a,
        [(true, 0), (false, 6)],
        "the marker, above the version written meanwhile"
    );
    delete(&vault.engine, "b").await.unwrap();
    vault.emptied().await;
}

#[tokio::test]
async fn a_bucket_deleted_meanwhile_is_reported_as_missing() {
    let (vault, _, hooks, beside) = watched().await;
    filled(&vault).await;
    hooks.on(After::Get("current/"), KEYS, async move {
        for outcome in beside.delete_objects(BUCKET, &all_keys()).await.unwrap() {
            outcome.unwrap();
        }
        beside.delete_bucket(BUCKET).await.unwrap();
    });
    let outcomes = vault.engine.delete_objects(BUCKET, &all_keys()).await;
    assert!(matches!(outcomes, Err(Error::NoSuchBucket(_))), "{outcomes:?}");
}
