//! Changes between two reads of the store by one operation, each race in a fixed order.

use crate::support::hooked_index::{After, Hooks};
use crate::support::protection::{ALICE, Protection};
use crate::support::uploading::{PART, bulk};
use crate::support::vault::{BUCKET, Vault, content, get, reading, request};
use crate::support::versioning::reading_version;
use strongroom_engine::{Engine, Error, VersionName};

const PLAIN: Protection = Protection::Unspecified;

async fn hooked() -> (Vault, Hooks) {
    let hooks = Hooks::default();
    let vault = Vault::through(|store| hooks.over(store)).await;
    (vault, hooks)
}

/// Deletes a version in another request.
async fn delete_version(engine: Engine, key: &str, version: VersionName) {
    let deletion = crate::support::versioning::deletion(key, version);
    engine.delete_object(BUCKET, &deletion).await.unwrap();
}

async fn put(engine: Engine, key: &str, bytes: Vec<u8>) {
    let put = request(key, bytes.len(), PLAIN);
    engine
        .put_object(put, crate::support::vault::body(bytes))
        .await
        .unwrap();
}

#[tokio::test]
async fn concurrent_deletions_of_the_newest_two_versions_leave_the_third() {
    for after in [
        After::Scan("version/"),
        After::Get("current/"),
        After::Get("version/"),
    ] {
        for nth in 1..4 {
            let (vault, hooks) = hooked().await;
            vault.keep_versions().await;
            vault.put_version("a", "first", PLAIN).await;
            let second = vault.put_version("a", "second", PLAIN).await;
            let third = vault.put_version("a", "third", PLAIN).await;
            let other = delete_version(vault.engine.clone(), "a", second);
            hooks.on(after, nth, other);
            vault.delete_version("a", third).await.unwrap();
            if !hooks.all_done() {
                continue;
            }
            assert_eq!(vault.versions().await.len(), 1, "{after:?} {nth}");
            let left = vault.get("a", PLAIN).await;
            assert_eq!(left.unwrap(), b"first", "{after:?} {nth}");
            vault.emptied().await;
        }
    }
}

#[tokio::test]
async fn a_legal_hold_acknowledged_before_a_deletion_keeps_the_version() {
    for nth in 1..4 {
        let (vault, hooks) = hooked().await;
        vault.lock_versions(None).await;
        let version = vault.put_version("a", "x", PLAIN).await;
        let engine = vault.engine.clone();
        hooks.on(After::Get("version/"), nth, async move {
            engine
                .hold_object(BUCKET, "a", Some(version), true)
                .await
                .unwrap();
        });
        let deleted = vault.delete_version("a", version).await;
        if !hooks.all_done() {
            continue;
        }
        assert!(matches!(deleted, Err(Error::Locked)), "look {nth}: {deleted:?}");
        assert_eq!(vault.get("a", PLAIN).await.unwrap(), b"x");
    }
}

/// The null version is below a version that is deleted at that moment: it exists before and after.
#[tokio::test]
async fn the_null_version_is_found_while_it_becomes_the_newest() {
    for nth in 1..4 {
        for reads in [true, false] {
            let (vault, hooks) = hooked().await;
            vault.put("a", "null", PLAIN).await.unwrap();
            vault.keep_versions().await;
            let newer = vault.put_version("a", "newer", PLAIN).await;
            let other = delete_version(vault.engine.clone(), "a", newer);
            hooks.on(After::Get("current/"), nth, other);
            if reads {
                let got = vault.get_version("a", VersionName::Null, PLAIN).await;
                assert_eq!(got.unwrap(), b"null", "look {nth}");
            } else {
                vault.delete_version("a", VersionName::Null).await.unwrap();
                if hooks.all_done() {
                    assert_eq!(vault.versions().await, [], "read {nth}: reported as deleted");
                }
            }
        }
    }
}

#[tokio::test]
async fn the_null_version_is_found_while_it_is_replaced() {
    for word in ["current/", "version/"] {
        for nth in 1..4 {
            let (vault, hooks) = hooked().await;
            vault.put("a", "null", PLAIN).await.unwrap();
            vault.keep_versions().await;
            vault.suspend().await;
            let other = put(vault.engine.clone(), "a", b"another".to_vec());
            hooks.on(After::Get(word), nth, other);
            let got = vault.get_version("a", VersionName::Null, PLAIN).await.unwrap();
            assert!(got == b"null" || got == b"another");
        }
    }
}

