//! Creating, listing and deleting buckets, also concurrently.

use crate::support::gated_store::{Gates, InFlight};
use crate::support::protection::{ALICE, Protection};
use crate::support::vault::{BUCKET, Vault, body, content, reading, request};
use strongroom_access::arn::AccountId;
use strongroom_engine::Error;
use strongroom_engine::object::delete::DeleteObject;
use strongroom_engine::object::get::ReadObject;
use strongroom_engine::object::list::ListObjects;

fn everything() -> ListObjects {
    ListObjects {
        limit: 1000,
        ..ListObjects::default()
    }
}

#[tokio::test]
async fn a_bucket_with_an_object_is_not_deleted() {
    for vault in Vault::each().await {
        vault.put("a", "x", ALICE).await.unwrap();
        let refused = vault.engine.delete_bucket(BUCKET).await;
        assert!(matches!(refused, Err(Error::BucketNotEmpty(_))), "{refused:?}");
        assert_eq!(vault.get("a", ALICE).await.unwrap(), b"x");
        vault.put("b", "y", ALICE).await.unwrap();
        vault.delete("a").await.unwrap();
        vault.delete("b").await.unwrap();
        vault.engine.delete_bucket(BUCKET).await.unwrap();
        let missing = vault.engine.head_bucket(BUCKET).await;
        assert!(matches!(missing, Err(Error::NoSuchBucket(_))), "{missing:?}");
    }
}

#[tokio::test]
async fn a_recreated_bucket_is_another_one() {
    for vault in Vault::each().await {
        let bytes = content(1, 100_000);
        vault.put("a", bytes.clone(), ALICE).await.unwrap();
        vault.delete("a").await.unwrap();
        let before = vault.partitions.all();
        vault.engine.delete_bucket(BUCKET).await.unwrap();
        vault.engine.create_bucket(BUCKET).await.unwrap();
        let page = vault.engine.list_objects(BUCKET, &everything()).await.unwrap();
        assert_eq!(page.entries, []);

        vault.engine.collect().await.unwrap();
        assert_eq!(vault.blobs().await, []);
        let after = vault.partitions.all();
        assert_eq!(after.len(), 2, "the root and the new bucket");
        assert_eq!(after.intersection(&before).count(), 1, "only the root stays");
        let root = vault.partitions.rows(&vault.store).await;
        assert_eq!(
            root.len(),
            2,
            "the bucket, and its row among those of its account"
        );
    }
}

#[tokio::test]
async fn a_bucket_cannot_be_created_twice() {
    let vault = Vault::memory().await;
    let again = vault.engine.create_bucket(BUCKET).await;
    assert!(matches!(again, Err(Error::BucketExists(_))), "{again:?}");
    let makers = (0..16).map(|_| {
        let engine = vault.engine.clone();
        tokio::spawn(async move { engine.create_bucket("another").await })
    });
    let mut made = 0;
    for maker in makers.collect::<Vec<_>>() {
        match maker.await.unwrap() {
            Ok(()) => made += 1,
            Err(Error::BucketExists(_)) => {}
            Err(error) => panic!("{error:?}"),
        }
    }
    assert_eq!(made, 1);
    vault.engine.collect().await.unwrap();
    assert_eq!(
        vault.partitions.all().len(),
        3,
        "the partitions of the losers are removed"
    );
    let mut keys = 0;
    for first in 0..=u8::MAX {
        keys += vault.store.keys.of_partitions(first).await.unwrap().len();
    }
    assert_eq!(keys, 2, "the keys of the losers are removed");
}

#[tokio::test]
async fn missing_buckets_and_objects_are_reported() {
    let vault = Vault::memory().await;
    let engine = &vault.engine;
    let no_bucket = |outcome: Result<(), Error>| {
        assert!(
            matches!(&outcome, Err(Error::NoSuchBucket(name)) if name == "nowhere"),
            "{outcome:?}"
        );
    };
    no_bucket(engine.head_bucket("nowhere").await.map(|_| ()));
    no_bucket(engine.delete_bucket("nowhere").await);
    no_bucket(
        engine
            .delete_object("nowhere", &DeleteObject::default())
            .await
            .map(|_| ()),
    );
    no_bucket(engine.list_objects("nowhere", &everything()).await.map(|_| ()));
    let mut put = request("a", 1, ALICE);
    "nowhere".clone_into(&mut put.object.bucket);
    no_bucket(engine.put_object(put, body("x")).await.map(|_| ()));
    let nowhere = ReadObject {
        bucket: "nowhere".to_owned(),
        ..reading("a")
    };
    let get = engine.get_object(&nowhere, || ALICE.on_read());
    no_bucket(get.await.map(|_| ()));
    let missing = vault.get("a", Protection::Unspecified).await;
    assert!(matches!(missing, Err(Error::NoSuchKey(_))), "{missing:?}");
}

