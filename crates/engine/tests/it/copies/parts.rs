//! Parts copied from objects, and sources that are replaced, deleted and collected while they are copied.

use crate::support::copying::copying;
use crate::support::hooked_index::{After, Hooks};
use crate::support::protection::{ALICE, MALLORY, Protection};
use crate::support::uploading::{PART, bulk, listing};
use crate::support::vault::{Vault, body, content, reading, request};
use futures::future::join_all;
use strongroom_engine::checksum::{ChecksumAlgorithm, checksum_of};
use strongroom_engine::condition::{EtagCondition, ReadConditions, WriteConditions};
use strongroom_engine::copy::CopyObject;
use strongroom_engine::encryption::EncryptionHeaders;
use strongroom_engine::encryption::Refusal;
use strongroom_engine::get::ReadObject;
use strongroom_engine::{Engine, Error};

const PLAIN: Protection = Protection::Unspecified;
const KEYS: [Protection; 3] = [PLAIN, ALICE, MALLORY];

#[tokio::test]
async fn parts_are_copied_from_ranges_of_every_kind_of_object() {
    let vault = Vault::memory().await;
    let multipart = [bulk(1, PART), bulk(2, PART), bulk(3, 5000)];
    let whole = multipart.concat();
    for from in KEYS {
        vault.multipart("source", from, &multipart).await;
        vault.put("small", "small", from).await.unwrap();
        for to in KEYS {
            let upload = vault.begin("a", to).await;
            let middle = (PART as u64 - 70_000, 2 * PART as u64 + 9);
            let mut listed = Vec::new();
            for (number, source, range) in [
                (1, "source", None),
                (2, "source", Some(middle)),
                (3, "source", Some((0, 0))),
                (4, "small", None),
            ] {
                let part = upload.part_from(number, &reading(source), from, range).await;
                listed.push((number, part.unwrap()));
            }
            let first_two: Vec<_> = listed[..2].iter().map(|(n, part)| listing(*n, part)).collect();
            for (part, bytes) in listed.iter().map(|(_, part)| part).zip([
                &whole[..],
                &whole[PART - 70_000..=2 * PART + 9],
                &whole[..1],
                b"small",
            ]) {
                let crc = checksum_of(ChecksumAlgorithm::Crc64Nvme, bytes);
                assert_eq!(part.checksum.value, crc);
            }
            for last in &listed[2..] {
                let mut parts = first_two.clone();
                parts.push(listing(last.0, &last.1));
                if last.0 == 4 {
                    upload.complete(&parts).await.unwrap();
                }
            }
            let middle = &whole[PART - 70_000..=2 * PART + 9];
            let expected = [&whole[..], middle, b"small"].concat();
            assert!(vault.get("a", to).await.unwrap() == expected);
            for wrong in KEYS.into_iter().filter(|wrong| *wrong != to) {
                let refused = vault.get("a", wrong).await;
                assert!(matches!(refused, Err(Error::Encryption(_))), "{refused:?}");
            }
        }
    }
    for key in ["a", "source", "small"] {
        vault.delete(key).await.unwrap();
    }
    vault.is_empty_once_collected().await;
}

#[tokio::test]
async fn copies_of_parts_with_wrong_sources_or_keys_are_refused() {
    let vault = Vault::memory().await;
    vault.put("source", bulk(1, 100), ALICE).await.unwrap();
    let upload = vault.begin("a", MALLORY).await;
    let source = reading("source");
    for (key, expected) in [(PLAIN, Refusal::KeyNeeded), (MALLORY, Refusal::WrongKey)] {
        let refused = upload.part_from(1, &source, key, None).await;
        assert!(
            matches!(&refused, Err(Error::Encryption(refusal)) if *refusal == expected),
            "{refused:?}"
        );
    }
    for range in [(0, 100), (99, 100), (100, 100), (5, u64::MAX)] {
        let refused = upload.part_from(1, &source, ALICE, Some(range)).await;
        assert!(matches!(refused, Err(Error::CopyRange(100))), "{refused:?}");
    }
    let refused = upload.part_from(1, &source, ALICE, Some((7, 6))).await;
    assert!(matches!(refused, Err(Error::InvalidRange(100))), "{refused:?}");
    for number in [0, 10_001] {
        let refused = upload.part_from(number, &source, ALICE, None).await;
        assert!(matches!(refused, Err(Error::PartNumber(_))), "{refused:?}");
    }
    let other = ReadObject {
        conditions: ReadConditions {
            if_match: Some(EtagCondition::OneOf(vec!["x".into()])),
            ..ReadConditions::default()
        },
        ..reading("source")
    };
    let refused = upload.part_from(1, &other, ALICE, None).await;
    assert!(
        matches!(refused, Err(Error::PreconditionFailed(_))),
        "{refused:?}"
    );
    let refused = upload.part_from(1, &reading("nothing"), ALICE, None).await;
    assert!(matches!(refused, Err(Error::NoSuchKey(_))), "{refused:?}");
    // The key of the upload is checked too.
    let mut wrong = upload.clone();
    wrong.protection = ALICE;
    let refused = wrong.part_from(1, &source, ALICE, None).await;
    assert!(
        matches!(refused, Err(Error::Encryption(Refusal::NotTheUploadsKey))),
        "{refused:?}"
    );
    assert_eq!(vault.blobs().await, []);
    assert!(
        vault
            .engine
            .list_parts(&upload.name, 0, 9, EncryptionHeaders::default())
            .await
            .unwrap()
            .parts
            .is_empty()
    );
}