/// The parts of an object with many parts are stored in a separate row.
#[tokio::test]
async fn an_object_of_many_parts_is_read_whole_while_it_is_replaced() {
    let mut parts: Vec<_> = (0..16).map(|seed| bulk(seed, PART)).collect();
    parts.push(bulk(16, 10));
    for word in ["current/", "version/", "parts/"] {
        for nth in 1..3 {
            let (vault, hooks) = hooked().await;
            vault.multipart("a", PLAIN, &parts).await;
            let engine = vault.engine.clone();
            hooks.on(After::Get(word), nth, async move {
                put(engine.clone(), "a", b"another".to_vec()).await;
                engine.collect().await.unwrap();
            });
            let got = get(&vault.engine, "a", PLAIN, None).await.unwrap();
            assert!(got == b"another" || got == parts.concat(), "{word} {nth}");
            assert_eq!(vault.get("a", PLAIN).await.unwrap(), b"another");
            vault.emptied().await;
        }
    }
}

#[tokio::test]
async fn an_object_of_many_parts_is_replaced_by_two_concurrent_writes() {
    let mut parts: Vec<_> = (0..16).map(|seed| bulk(seed, PART)).collect();
    parts.push(bulk(16, 10));
    for nth in 1..3 {
        let (vault, hooks) = hooked().await;
        vault.multipart("a", PLAIN, &parts).await;
        let other = put(vault.engine.clone(), "a", b"another".to_vec());
        hooks.on(After::Get("version/"), nth, other);
        vault.put("a", "one", PLAIN).await.unwrap();
        // If the put did not read twice, the other write runs while the object is read again.
        let during_the_put = hooks.all_done();
        assert!(during_the_put || nth > 1);
        let got = vault.get("a", PLAIN).await.unwrap();
        assert!(got == b"one" || !during_the_put);
        vault.emptied().await;
    }
}

#[tokio::test]
async fn reading_the_newest_version_while_it_is_replaced_returns_one_of_the_two() {
    for versions in [false, true] {
        for size in [10, 100_000] {
            for word in ["current/", "version/", "inline/"] {
                let (vault, hooks) = hooked().await;
                if versions {
                    vault.keep_versions().await;
                }
                vault.put("a", content(1, size), ALICE).await.unwrap();
                let engine = vault.engine.clone();
                hooks.on(After::Get(word), 1, async move {
                    let put = request("a", size, ALICE);
                    let body = crate::support::vault::body(content(2, size));
                    engine.put_object(put, body).await.unwrap();
                    engine.collect().await.unwrap();
                });
                let got = get(&vault.engine, "a", ALICE, None).await.unwrap();
                assert!(got == content(1, size) || got == content(2, size));
            }
        }
    }
}

#[tokio::test]
async fn a_version_deleted_while_it_is_opened_is_read_or_missing() {
    for size in [10, 100_000] {
        for word in ["version/", "inline/"] {
            let (vault, hooks) = hooked().await;
            vault.keep_versions().await;
            let version = vault.put_version("a", content(1, size), ALICE).await;
            let engine = vault.engine.clone();
            hooks.on(After::Get(word), 1, async move {
                delete_version(engine.clone(), "a", version).await;
                engine.collect().await.unwrap();
            });
            match vault.read(&reading_version("a", version), ALICE).await {
                Ok(bytes) => assert!(bytes == content(1, size)),
                Err(Error::NoSuchVersion(..)) => {}
                Err(error) => panic!("{error:?}"),
            }
        }
    }
}

#[tokio::test]
async fn a_key_deleted_while_it_is_looked_up_is_read_or_missing() {
    for versions in [false, true] {
        for word in ["current/", "marker/", "version/", "inline/"] {
            let (vault, hooks) = hooked().await;
            if versions {
                vault.keep_versions().await;
            }
            vault.put("a", "x", PLAIN).await.unwrap();
            let engine = vault.engine.clone();
            hooks.on(After::Get(word), 1, async move {
                crate::support::vault::delete(&engine, "a").await.unwrap();
            });
            match vault.read(&reading("a"), PLAIN).await {
                Ok(bytes) => assert_eq!(bytes, b"x"),
                Err(Error::NoSuchKey(_) | Error::Deleted(..)) => {}
                Err(error) => panic!("{error:?}"),
            }
        }
    }
}
