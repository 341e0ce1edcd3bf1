//! Changed, swapped, restored and deleted rows: reads fail but never return wrong bytes.

use crate::support::protection::{ALICE, Protection};
use crate::support::tampering::{change, flipped, is_alarm, raises_alarm, write};
use crate::support::vault::{BUCKET, Vault, content, get, reading};
use bytes::Bytes;
use std::sync::Arc;
use strongroom_engine::Engine;
use strongroom_engine::object::get::ReadObject;
use strongroom_store::{PartitionId, Row, Write};

const SMALL: usize = 1000;
const LARGE: usize = 200_000;

async fn rows_of(vault: &Vault, word: &str) -> Vec<(PartitionId, Row)> {
    let mut rows = vault.rows().await;
    rows.retain(|(_, row)| row.key.starts_with(word.as_bytes()));
    assert!(!rows.is_empty(), "there are no rows of {word}");
    rows
}

#[tokio::test]
async fn a_flipped_bit_in_a_row_is_detected() {
    let vault = Vault::memory().await;
    // An empty object has sealed bytes too.
    for (size, protection) in [(SMALL, Protection::Unspecified), (SMALL, ALICE), (0, ALICE)] {
        let right = content(1, size);
        vault.put("a", right.clone(), protection).await.unwrap();
        for word in ["current/", "version/", "inline/"] {
            let (partition, row) = rows_of(&vault, word).await.remove(0);
            for at in 0..row.value.len() {
                write(&vault, partition, row.key.clone(), flipped(&row.value, at)).await;
                let how = format!("byte {at} of {word}");
                raises_alarm(&vault.engine, "a", protection, &right, &how).await;
            }
            for length in [0, 1, 32, 33, 40, 48, row.value.len() / 2, row.value.len() - 1] {
                write(&vault, partition, row.key.clone(), row.value.slice(..length)).await;
                let how = format!("{length} bytes of {word}");
                raises_alarm(&vault.engine, "a", protection, &right, &how).await;
            }
            let longer = Bytes::from([&row.value[..], b"x"].concat());
            write(&vault, partition, row.key.clone(), longer).await;
            raises_alarm(&vault.engine, "a", protection, &right, "a byte more").await;
            write(&vault, partition, row.key.clone(), row.value.clone()).await;
            assert_eq!(vault.get("a", protection).await.unwrap(), right);
        }
    }
}

#[tokio::test]
async fn a_flipped_bit_in_a_current_row_is_detected_by_a_listing() {
    let vault = Vault::memory().await;
    vault.put("a", "x", ALICE).await.unwrap();
    let (partition, row) = rows_of(&vault, "current/").await.remove(0);
    write(&vault, partition, row.key, flipped(&row.value, 50)).await;
    let list = strongroom_engine::object::list::ListObjects {
        limit: 10,
        ..Default::default()
    };
    assert!(is_alarm(&vault.engine.list_objects(BUCKET, &list).await));
}

#[tokio::test]
async fn a_changed_row_of_a_blob_never_gives_wrong_bytes() {
    let vault = Vault::memory().await;
    vault.put("a", content(1, LARGE), ALICE).await.unwrap();
    let (partition, row) = rows_of(&vault, "blob/").await.remove(0);
    write(&vault, partition, row.key, flipped(&row.value, 50)).await;
    assert!(vault.get("a", ALICE).await.unwrap() == content(1, LARGE));
    let second = vault.restarted().await;
    assert_eq!(
        second.collect_orphans().await.unwrap(),
        0,
        "a blob with a damaged row is no orphan"
    );
    assert!(get(&second, "a", ALICE, None).await.unwrap() == content(1, LARGE));
}

#[tokio::test]
async fn a_flipped_bit_in_a_bucket_or_the_store_key_is_detected() {
    let vault = Vault::memory().await;
    vault.put("a", "x", ALICE).await.unwrap();
    let root = vault.partitions.rows(&vault.store).await;
    let of = |word: &[u8]| {
        root.iter()
            .find(|(_, row)| row.key.starts_with(word))
            .unwrap()
            .1
            .clone()
    };
    let (bucket, key) = (of(b"bucket/"), of(b"store-key"));
    for at in 0..bucket.value.len() {
        write(
            &vault,
            PartitionId::ROOT,
            bucket.key.clone(),
            flipped(&bucket.value, at),
        )
        .await;
        let second = vault.restarted().await;
        assert!(is_alarm(&second.head_bucket(BUCKET).await), "byte {at}");
    }
    write(&vault, PartitionId::ROOT, bucket.key, bucket.value).await;
    for at in 0..key.value.len() {
        write(
            &vault,
            PartitionId::ROOT,
            key.key.clone(),
            flipped(&key.value, at),
        )
        .await;
        let parts = strongroom_engine::Parts {
            store: vault.store.clone(),
            keyring: Arc::new(
                strongroom_keys::Keyring::read(&vault.directory.path().join("keyring")).unwrap(),
            ),
            kms: Arc::default(),
            audit: Arc::new(strongroom_audit::NoAudit),
            clock: Arc::new(strongroom_engine::SystemClock),
            random: Arc::new(strongroom_seal::SystemRandom::default()),
            lifecycle_day: strongroom_engine::DAY,
            keep_lost: strongroom_engine::KEEP_LOST,
        };
        assert!(Engine::start(parts).await.is_err(), "byte {at}");
    }
}