#[tokio::test]
async fn buckets_are_listed_in_order_from_any_position() {
    let vault = Vault::local().await;
    for name in ["aab", "aaa", "b.c", "b-c", "zzz"] {
        vault.engine.create_bucket(name).await.unwrap();
    }
    let all = ["aaa", "aab", "b-c", "b.c", BUCKET, "zzz"];
    for limit in 1..=7 {
        for prefix in ["", "a", "aa", "b", "x"] {
            let mut names: Vec<String> = Vec::new();
            loop {
                let after = names.last().cloned().unwrap_or_default();
                let page = vault
                    .engine
                    .list_buckets(AccountId::ROOT, prefix, &after, limit)
                    .await
                    .unwrap();
                assert!(page.len() <= limit);
                if page.is_empty() {
                    break;
                }
                names.extend(page.into_iter().map(|bucket| bucket.name));
            }
            let expected: Vec<_> = all.into_iter().filter(|name| name.starts_with(prefix)).collect();
            assert_eq!(names, expected, "{prefix} {limit}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_put_succeeds_in_a_deleted_bucket() {
    for vault in Vault::each().await {
        for round in 0..30 {
            let puts = (0..8).map(|number| {
                let engine = vault.engine.clone();
                tokio::spawn(async move {
                    let key = format!("{round}-{number}");
                    let size = if number % 2 == 0 { 10 } else { 70_000 };
                    let put = request(&key, size, Protection::Unspecified);
                    let outcome = engine.put_object(put, body(content(round, size))).await;
                    (key, outcome.map(|_| ()))
                })
            });
            let puts: Vec<_> = puts.collect();
            tokio::task::yield_now().await;
            let deleted = vault.engine.delete_bucket(BUCKET).await;
            let mut survivors = Vec::new();
            for put in puts {
                let (key, outcome) = put.await.unwrap();
                match outcome {
                    Ok(()) => survivors.push(key),
                    Err(Error::NoSuchBucket(_)) => {}
                    Err(error) => panic!("{error:?}"),
                }
            }
            match deleted {
                Ok(()) => {
                    assert_eq!(
                        survivors,
                        Vec::<String>::new(),
                        "acknowledged but lost with the bucket"
                    );
                    vault.engine.create_bucket(BUCKET).await.unwrap();
                }
                Err(Error::BucketNotEmpty(_)) => assert!(!survivors.is_empty()),
                Err(error) => panic!("{error:?}"),
            }
            let page = vault.engine.list_objects(BUCKET, &everything()).await.unwrap();
            let listed: Vec<_> = page.entries.iter().map(|entry| entry.name().to_owned()).collect();
            assert_eq!(listed, survivors);
            for key in survivors {
                vault.get(&key, Protection::Unspecified).await.unwrap();
                vault.delete(&key).await.unwrap();
            }
        }
        vault.engine.collect().await.unwrap();
        assert_eq!(vault.blobs().await, []);
        assert_eq!(vault.partitions.all().len(), 2, "the root and the one bucket");
    }
}

#[tokio::test]
async fn a_lookup_concurrent_with_the_deletion_does_not_restore_the_bucket() {
    let gates = Gates::open();
    let vault = Vault::memory().await;
    let engine = vault.restarted_through(|store| gates.before(store)).await;
    gates.generations.close_for(1);
    let lookup = {
        let engine = engine.clone();
        InFlight::start(async move { engine.head_bucket(BUCKET).await })
    };
    gates.generations.reached().await;
    engine.delete_bucket(BUCKET).await.unwrap();
    gates.generations.open();
    // It began before the deletion and may find the bucket; nobody else may.
    lookup.end().await.unwrap();
    let gone = engine.head_bucket(BUCKET).await;
    assert!(matches!(gone, Err(Error::NoSuchBucket(_))), "{gone:?}");
    engine.create_bucket(BUCKET).await.unwrap();
    engine
        .put_object(request("a", 1, ALICE), body("x"))
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_bucket_deleted_and_recreated_under_load_is_found_only_while_it_exists() {
    for vault in Vault::each().await {
        let users = (0..4).map(|_| {
            let engine = vault.engine.clone();
            tokio::spawn(async move {
                for _ in 0..300 {
                    // Each of these looks the bucket up and so could put an old one back among the buckets in use.
                    let _ = engine.head_bucket(BUCKET).await;
                    let _ = engine.list_objects(BUCKET, &everything()).await;
                    tokio::task::yield_now().await;
                }
            })
        });
        let users: Vec<_> = users.collect();
        for round in 0..40 {
            vault.engine.delete_bucket(BUCKET).await.unwrap();
            let gone = vault.engine.head_bucket(BUCKET).await;
            assert!(
                matches!(gone, Err(Error::NoSuchBucket(_))),
                "round {round}: {gone:?}"
            );
            vault.engine.create_bucket(BUCKET).await.unwrap();
            vault.put("a", "x", Protection::Unspecified).await.unwrap();
            assert_eq!(vault.get("a", Protection::Unspecified).await.unwrap(), b"x");
            vault.delete("a").await.unwrap();
        }
        for user in users {
            user.await.unwrap();
        }
    }
}
