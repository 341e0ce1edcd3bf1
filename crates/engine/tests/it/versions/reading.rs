//! Reading versions by name and key, and clocks that stand still or go backwards.

use crate::support::clock::{DAY, START};
use crate::support::protection::{ALICE, MALLORY, Protection};
use crate::support::vault::{Vault, content, reading};
use crate::support::versioning::reading_version;
use strongroom_engine::encryption::Refusal;
use strongroom_engine::model::condition::{ByteRange, EtagCondition, ReadConditions};
use strongroom_engine::object::get::{ReadObject, Select};
use strongroom_engine::{Error, Mode, VersionName};

const PLAIN: Protection = Protection::Unspecified;

#[tokio::test]
async fn each_version_is_decrypted_with_its_own_key_only() {
    for vault in Vault::each().await {
        vault.keep_versions().await;
        let mut versions = Vec::new();
        for (seed, protection) in (0..).zip([ALICE, MALLORY, PLAIN, ALICE, Protection::S3, MALLORY]) {
            for size in [0, 10, 70_000] {
                let bytes = content(seed, size);
                let version = vault.put_version("a", bytes.clone(), protection).await;
                versions.push((version, protection, bytes));
            }
        }
        for (version, protection, bytes) in &versions {
            for requested in [PLAIN, ALICE, MALLORY] {
                let plain = |protection| !matches!(protection, Protection::Customer(_));
                let got = vault.get_version("a", *version, requested).await;
                let head = vault
                    .engine
                    .head_object(&reading_version("a", *version), requested.on_read())
                    .await;
                let expected = match (plain(*protection), plain(requested)) {
                    (true, true) => None,
                    (true, false) => Some(Refusal::NotApplicable),
                    (false, true) => Some(Refusal::KeyNeeded),
                    (false, false) => (*protection != requested).then_some(Refusal::WrongKey),
                };
                match (got, head, expected) {
                    (Ok(got), Ok((info, range)), None) => {
                        assert!(got == *bytes);
                        assert_eq!(info.version, Some(*version));
                        assert_eq!(range, 0..bytes.len() as u64);
                        assert_eq!(info.encrypted.mode == Mode::S3, plain(*protection));
                    }
                    (Err(Error::Encryption(got)), Err(Error::Encryption(head)), Some(expected)) => {
                        assert_eq!(got, expected);
                        assert_eq!(head, expected);
                    }
                    other => panic!("{other:?}"),
                }
            }
        }
        vault.emptied().await;
    }
}

