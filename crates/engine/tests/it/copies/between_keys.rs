//! Copies between all keys, locations and kinds of objects: only the key of the copy decrypts it.

use crate::support::copying::copying;
use crate::support::etag::md5_hex;
use crate::support::protection::{ALICE, MALLORY, Protection};
use crate::support::uploading::{PART, bulk};
use crate::support::vault::{BUCKET, Vault, new_object, reading};
use bytes::Bytes;
use strongroom_engine::encryption::Refusal;
use strongroom_engine::model::condition::{EtagCondition, ReadConditions, WriteConditions};
use strongroom_engine::model::settings::Versioning;
use strongroom_engine::model::tags::Tags;
use strongroom_engine::object::copy::CopyObject;
use strongroom_engine::object::get::ReadObject;
use strongroom_engine::{Error, VersionName};

const PLAIN: Protection = Protection::Unspecified;
const KEYS: [Protection; 4] = [PLAIN, Protection::Kms, ALICE, MALLORY];
const OTHER: &str = "other-bucket";

fn keyed(protection: Protection) -> bool {
    matches!(protection, Protection::Customer(_))
}

/// Returns the refusal that a read with the key `requested` must get if the object is encrypted under `sealed`.
fn refusal(sealed: Protection, requested: Protection) -> Option<Refusal> {
    match (keyed(sealed), keyed(requested)) {
        (false, false) => None,
        (false, true) => Some(Refusal::NotApplicable),
        (true, false) => Some(Refusal::KeyNeeded),
        (true, true) => (sealed != requested).then_some(Refusal::WrongKey),
    }
}

async fn opens_only_with(vault: &Vault, read: &ReadObject, sealed: Protection, right: &[u8]) {
    for requested in KEYS {
        match (vault.read(read, requested).await, refusal(sealed, requested)) {
            (Ok(bytes), None) => assert!(bytes == right, "{read:?}"),
            (Err(Error::Encryption(got)), Some(expected)) => assert_eq!(got, expected),
            other => panic!("{read:?}: {other:?}"),
        }
    }
}

/// Puts an object of a kind: 0 inline, 1 in a blob, 2 in several blobs.
async fn put_kind(vault: &Vault, kind: usize, key: &str, protection: Protection) -> Bytes {
    let (bytes, parts) = match kind {
        0 => (bulk(1, 1000), None),
        1 => (bulk(2, 100_000), None),
        _ => {
            let parts = [bulk(3, PART), bulk(4, 70_000)];
            (Bytes::from(parts.concat()), Some(parts))
        }
    };
    match parts {
        None => drop(vault.put(key, bytes.clone(), protection).await.unwrap()),
        Some(parts) => drop(vault.multipart(key, protection, &parts).await),
    }
    bytes
}

#[tokio::test]
async fn every_kind_of_object_is_copied_between_all_keys_and_locations() {
    for versioning in [None, Some(Versioning::Enabled), Some(Versioning::Suspended)] {
        let vault = Vault::memory().await;
        vault.engine.create_bucket(OTHER).await.unwrap();
        if let Some(versioning) = versioning {
            vault.set_versioning(versioning).await;
        }
        for kind in 0..3 {
            for from in KEYS {
                for to in KEYS {
                    for (bucket, target) in [(BUCKET, "a"), (BUCKET, "b"), (OTHER, "a")] {
                        let bytes = put_kind(&vault, kind, "a", from).await;
                        let source = vault.head("a", from).await.unwrap();
                        if target == "b" {
                            vault.put("b", "before", from).await.unwrap();
                        }
                        let copy = CopyObject {
                            object: new_object(bucket, target, to),
                            may_change_nothing: true,
                            ..copying("a", target, to)
                        };
                        let copied = vault.copy(copy, from).await.unwrap();
                        assert_eq!(copied.source, source.version);
                        let read = ReadObject {
                            bucket: bucket.to_owned(),
                            ..reading(target)
                        };
                        opens_only_with(&vault, &read, to, &bytes).await;
                        if (bucket, target) != (BUCKET, "a") {
                            opens_only_with(&vault, &reading("a"), from, &bytes).await;
                        } else if versioning == Some(Versioning::Enabled) {
                            let old =
                                crate::support::versioning::reading_version("a", source.version.unwrap());
                            opens_only_with(&vault, &old, from, &bytes).await;
                        }
                        let (head, _) = vault.engine.head_object(&read, to.on_read()).await.unwrap();
                        assert_eq!(head.etag, copied.committed.etag);
                        assert_eq!(head.version, copied.committed.version);
                        if (bucket, target) != (BUCKET, "a") && to == PLAIN {
                            assert_eq!(head.etag, md5_hex(&bytes), "a copy has a single part");
                        }
                        for key in ["a", "b"] {
                            vault.delete(key).await.unwrap();
                        }
                    }
                }
            }
            for bucket in [BUCKET, OTHER] {
                for listed in vault.versions_in(bucket).await {
                    let deletion = crate::support::versioning::deletion(&listed.object.key, listed.version);
                    vault.engine.delete_object(bucket, &deletion).await.unwrap();
                }
            }
            vault.is_empty_once_collected().await;
        }
    }
}