async fn hooked() -> (Vault, Hooks) {
    let hooks = Hooks::default();
    let vault = Vault::through(|store| hooks.over(store)).await;
    (vault, hooks)
}

/// Replaces `source` by another object and collects the old one.
async fn replace(engine: Engine, seed: u64) {
    let put = request("source", 100_000, ALICE);
    engine
        .put_object(put, body(content(seed, 100_000)))
        .await
        .unwrap();
    engine.collect().await.unwrap();
}

#[tokio::test]
async fn copying_a_source_while_it_is_replaced_copies_one_of_the_two() {
    for size in [10, 100_000] {
        for target in ["source", "a"] {
            for (word, nth) in [
                ("current/", 1),
                ("version/", 1),
                ("version/", 2),
                ("inline/", 1),
                ("current/", 2),
            ] {
                let (vault, hooks) = hooked().await;
                vault.put("source", content(1, size), ALICE).await.unwrap();
                hooks.on(After::Get(word), nth, replace(vault.engine.clone(), 2));
                let copied = vault.copy(copying("source", target, MALLORY), ALICE).await;
                match copied {
                    Ok(_) => {
                        let got = vault.get(target, MALLORY).await.unwrap();
                        assert!(got == content(1, size) || got == content(2, 100_000));
                    }
                    Err(error) => panic!("{size} {target} {word} {nth}: {error:?}"),
                }
                vault.engine.collect().await.unwrap();
                vault.delete("source").await.unwrap();
                vault.delete("a").await.unwrap();
                vault.is_empty_once_collected().await;
            }
        }
    }
}

#[tokio::test]
async fn copying_a_part_while_its_source_is_replaced_copies_one_of_the_two() {
    for (word, nth) in [("current/", 1), ("version/", 1)] {
        let (vault, hooks) = hooked().await;
        vault.put("source", content(1, 100_000), ALICE).await.unwrap();
        let upload = vault.begin("a", PLAIN).await;
        hooks.on(After::Get(word), nth, replace(vault.engine.clone(), 2));
        let part = upload.part_from(1, &reading("source"), ALICE, None).await;
        upload.complete(&[listing(1, &part.unwrap())]).await.unwrap();
        let got = vault.get("a", PLAIN).await.unwrap();
        assert!(got == content(1, 100_000) || got == content(2, 100_000));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn copies_of_an_object_under_constant_writes_are_whole() {
    for vault in Vault::each().await {
        vault.put("source", content(0, 100_000), ALICE).await.unwrap();
        let writer = {
            let engine = vault.engine.clone();
            tokio::spawn(async move {
                for seed in 1..40 {
                    replace(engine.clone(), seed).await;
                }
            })
        };
        let copies = (0..4).map(|number| {
            let engine = vault.engine.clone();
            tokio::spawn(async move {
                for round in 0..10 {
                    let target = format!("{number}/{round}");
                    let copy = copying("source", &target, MALLORY);
                    engine.copy_object(copy, || ALICE.on_read()).await.unwrap();
                    let got = crate::support::vault::get(&engine, &target, MALLORY, None).await;
                    let got = got.unwrap();
                    assert!((0..40).any(|seed| got == content(seed, 100_000)));
                }
            })
        });
        for copy in join_all(copies.collect::<Vec<_>>()).await {
            copy.unwrap();
        }
        writer.await.unwrap();
        vault.engine.collect().await.unwrap();
        assert_eq!(vault.blobs().await.len(), 41);
        vault.emptied().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn exactly_one_of_many_copies_creates_a_key() {
    for vault in Vault::each().await {
        for size in [20, 70_000] {
            for number in 0..64_u64 {
                let key = format!("source {number}");
                vault.put(&key, content(number, size), ALICE).await.unwrap();
            }
            let copies = (0..64_u64).map(|number| {
                let engine = vault.engine.clone();
                tokio::spawn(async move {
                    let copy = CopyObject {
                        conditions: WriteConditions {
                            if_match: None,
                            must_be_new: true,
                        },
                        ..copying(&format!("source {number}"), "a", MALLORY)
                    };
                    engine.copy_object(copy, || ALICE.on_read()).await
                })
            });
            let mut winners = Vec::new();
            for (seed, outcome) in (0..).zip(join_all(copies).await) {
                match outcome.unwrap() {
                    Ok(_) => winners.push(seed),
                    Err(Error::PreconditionFailed("If-None-Match")) => {}
                    Err(error) => panic!("{error:?}"),
                }
            }
            let [winner] = winners[..] else {
                panic!("{winners:?} won")
            };
            assert!(vault.get("a", MALLORY).await.unwrap() == content(winner, size));
            vault.emptied().await;
        }
    }
}

/// Concurrent key changes of one object: each finds it whole, and the last key decrypts it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_copies_onto_itself_all_succeed() {
    for vault in Vault::each().await {
        for versions in [false, true] {
            if versions {
                vault.keep_versions().await;
            }
            vault.put("a", content(1, 70_000), ALICE).await.unwrap();
            let copies = (0..48).map(|_| {
                let engine = vault.engine.clone();
                tokio::spawn(async move {
                    let copy = copying("a", "a", ALICE);
                    engine.copy_object(copy, || ALICE.on_read()).await
                })
            });
            for outcome in join_all(copies).await {
                outcome.unwrap().unwrap();
            }
            assert!(vault.get("a", ALICE).await.unwrap() == content(1, 70_000));
            vault.engine.collect().await.unwrap();
            assert_eq!(vault.blobs().await.len(), 1);
            let kept = vault.versions().await;
            assert_eq!(kept.len(), if versions { 49 } else { 1 });
            vault.emptied().await;
        }
    }
}
