//! Object keys are UTF-8 bytes and nothing else: never paths, folders or NUL-terminated strings.

use crate::support::protection::{ALICE, Protection};
use crate::support::vault::{BUCKET, Vault};
use strongroom_access::arn::AccountId;
use strongroom_engine::Error;
use strongroom_engine::object::delete::DeleteObject;
use strongroom_engine::object::list::ListObjects;
use strongroom_engine::object::walk::{Entry, Scope};

fn keys() -> Vec<String> {
    let mut keys: Vec<String> = [
        ".",
        "..",
        "../..",
        "../../etc/passwd",
        "/",
        "//",
        "/a",
        "a",
        "a/",
        "a//",
        "a//b",
        "a/b",
        "a/../b",
        "a\0",
        "a\0b",
        "\0",
        "\0\0",
        "\u{1}",
        "\u{2}",
        "\u{3}",
        "\u{2}\u{2}",
        "a\u{1}",
        "a\u{1}\u{1}",
        "\n",
        "\r\n",
        "\t",
        "\u{7f}",
        "\u{ff}",
        "é",
        "e\u{301}",
        "日本語",
        "\u{ffff}",
        "\u{10ffff}",
        "current/a",
        "version/a",
        "inline/00000000000000000000000000000000",
        " ",
        " a ",
        "%2e%2e",
        "a%00",
        "A",
        "con",
        "\\",
        "\"",
        "?",
        "#",
        "current/",
        "garbage/",
    ]
    .map(str::to_owned)
    .into();
    keys.push("\0".repeat(1024));
    keys.push("x".repeat(1024));
    keys.push("€".repeat(341) + "x");
    keys.push("\u{10ffff}".repeat(256));
    keys
}

async fn listed(vault: &Vault) -> Vec<String> {
    let list = ListObjects {
        limit: 1000,
        ..ListObjects::default()
    };
    let page = vault.engine.list_objects(BUCKET, &list).await.unwrap();
    assert!(!page.truncated);
    page.entries
        .into_iter()
        .map(|entry| match entry {
            Entry::Item(object) => object.key,
            Entry::Prefix(prefix) => panic!("{prefix:?} without a delimiter"),
        })
        .collect()
}

#[tokio::test]
async fn every_key_is_one_object_and_all_are_listed_in_byte_order() {
    for vault in Vault::each().await {
        let mut keys = keys();
        for key in &keys {
            vault
                .put(key, format!("content of {key:?}"), ALICE)
                .await
                .unwrap();
        }
        for key in &keys {
            let bytes = vault.get(key, ALICE).await.unwrap();
            assert_eq!(bytes, format!("content of {key:?}").as_bytes(), "{key:?}");
        }
        keys.sort_by(|a, b| a.as_bytes().cmp(b.as_bytes()));
        assert_eq!(listed(&vault).await, keys);

        let (kept, deleted): (Vec<_>, Vec<_>) = keys.into_iter().enumerate().partition(|(at, _)| at % 2 == 0);
        for (_, key) in deleted {
            vault.delete(&key).await.unwrap();
            let gone = vault.get(&key, ALICE).await;
            assert!(matches!(gone, Err(Error::NoSuchKey(_))), "{key:?}: {gone:?}");
        }
        let kept: Vec<_> = kept.into_iter().map(|(_, key)| key).collect();
        assert_eq!(listed(&vault).await, kept);
    }
}

#[tokio::test]
async fn keys_of_more_than_1024_bytes_are_refused() {
    for vault in Vault::each().await {
        for key in ["x".repeat(1025), "\0".repeat(1025), "€".repeat(341) + "xy"] {
            let refused = vault.put(&key, "x", Protection::Unspecified).await;
            assert!(matches!(refused, Err(Error::KeyTooLong(1025))), "{refused:?}");
        }
        assert_eq!(vault.rows().await, []);
    }
}

#[tokio::test]
async fn keys_too_long_for_any_store_are_reported_as_missing() {
    for vault in Vault::each().await {
        for length in [1025, 5_000, 66_000, 1_000_000] {
            for letter in ["x", "\0"] {
                let key = letter.repeat(length);
                let missing = vault.get(&key, ALICE).await;
                assert!(
                    matches!(missing, Err(Error::NoSuchKey(_))),
                    "{length}: {missing:?}"
                );
                let refused = vault.delete(&key).await;
                assert!(matches!(refused, Err(Error::KeyTooLong(_))), "{refused:?}");
                let bucket = vault.engine.head_bucket(&key).await;
                assert!(matches!(bucket, Err(Error::NoSuchBucket(_))), "{bucket:?}");
                vault.put("x", "", ALICE).await.unwrap();
                let list = ListObjects {
                    scope: Scope {
                        prefix: key.clone(),
                        delimiter: None,
                    },
                    limit: 10,
                    ..ListObjects::default()
                };
                let page = vault.engine.list_objects(BUCKET, &list).await.unwrap();
                assert_eq!(page.entries, []);
                let list = ListObjects {
                    after: key.clone(),
                    limit: 10,
                    ..ListObjects::default()
                };
                let page = vault.engine.list_objects(BUCKET, &list).await.unwrap();
                assert_eq!(page.entries.len(), usize::from(letter == "\0"));
                let buckets = vault
                    .engine
                    .list_buckets(AccountId::ROOT, &key, &key, 10)
                    .await
                    .unwrap();
                assert_eq!(buckets, []);
            }
        }
    }
}

/// A key that no object can have must not get a delete marker either.
#[tokio::test]
async fn a_key_that_is_too_long_gets_no_delete_marker() {
    for vault in Vault::each().await {
        vault.keep_versions().await;
        for length in [1025, 5_000, 66_000] {
            let key = "x".repeat(length);
            let refused = vault.delete(&key).await;
            assert!(
                matches!(refused, Err(Error::KeyTooLong(_))),
                "{length}: {refused:?}"
            );
            let deletes = [key, "short".to_owned()].map(|key| DeleteObject {
                key,
                ..DeleteObject::default()
            });
            let many = vault.engine.delete_objects(BUCKET, &deletes);
            match &many.await.unwrap()[..] {
                [Err(Error::KeyTooLong(_)), Ok(_)] => {}
                other => panic!("{length}: {other:?}"),
            }
        }
        vault.emptied().await;
    }
}