#[tokio::test]
async fn a_copy_needs_the_customer_key_of_its_source() {
    for vault in Vault::each().await {
        for from in KEYS {
            vault.put("a", bulk(1, 70_000), from).await.unwrap();
            for target in ["a", "b"] {
                for requested in KEYS.into_iter().filter(|requested| *requested != from) {
                    let copy = CopyObject {
                        may_change_nothing: true,
                        ..copying("a", target, MALLORY)
                    };
                    // Keys of the store and of the service require nothing in the request.
                    let Some(expected) = refusal(from, requested) else {
                        continue;
                    };
                    let refused = vault.copy(copy, requested).await;
                    assert!(
                        matches!(&refused, Err(Error::Encryption(refusal)) if *refusal == expected),
                        "{refused:?}"
                    );
                }
            }
            opens_only_with(&vault, &reading("a"), from, &bulk(1, 70_000)).await;
        }
        let missing = vault.get("b", PLAIN).await;
        assert!(matches!(missing, Err(Error::NoSuchKey(_))), "{missing:?}");
        vault.delete("a").await.unwrap();
        vault.is_empty_once_collected().await;
    }
}

#[tokio::test]
async fn copies_of_missing_or_wrong_sources_are_refused() {
    let vault = Vault::memory().await;
    let missing = vault.copy(copying("a", "b", PLAIN), PLAIN).await;
    assert!(
        matches!(&missing, Err(Error::NoSuchKey(key)) if key == "a"),
        "{missing:?}"
    );
    vault.put("a", "x", PLAIN).await.unwrap();
    let same = vault.copy(copying("a", "a", PLAIN), PLAIN).await;
    assert!(matches!(same, Err(Error::CopyOntoItself)), "{same:?}");

    vault.keep_versions().await;
    let marker = vault.delete("a").await.unwrap().version.unwrap();
    let deleted = vault.copy(copying("a", "b", PLAIN), PLAIN).await;
    assert!(matches!(&deleted, Err(Error::NoSuchKey(_))), "{deleted:?}");
    for (version, expected) in [
        (marker, "the source of the copy is a delete marker"),
        (VersionName::Id([7; 16]), "there is no version"),
    ] {
        let copy = CopyObject {
            source: crate::support::versioning::reading_version("a", version),
            ..copying("a", "b", PLAIN)
        };
        let refused = vault.copy(copy, PLAIN).await.unwrap_err();
        assert!(refused.to_string().starts_with(expected), "{refused}");
    }
    let mut nowhere = copying("a", "b", PLAIN);
    nowhere.object.bucket = "nowhere".to_owned();
    let refused = vault.copy(nowhere, PLAIN).await;
    assert!(matches!(refused, Err(Error::NoSuchBucket(_))), "{refused:?}");
    let mut nowhere = copying("a", "b", PLAIN);
    nowhere.source.bucket = "nowhere".to_owned();
    let refused = vault.copy(nowhere, PLAIN).await;
    assert!(matches!(refused, Err(Error::NoSuchBucket(_))), "{refused:?}");
    let long = vault.copy(copying("a", &"x".repeat(1025), PLAIN), PLAIN).await;
    assert!(matches!(long, Err(Error::KeyTooLong(1025))), "{long:?}");
}

