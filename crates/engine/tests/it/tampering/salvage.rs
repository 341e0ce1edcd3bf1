//! Salvage: damaged objects are read as far as they open, and surveys skip damaged rows.

use crate::support::protection::{ALICE, Protection};
use crate::support::tampering::{flipped, is_alarm, write};
use crate::support::vault::{BUCKET, Vault, content, reading};
use bytes::Bytes;
use futures::StreamExt as _;
use strongroom_engine::model::condition::ByteRange;
use strongroom_engine::object::get::{ReadObject, Select};
use strongroom_engine::operator::survey::SurveyedVersion;
use strongroom_engine::{Error, Mode, Result};
use strongroom_store::PartitionId;

const SEALED: usize = 65_536 + 16;
const SIZE: usize = 40 * 65_536 + 100;

/// Returns the bytes of a range that open before the first error, and that error.
async fn salvage(vault: &Vault, key: &str, first: u64, last: Option<u64>) -> (Vec<u8>, Result<()>) {
    let read = ReadObject {
        select: Select::Range(ByteRange::From(first, last)),
        ..reading(key)
    };
    let mut content = match vault.engine.salvage_object(&read, || ALICE.on_read()).await {
        Ok(object) => object.content,
        Err(error) => return (Vec::new(), Err(error)),
    };
    let mut given = Vec::new();
    while let Some(piece) = content.next().await {
        match piece {
            Ok(piece) => given.extend_from_slice(&piece),
            Err(error) => return (given, Err(error)),
        }
    }
    (given, Ok(()))
}

#[tokio::test]
async fn a_truncated_or_extended_part_is_read_as_far_as_it_opens() {
    let vault = Vault::memory().await;
    let right = content(1, SIZE);
    vault.put("a", right.clone(), ALICE).await.unwrap();
    let id = vault.blobs().await[0];
    let blob = vault.store.blobs.open(id).await.unwrap();
    let whole = blob.read(0..blob.length()).await.unwrap();
    let replace = async |bytes: Bytes| {
        vault.store.blobs.delete(id).await.unwrap();
        let mut writer = vault.store.blobs.create(id).await.unwrap();
        writer.write(bytes).await.unwrap();
        writer.finish().await.unwrap();
    };

    for length in [
        0,
        39,
        40,
        41,
        40 + 3 * SEALED,
        40 + 20 * SEALED + 7,
        whole.len() - 1,
    ] {
        replace(whole.slice(..length)).await;
        assert!(is_alarm(&vault.get("a", ALICE).await), "truncated to {length}");
        let opens = length.saturating_sub(40) / SEALED * 65_536;
        let (given, outcome) = salvage(&vault, "a", 0, None).await;
        assert!(is_alarm(&outcome), "truncated to {length}");
        assert!(
            given.len() <= opens && right.starts_with(&given),
            "truncated to {length}"
        );
        // Each remaining chunk opens alone, and no other does.
        for chunk in [0, 2, 3, 19, 20, 40] {
            let start = chunk * 65_536;
            let (given, outcome) = salvage(&vault, "a", start as u64, Some(start as u64 + 9)).await;
            assert_eq!(
                outcome.is_ok(),
                start < opens,
                "chunk {chunk}, truncated to {length}"
            );
            assert!(given.is_empty() || given == right[start..start + 10]);
        }
    }

    replace([&whole[..], b"and more"].concat().into()).await;
    assert!(is_alarm(&vault.get("a", ALICE).await));
    let (given, outcome) = salvage(&vault, "a", 0, Some(39 * 65_536)).await;
    outcome.unwrap();
    assert_eq!(given, right[..=39 * 65_536]);
}

#[tokio::test]
async fn a_truncated_inline_part_is_damage() {
    let vault = Vault::memory().await;
    vault.put("a", content(1, 1000), ALICE).await.unwrap();
    let (partition, row) = vault
        .rows()
        .await
        .into_iter()
        .find(|(_, row)| row.key.starts_with(b"inline/"))
        .unwrap();
    for length in [0, 39, 40, 50, row.value.len() - 1] {
        write(&vault, partition, row.key.clone(), row.value.slice(..length)).await;
        let (given, outcome) = salvage(&vault, "a", 0, None).await;
        assert!(is_alarm(&outcome), "truncated to {length}");
        assert!(given.is_empty());
    }
}

async fn survey(vault: &Vault, prefix: &str) -> Vec<SurveyedVersion> {
    let mut found = Vec::new();
    let each = |version| {
        found.push(version);
        Ok::<_, Error>(())
    };
    vault.engine.survey(BUCKET, prefix, each).await.unwrap();
    found
}

#[tokio::test]
async fn a_survey_skips_damaged_rows() {
    let vault = Vault::memory().await;
    for key in ["a", "b", "b/c", "d"] {
        vault.put(key, content(1, 10), ALICE).await.unwrap();
    }
    vault
        .put("d", content(1, 20), Protection::Unspecified)
        .await
        .unwrap();
    let (partition, row) = vault
        .rows()
        .await
        .into_iter()
        .find(|(_, row)| row.key.starts_with(b"version/b\x01"))
        .unwrap();
    write(&vault, partition, row.key.clone(), flipped(&row.value, 40)).await;

    let found = survey(&vault, "").await;
    let seen: Vec<_> = found
        .iter()
        .map(|version| {
            let facts = version.summary.as_ref().ok();
            (&*version.object, facts.map(|facts| (facts.length, facts.mode)))
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("a", Some((10, Some(Mode::Customer)))),
            ("b", None),
            ("b/c", Some((10, Some(Mode::Customer)))),
            ("d", Some((20, Some(Mode::S3)))),
        ]
    );
    assert_eq!(survey(&vault, "b/").await.len(), 1);
    assert!(found.iter().all(|version| version.is_latest));
}

#[tokio::test]
async fn a_survey_of_buckets_skips_damaged_rows() {
    let vault = Vault::memory().await;
    vault.engine.create_bucket("another").await.unwrap();
    let row = Bytes::from_static(b"bucket/another");
    let value = vault
        .store
        .index
        .get(PartitionId::ROOT, &row)
        .await
        .unwrap()
        .unwrap();
    write(&vault, PartitionId::ROOT, row, flipped(&value, 40)).await;
    let buckets = vault.engine.survey_buckets().await.unwrap();
    let seen: Vec<_> = buckets.iter().map(|b| (&*b.name, b.info.is_ok())).collect();
    assert_eq!(seen, [("another", false), (BUCKET, true)]);
}
