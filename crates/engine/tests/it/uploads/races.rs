//! Concurrent completions, aborts and parts of one upload: the first wins, and nothing of the others is left.

use crate::support::gated_store::{Gates, InFlight};
use crate::support::kms_double::OTHER_KEY;
use crate::support::protection::{ALICE, Protection};
use crate::support::tampering::write;
use crate::support::uploading::{PART, Upload, bulk, listing};
use crate::support::vault::{BUCKET, Vault};
use futures::future::join_all;
use strongroom_engine::encryption::{EncryptionHeaders, KmsWish};
use strongroom_engine::model::condition::{EtagCondition, WriteConditions};
use strongroom_engine::operator::rewrap_bucket::{From, RewrapBucket};
use strongroom_engine::{Error, Result};

const PLAIN: Protection = Protection::Unspecified;

#[tokio::test]
async fn a_repeated_completion_returns_the_same_response() {
    for vault in Vault::each().await {
        vault.keep_versions().await;
        for protection in [PLAIN, ALICE] {
            let upload = vault.begin("a", protection).await;
            let listed = [listing(1, &upload.part(1, bulk(1, 70_000)).await.unwrap())];
            let first = upload.complete(&listed).await.unwrap();
            for _ in 0..2 {
                let again = upload.complete(&listed).await.unwrap();
                assert_eq!(again.committed, first.committed);
            }
            assert_eq!(vault.versions().await.len(), 1);
            let late = upload.part(2, "x").await;
            assert!(matches!(late, Err(Error::NoSuchUpload(_))), "{late:?}");
            let late = upload.abort().await;
            assert!(matches!(late, Err(Error::NoSuchUpload(_))), "{late:?}");
            assert!(vault.get("a", protection).await.unwrap() == bulk(1, 70_000));
            vault.put("a", "newer", PLAIN).await.unwrap();
            let again = upload.complete(&listed).await;
            assert!(matches!(again, Err(Error::NoSuchUpload(_))), "{again:?}");
            vault.delete("a").await.unwrap();
            let again = upload.complete(&listed).await;
            assert!(matches!(again, Err(Error::NoSuchUpload(_))), "{again:?}");
            vault.emptied().await;
        }
    }
}