#[tokio::test]
async fn swapped_rows_are_detected() {
    let vault = Vault::memory().await;
    for protection in [Protection::Unspecified, ALICE] {
        for (key, seed) in [("a", 1), ("b", 2)] {
            vault.put(key, content(seed, SMALL), protection).await.unwrap();
        }
        for word in ["current/", "version/", "inline/"] {
            let [(partition, a), (_, b)] = &rows_of(&vault, word).await[..] else {
                panic!("expected two")
            };
            write(&vault, *partition, a.key.clone(), b.value.clone()).await;
            write(&vault, *partition, b.key.clone(), a.value.clone()).await;
            for (key, seed) in [("a", 1), ("b", 2)] {
                raises_alarm(&vault.engine, key, protection, &content(seed, SMALL), word).await;
            }
            write(&vault, *partition, a.key.clone(), a.value.clone()).await;
            write(&vault, *partition, b.key.clone(), b.value.clone()).await;
            assert_eq!(vault.get("a", protection).await.unwrap(), content(1, SMALL));
        }
    }
}

#[tokio::test]
async fn rows_copied_into_another_bucket_do_not_open() {
    let vault = Vault::memory().await;
    vault.put("a", content(1, SMALL), ALICE).await.unwrap();
    let rows = vault.rows().await;
    vault.engine.create_bucket("another").await.unwrap();
    let known = rows[0].0;
    let mut others = vault.partitions.all();
    others.retain(|partition| ![PartitionId::ROOT, known].contains(partition));
    let other = others.pop_first().unwrap();
    for (_, row) in rows {
        write(&vault, other, row.key, row.value).await;
    }
    let there = ReadObject {
        bucket: "another".to_owned(),
        ..reading("a")
    };
    let moved = vault.engine.get_object(&there, || ALICE.on_read());
    assert!(is_alarm(&moved.await));
}

#[tokio::test]
async fn restored_rows_of_an_older_version_are_detected() {
    let vault = Vault::memory().await;
    for (old, new) in [(SMALL, SMALL), (LARGE, SMALL), (SMALL, LARGE), (LARGE, LARGE)] {
        vault.put("a", content(1, old), ALICE).await.unwrap();
        let before = vault.rows().await;
        vault.put("a", content(2, new), ALICE).await.unwrap();
        vault.engine.collect().await.unwrap();
        let now = vault.rows().await;
        let right = content(2, new);
        let of = |rows: &[(PartitionId, Row)], word: &str| {
            rows.iter()
                .find(|(_, row)| row.key.starts_with(word.as_bytes()))
                .unwrap()
                .clone()
        };
        let (partition, current) = of(&now, "current/");
        let version = of(&now, "version/").1;

        // The row of the old version beside the new one: no pointer refers to it.
        let old_version = of(&before, "version/").1;
        write(
            &vault,
            partition,
            old_version.key.clone(),
            old_version.value.clone(),
        )
        .await;
        assert!(vault.get("a", ALICE).await.unwrap() == right);
        // The old row in place of the new one.
        write(&vault, partition, version.key.clone(), old_version.value.clone()).await;
        raises_alarm(&vault.engine, "a", ALICE, &right, "an old envelope").await;
        write(&vault, partition, version.key.clone(), version.value.clone()).await;
        change(&vault, partition, Write::Delete(old_version.key)).await;
        // The old pointer only.
        let old_current = of(&before, "current/").1;
        write(&vault, partition, current.key.clone(), old_current.value).await;
        raises_alarm(&vault.engine, "a", ALICE, &[], "an old pointer").await;
        write(&vault, partition, current.key, current.value).await;
        assert!(vault.get("a", ALICE).await.unwrap() == right);
        vault.delete("a").await.unwrap();
    }
}

#[tokio::test]
async fn deleted_rows_and_blobs_are_detected() {
    for vault in Vault::each().await {
        vault.put("small", content(1, SMALL), ALICE).await.unwrap();
        vault.put("large", content(2, LARGE), ALICE).await.unwrap();
        let right = [("small", content(1, SMALL)), ("large", content(2, LARGE))];
        for word in ["version/", "inline/"] {
            for (partition, row) in rows_of(&vault, word).await {
                change(&vault, partition, Write::Delete(row.key.clone())).await;
                let mut alarmed = 0;
                for (key, right) in &right {
                    match vault.get(key, ALICE).await {
                        Ok(bytes) => assert!(bytes == *right),
                        outcome => {
                            assert!(is_alarm(&outcome), "{outcome:?}");
                            alarmed += 1;
                        }
                    }
                }
                assert_eq!(alarmed, 1);
                write(&vault, partition, row.key, row.value).await;
            }
        }
        let blob = vault.blobs().await[0];
        vault.store.blobs.delete(blob).await.unwrap();
        raises_alarm(&vault.engine, "large", ALICE, &[], "no blob").await;
    }
}
