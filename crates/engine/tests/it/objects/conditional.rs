//! Conditional writes, and combined conditions of reads.

use crate::support::protection::{ALICE, Protection};
use crate::support::vault::{BUCKET, Vault, body, content, reading, request};
use futures::future::join_all;
use strongroom_engine::condition::{ByteRange, EtagCondition, ReadConditions, WriteConditions};
use strongroom_engine::get::{ReadObject, Select};
use strongroom_engine::{Engine, Error};

const WRITERS: u64 = 64;

async fn put_if(engine: Engine, bytes: Vec<u8>, conditions: WriteConditions) -> Result<String, Error> {
    let mut put = request("a", bytes.len(), Protection::Unspecified);
    put.conditions = conditions;
    Ok(engine.put_object(put, body(bytes)).await?.committed.etag)
}

/// Runs concurrent writes and returns the seeds of those that succeeded.
async fn race(vault: &Vault, size: usize, conditions: WriteConditions) -> Vec<u64> {
    let writers = (0..WRITERS).map(|seed| {
        let write = put_if(vault.engine.clone(), content(seed, size), conditions.clone());
        tokio::spawn(write)
    });
    let mut winners = Vec::new();
    for (seed, outcome) in (0..).zip(join_all(writers).await) {
        match outcome.unwrap() {
            Ok(_) => winners.push(seed),
            Err(Error::PreconditionFailed(_)) => {}
            Err(error) => panic!("{error:?}"),
        }
    }
    winners
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn exactly_one_of_many_writers_creates_a_key() {
    for vault in Vault::each().await {
        for size in [20, 70_000] {
            let new = WriteConditions {
                must_be_new: true,
                ..WriteConditions::default()
            };
            let winners = race(&vault, size, new).await;
            let [winner] = winners[..] else {
                panic!("{winners:?} won")
            };
            let got = vault.get("a", Protection::Unspecified).await.unwrap();
            assert!(got == content(winner, size));
            vault.engine.collect().await.unwrap();
            assert_eq!(vault.blobs().await.len(), usize::from(size > 65_536));
            vault.delete("a").await.unwrap();
        }
        vault
            .engine
            .delete_bucket(BUCKET)
            .await
            .expect("the counter is 0");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn exactly_one_of_many_writers_replaces_a_version() {
    for vault in Vault::each().await {
        let etag = vault
            .put("a", content(1000, 70_000), Protection::Unspecified)
            .await
            .unwrap()
            .committed
            .etag;
        let same = WriteConditions {
            if_match: Some(EtagCondition::OneOf(vec![etag])),
            must_be_new: false,
        };
        let winners = race(&vault, 70_000, same).await;
        let [winner] = winners[..] else {
            panic!("{winners:?} won")
        };
        assert!(vault.get("a", Protection::Unspecified).await.unwrap() == content(winner, 70_000));
        vault.engine.collect().await.unwrap();
        assert_eq!(vault.blobs().await.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_unconditional_writes_of_one_key_all_succeed() {
    for vault in Vault::each().await {
        assert_eq!(race(&vault, 20, WriteConditions::default()).await.len(), 64);
        vault.delete("a").await.unwrap();
        assert_eq!(
            vault.rows().await,
            [],
            "each write removed the rows of the previous one"
        );
        vault
            .engine
            .delete_bucket(BUCKET)
            .await
            .expect("the writes counted as one object");
    }
}

#[tokio::test]
async fn a_condition_that_fails_at_the_start_reads_no_body() {
    let vault = Vault::memory().await;
    vault.put("a", "before", ALICE).await.unwrap();
    let mut put = request("a", 5, ALICE);
    put.conditions.must_be_new = true;
    let body = futures::StreamExt::boxed(futures::stream::poll_fn(|_| panic!("the body was read")));
    let refused = vault.engine.put_object(put, body).await;
    assert!(
        matches!(refused, Err(Error::PreconditionFailed("If-None-Match"))),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_condition_is_evaluated_again_at_the_commit() {
    use futures::{StreamExt as _, stream};
    let vault = Vault::memory().await;
    let mut put = request("a", 5, Protection::Unspecified);
    put.conditions.must_be_new = true;
    // Another request creates the key while the body of the first is being read.
    let engine = vault.engine.clone();
    let other = stream::once(async move {
        let put = request("a", 5, Protection::Unspecified);
        engine.put_object(put, body("other")).await.unwrap();
        Ok(bytes::Bytes::from("first"))
    });
    let refused = vault.engine.put_object(put, other.boxed()).await;
    assert!(
        matches!(refused, Err(Error::PreconditionFailed("If-None-Match"))),
        "{refused:?}"
    );
    assert_eq!(vault.get("a", Protection::Unspecified).await.unwrap(), b"other");
}

#[tokio::test]
async fn if_match_on_a_missing_key_returns_no_such_key() {
    let vault = Vault::memory().await;
    for wanted in [EtagCondition::Any, EtagCondition::OneOf(vec!["x".into()])] {
        let conditions = WriteConditions {
            if_match: Some(wanted),
            must_be_new: false,
        };
        let refused = put_if(vault.engine.clone(), vec![1], conditions).await;
        assert!(matches!(refused, Err(Error::NoSuchKey(_))), "{refused:?}");
    }
    assert_eq!(vault.rows().await, []);
}

#[tokio::test]
async fn conditions_of_reads_are_evaluated_before_the_range() {
    let vault = Vault::memory().await;
    let etag = vault.put("a", "bytes", ALICE).await.unwrap().committed.etag;
    let read = ReadObject {
        conditions: ReadConditions {
            if_none_match: Some(EtagCondition::OneOf(vec![etag.clone()])),
            ..ReadConditions::default()
        },
        select: Select::Range(ByteRange::From(99, None)),
        ..reading("a")
    };
    match vault.engine.head_object(&read, ALICE.on_read()).await {
        Err(Error::NotModified { etag: returned, .. }) => assert_eq!(returned, etag),
        other => panic!("{other:?}"),
    }
}