#[tokio::test]
async fn ranges_and_conditions_apply_to_the_named_version() {
    let vault = Vault::memory().await;
    vault.keep_versions().await;
    let old = vault
        .put("a", content(1, 150_000), ALICE)
        .await
        .unwrap()
        .committed;
    vault.put("a", "newer", ALICE).await.unwrap();
    let version = old.version.unwrap();
    let read = |etag: &str, select| ReadObject {
        conditions: ReadConditions {
            if_match: Some(EtagCondition::OneOf(vec![etag.to_owned()])),
            ..ReadConditions::default()
        },
        select,
        ..reading_version("a", version)
    };
    let range = Select::Range(ByteRange::From(65_530, Some(65_545)));
    let got = vault.read(&read(&old.etag, range), ALICE).await.unwrap();
    assert!(got == content(1, 150_000)[65_530..=65_545]);
    let refused = vault.read(&read("another", range), ALICE).await;
    assert!(
        matches!(refused, Err(Error::PreconditionFailed("If-Match"))),
        "{refused:?}"
    );
    let newest = ReadObject {
        version: None,
        ..read(&old.etag, Select::All)
    };
    let refused = vault.read(&newest, ALICE).await;
    assert!(
        matches!(refused, Err(Error::PreconditionFailed("If-Match"))),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_version_is_found_only_under_its_own_key() {
    let vault = Vault::memory().await;
    vault.keep_versions().await;
    let of_a = vault.put_version("a", "a", PLAIN).await;
    vault.put_version("b", "b", PLAIN).await;
    for (key, version) in [
        ("b", of_a),
        ("c", of_a),
        ("a\0", of_a),
        ("a", VersionName::Null),
        ("a", VersionName::Id([0; 16])),
        ("a", VersionName::Id([255; 16])),
    ] {
        let missing = vault.get_version(key, version, PLAIN).await;
        assert!(
            matches!(&missing, Err(Error::NoSuchVersion(k, v)) if k == key && *v == version),
            "{missing:?}"
        );
    }
}

#[tokio::test]
async fn the_null_version_has_no_other_name() {
    let vault = Vault::memory().await;
    vault.put("a", "null", PLAIN).await.unwrap();
    vault.keep_versions().await;
    let rows = vault.rows_of_objects().await;
    let row = rows.iter().find(|row| row.key.starts_with(b"version/a")).unwrap();
    let name = std::str::from_utf8(&row.key[row.key.len() - 32..]).unwrap();
    let id = VersionName::read(name).unwrap();
    let missing = vault.get_version("a", id, PLAIN).await;
    assert!(matches!(missing, Err(Error::NoSuchVersion(..))), "{missing:?}");
    let deleted = vault.delete_version("a", id).await;
    assert_eq!(deleted.unwrap().version, Some(id), "as for a missing version");
    assert_eq!(vault.get("a", PLAIN).await.unwrap(), b"null");
}

#[test]
fn version_names_are_parsed_strictly() {
    for name in [
        "",
        "Null",
        "NULL",
        "nul",
        "null ",
        "0",
        "x",
        "00112233445566778899aabbccddee",
        "00112233445566778899aabbccddeeff00",
        "00112233445566778899aabbccddeefg",
        " 0112233445566778899aabbccddeeff",
    ] {
        assert_eq!(VersionName::read(name), None, "{name:?}");
    }
    for name in ["null", "00112233445566778899aabbccddeeff"] {
        assert_eq!(VersionName::read(name).unwrap().to_string(), name);
    }
}

/// Puts and deletes at the given times; the newest version is the last one written, whatever its time.
async fn with_clock(times: &[u64]) {
    for vault in Vault::each().await {
        vault.keep_versions().await;
        vault.clock.stop();
        let mut expected = Vec::new();
        for (number, time) in (0..).zip(times) {
            vault.clock.set(*time);
            let version = if number % 3 == 2 {
                vault.delete("a").await.unwrap().version.unwrap()
            } else {
                let version = vault.put_version("a", content(number, 10), ALICE).await;
                assert!(vault.get("a", ALICE).await.unwrap() == content(number, 10));
                version
            };
            expected.insert(0, version);
            let listed: Vec<_> = vault.versions().await;
            assert!(listed[0].is_latest && listed[1..].iter().all(|listed| !listed.is_latest));
            let names: Vec<_> = listed.iter().map(|listed| listed.version).collect();
            assert_eq!(names, expected);
            let modified: Vec<_> = listed.iter().map(|listed| listed.object.modified).collect();
            assert!(
                modified.is_sorted_by(|newer, older| newer > older),
                "{modified:?}"
            );
        }
        while let Some(version) = expected.first() {
            vault.delete_version("a", *version).await.unwrap();
            expected.remove(0);
            let names: Vec<_> = vault.versions().await.iter().map(|l| l.version).collect();
            assert_eq!(names, expected);
        }
        vault.is_empty_once_collected().await;
    }
}

#[tokio::test]
async fn a_clock_that_stands_still_or_goes_backwards_keeps_the_order_of_versions() {
    with_clock(&[START; 9]).await;
    with_clock(&[START, START - DAY, START - 2 * DAY, START - 3 * DAY, START, 0, 1]).await;
    with_clock(&[START + 900 * DAY, START, START + 1, START + 901 * DAY, START, 0]).await;
}

#[tokio::test]
async fn null_versions_become_newest_although_the_clock_goes_backwards() {
    let vault = Vault::memory().await;
    vault.put("a", "null 1", PLAIN).await.unwrap();
    vault.keep_versions().await;
    let kept = vault.put_version("a", "kept", PLAIN).await;
    vault.suspend().await;
    vault.clock.stop();
    vault.clock.set(START - DAY);
    for text in ["null 2", "null 3"] {
        vault.put("a", text, PLAIN).await.unwrap();
        assert_eq!(vault.get("a", PLAIN).await.unwrap(), text.as_bytes());
        let null = vault.get_version("a", VersionName::Null, PLAIN).await;
        assert_eq!(null.unwrap(), text.as_bytes());
        assert_eq!(vault.versions().await.len(), 2);
    }
    vault.clock.advance(1);
    vault.delete("a").await.unwrap();
    vault.delete_version("a", VersionName::Null).await.unwrap();
    assert_eq!(vault.get("a", PLAIN).await.unwrap(), b"kept");
    assert_eq!(
        vault.read(&reading("a"), PLAIN).await.unwrap(),
        vault.get_version("a", kept, PLAIN).await.unwrap()
    );
}