#[tokio::test]
async fn conditions_on_source_and_target_are_evaluated() {
    let vault = Vault::memory().await;
    let etag = vault.put("a", "x", PLAIN).await.unwrap().committed.etag;
    vault.put("b", "before", PLAIN).await.unwrap();
    let one_of = |etag: &str| Some(EtagCondition::OneOf(vec![etag.to_owned()]));
    let of_source = |conditions| {
        let mut copy = copying("a", "b", PLAIN);
        copy.source.conditions = conditions;
        vault.copy(copy, PLAIN)
    };
    for conditions in [
        ReadConditions {
            if_match: one_of("other"),
            ..ReadConditions::default()
        },
        ReadConditions {
            if_none_match: one_of(&etag),
            ..ReadConditions::default()
        },
        ReadConditions {
            if_unmodified_since: Some(0),
            ..ReadConditions::default()
        },
        ReadConditions {
            if_modified_since: Some(i64::MAX),
            ..ReadConditions::default()
        },
    ] {
        let refused = of_source(conditions).await;
        assert!(
            matches!(refused, Err(Error::PreconditionFailed(_))),
            "{refused:?}"
        );
    }
    for target in ["a", "b"] {
        for conditions in [
            WriteConditions {
                if_match: one_of("other"),
                must_be_new: false,
            },
            WriteConditions {
                if_match: None,
                must_be_new: true,
            },
        ] {
            let copy = CopyObject {
                may_change_nothing: true,
                conditions,
                ..copying("a", target, ALICE)
            };
            let refused = vault.copy(copy, PLAIN).await;
            assert!(
                matches!(refused, Err(Error::PreconditionFailed(_))),
                "{refused:?}"
            );
        }
    }
    assert_eq!(vault.get("b", PLAIN).await.unwrap(), b"before");
    let good = of_source(ReadConditions {
        if_match: one_of(&etag),
        ..ReadConditions::default()
    });
    good.await.unwrap();
    assert_eq!(vault.get("b", PLAIN).await.unwrap(), b"x");
}

#[tokio::test]
async fn metadata_and_tags_come_from_the_source_or_the_request() {
    let vault = Vault::memory().await;
    let tags = |value: &str| Tags::new([("k".to_owned(), value.to_owned())], 10).unwrap();
    let mut put = crate::support::vault::request("a", 1, ALICE);
    put.object
        .headers
        .insert("content-type".into(), "text/old".into());
    put.object.metadata.insert("m".into(), "old".into());
    put.object.tags = tags("old");
    vault
        .engine
        .put_object(put, crate::support::vault::body("x"))
        .await
        .unwrap();
    for target in ["a", "b"] {
        for (keep_metadata, keep_tags) in [(true, true), (true, false), (false, true), (false, false)] {
            let mut copy = copying("a", target, MALLORY);
            copy.keep_metadata = keep_metadata;
            copy.keep_tags = keep_tags;
            copy.object
                .headers
                .insert("content-type".into(), "text/new".into());
            copy.object.metadata.insert("m".into(), "new".into());
            copy.object.tags = tags("new");
            vault.copy(copy, ALICE).await.unwrap();
            let head = vault.head(target, MALLORY).await.unwrap();
            let word = if keep_metadata { "old" } else { "new" };
            assert_eq!(head.headers["content-type"], format!("text/{word}"));
            assert_eq!(head.metadata["m"], word);
            let (returned, _) = vault.engine.object_tags(BUCKET, target, None).await.unwrap();
            assert_eq!(returned, tags(if keep_tags { "old" } else { "new" }));
            if target == "a" {
                // Restores the initial state.
                let mut back = copying("a", "a", ALICE);
                (back.keep_metadata, back.keep_tags) = (false, false);
                back.object
                    .headers
                    .insert("content-type".into(), "text/old".into());
                back.object.metadata.insert("m".into(), "old".into());
                back.object.tags = tags("old");
                vault.copy(back, MALLORY).await.unwrap();
            }
        }
    }
}