#[tokio::test]
async fn an_abort_deletes_everything_and_is_final() {
    for vault in Vault::each().await {
        let upload = vault.begin("a", ALICE).await;
        let mut listed = Vec::new();
        for number in 1..4 {
            listed.push(listing(
                number,
                &upload.part(number, bulk(1, PART)).await.unwrap(),
            ));
        }
        assert_eq!(vault.blobs().await.len(), 3);
        upload.abort().await.unwrap();
        for outcome in [
            upload.abort().await,
            upload.part(1, "x").await.map(drop),
            upload.complete(&listed).await.map(drop),
            vault
                .engine
                .list_parts(&upload.name, 0, 1, EncryptionHeaders::default())
                .await
                .map(drop),
        ] {
            assert!(matches!(outcome, Err(Error::NoSuchUpload(_))), "{outcome:?}");
        }
        let missing = vault.get("a", ALICE).await;
        assert!(matches!(missing, Err(Error::NoSuchKey(_))), "{missing:?}");
        vault.is_empty_once_collected().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_concurrent_completion_and_abort_leave_the_whole_object_or_nothing() {
    for vault in Vault::each().await {
        for round in 0..30_u64 {
            let upload = vault.begin("a", ALICE).await;
            let listed = [listing(1, &upload.part(1, bulk(round, 70_000)).await.unwrap())];
            let (one, other) = (upload.clone(), upload.clone());
            let completing = tokio::spawn(async move { one.complete(&listed).await });
            if round % 3 == 0 {
                tokio::task::yield_now().await;
            }
            let aborting = tokio::spawn(async move { other.abort().await });
            match (completing.await.unwrap(), aborting.await.unwrap()) {
                (Ok(_), Err(Error::NoSuchUpload(_))) => {
                    assert!(vault.get("a", ALICE).await.unwrap() == bulk(round, 70_000));
                    vault.delete("a").await.unwrap();
                }
                (Err(Error::NoSuchUpload(_)), Ok(())) => {
                    let missing = vault.get("a", ALICE).await;
                    assert!(matches!(missing, Err(Error::NoSuchKey(_))), "{missing:?}");
                }
                other => panic!("{other:?}"),
            }
            vault.is_empty_once_collected().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_concurrent_part_and_abort_leave_nothing() {
    for vault in Vault::each().await {
        for round in 0..30_u64 {
            let upload = vault.begin("a", ALICE).await;
            upload.part(1, bulk(round, 70_000)).await.unwrap();
            let parts = (0..4_i64).map(|number| {
                let upload = upload.clone();
                tokio::spawn(async move { upload.part(1 + number / 2, bulk(round, 70_000)).await })
            });
            let parts: Vec<_> = parts.collect();
            for _ in 0..round % 5 {
                tokio::task::yield_now().await;
            }
            upload.abort().await.unwrap();
            for part in join_all(parts).await {
                match part.unwrap() {
                    Ok(_) | Err(Error::NoSuchUpload(_)) => {}
                    Err(error) => panic!("{error:?}"),
                }
            }
            vault.is_empty_once_collected().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_completion_concurrent_with_a_new_upload_of_its_part_uses_one_of_the_two() {
    for vault in Vault::each().await {
        for round in 0..30_u64 {
            let upload = vault.begin("a", PLAIN).await;
            let old = upload.part(1, bulk(1, 70_000)).await.unwrap();
            let (one, other) = (upload.clone(), upload.clone());
            let again = tokio::spawn(async move { one.part(1, bulk(2, 90_000)).await });
            for _ in 0..round % 7 {
                tokio::task::yield_now().await;
            }
            let completed = other.complete(&[listing(1, &old)]).await;
            let again = again.await.unwrap();
            match (completed, again) {
                (Ok(_), Ok(_) | Err(Error::NoSuchUpload(_))) => {
                    assert!(vault.get("a", PLAIN).await.unwrap() == bulk(1, 70_000));
                }
                (Err(Error::InvalidPart { number: 1, .. }), Ok(new)) => {
                    upload.complete(&[listing(1, &new)]).await.unwrap();
                    assert!(vault.get("a", PLAIN).await.unwrap() == bulk(2, 90_000));
                }
                other => panic!("{other:?}"),
            }
            vault.engine.collect().await.unwrap();
            assert_eq!(vault.blobs().await.len(), 1);
            vault.delete("a").await.unwrap();
            vault.is_empty_once_collected().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_completions_of_one_upload_all_return_the_same_response() {
    for vault in Vault::each().await {
        vault.keep_versions().await;
        let upload = vault.begin("a", PLAIN).await;
        let listed = [listing(1, &upload.part(1, bulk(1, 70_000)).await.unwrap())];
        let all = (0..32).map(|_| {
            let (upload, listed) = (upload.clone(), listed.clone());
            tokio::spawn(async move { upload.complete(&listed).await })
        });
        let mut answers: Vec<_> = join_all(all)
            .await
            .into_iter()
            .map(|answer| answer.unwrap().unwrap().committed)
            .collect();
        answers.dedup();
        assert_eq!(answers.len(), 1);
        assert_eq!(vault.versions().await.len(), 1);
        vault.emptied().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn exactly_one_of_many_uploads_creates_a_key() {
    for vault in Vault::each().await {
        let mut uploads = Vec::new();
        for seed in 0..64 {
            let upload = vault.begin("a", ALICE).await;
            let part = upload.part(1, bulk(seed, 1000)).await.unwrap();
            uploads.push((upload, listing(1, &part)));
        }
        let all = uploads.into_iter().map(|(upload, part)| {
            let mut completion = upload.completion(&[part]);
            completion.conditions.must_be_new = true;
            tokio::spawn(async move { upload.engine.complete_upload(completion).await })
        });
        let mut winners = Vec::new();
        for (seed, outcome) in (0..).zip(join_all(all).await) {
            match outcome.unwrap() {
                Ok(_) => winners.push(seed),
                Err(Error::PreconditionFailed("If-None-Match")) => {}
                Err(error) => panic!("{error:?}"),
            }
        }
        let [winner] = winners[..] else {
            panic!("{winners:?} won")
        };
        assert!(vault.get("a", ALICE).await.unwrap() == bulk(winner, 1000));
        vault.engine.collect().await.unwrap();
        assert_eq!(
            vault.blobs().await.len(),
            64,
            "the uploads of the losers can still be completed"
        );
    }
}

/// A client that got no response retries, possibly while the first request is still running.
#[tokio::test]
async fn two_concurrent_completions_that_must_create_the_key_return_the_same_response() {
    let gates = Gates::open();
    let vault = Vault::through(|store| gates.before(store)).await;
    let upload = vault.begin("a", PLAIN).await;
    let part = listing(1, &upload.part(1, "x").await.unwrap());
    let complete = |upload: Upload| {
        let mut completion = upload.completion(std::slice::from_ref(&part));
        completion.conditions.must_be_new = true;
        InFlight::start(async move { upload.engine.complete_upload(completion).await })
    };
    gates.commits.close();
    let first = complete(upload.clone());
    gates.commits.reached().await;
    let second = complete(upload.clone());
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    gates.commits.open();
    let first = first.end().await.unwrap();
    let second = second.end().await.unwrap();
    assert_eq!(first.committed, second.committed);
}

#[tokio::test]
async fn if_match_of_a_completion_is_evaluated_at_its_commit() {
    let vault = Vault::memory().await;
    let complete = async |etag: &str, seed| -> Result<String> {
        let upload = vault.begin("a", PLAIN).await;
        let part = upload.part(1, bulk(seed, 10)).await?;
        let mut completion = upload.completion(&[listing(1, &part)]);
        completion.conditions = WriteConditions {
            if_match: Some(EtagCondition::OneOf(vec![etag.to_owned()])),
            must_be_new: false,
        };
        let completed = vault.engine.complete_upload(completion).await?;
        Ok(completed.committed.etag)
    };
    let missing = complete("x", 1).await;
    assert!(matches!(missing, Err(Error::NoSuchKey(_))), "{missing:?}");
    let mut etag = vault.put("a", "first", PLAIN).await.unwrap().committed.etag;
    for seed in 2..5 {
        let before = etag.clone();
        etag = complete(&before, seed).await.unwrap();
        let refused = complete(&before, 9).await;
        assert!(
            matches!(refused, Err(Error::PreconditionFailed("If-Match"))),
            "{refused:?}"
        );
        assert!(vault.get("a", PLAIN).await.unwrap() == bulk(seed, 10));
    }
}

/// The completed object would be sealed under the old key of the upload, so nothing of it may be kept.
#[tokio::test]
async fn a_completion_concurrent_with_a_rewrap_must_be_retried() {
    let gates = Gates::open();
    let vault = Vault::through(|store| gates.before(store)).await;
    let upload = vault.begin("a", PLAIN).await;
    let listed = [listing(1, &upload.part(1, bulk(1, 100)).await.unwrap())];
    let before = vault.rows().await;
    let rewrap = RewrapBucket {
        bucket: BUCKET.to_owned(),
        prefix: String::new(),
        from: From::S3,
        to: Some(KmsWish::of_key(OTHER_KEY.to_owned(), false)),
        rate: None,
    };
    assert_eq!(
        vault.engine.rewrap_bucket(&rewrap, |_| {}).await.unwrap().uploads,
        1
    );
    let after = vault.rows().await;
    let mut changed = after.into_iter().filter(|row| !before.contains(row));
    let (partition, wrapped) = changed.next().unwrap();
    assert!(changed.next().is_none(), "only the row of the upload may change");
    let (_, original) = before
        .into_iter()
        .find(|(_, row)| row.key == wrapped.key)
        .unwrap();
    write(&vault, partition, original.key, original.value).await;

    gates.commits.close();
    let (completing, parts) = (upload.clone(), listed.clone());
    let completion = InFlight::start(async move { completing.complete(&parts).await });
    gates.commits.reached().await;
    write(&vault, partition, wrapped.key, wrapped.value).await;
    gates.commits.open();
    let met = completion.end().await;
    assert!(matches!(met, Err(Error::Contended)), "{met:?}");
    upload.complete(&listed).await.unwrap();
    let head = vault.head("a", PLAIN).await.unwrap();
    assert_eq!(head.encrypted.kms.unwrap().key_id, OTHER_KEY);
    assert!(vault.get("a", PLAIN).await.unwrap() == bulk(1, 100));
}
