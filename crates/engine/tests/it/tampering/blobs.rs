//! Changed, swapped and truncated blobs: reads fail but never return wrong bytes.

use crate::support::protection::{ALICE, Protection};
use crate::support::tampering::{flipped, is_alarm, raises_alarm};
use crate::support::vault::{Vault, content, open, reading};
use bytes::Bytes;
use futures::StreamExt as _;
use std::path::PathBuf;
use strongroom_engine::Error;
use strongroom_engine::model::condition::ByteRange;
use strongroom_engine::object::get::{ReadObject, Select};
use strongroom_store::BlobId;

const LARGE: usize = 200_000;

async fn read_blob(vault: &Vault, id: BlobId) -> Bytes {
    let blob = vault.store.blobs.open(id).await.unwrap();
    blob.read(0..blob.length()).await.unwrap()
}

/// Replaces a blob behind the engine's back.
async fn write_blob(vault: &Vault, id: BlobId, bytes: Bytes) {
    vault.store.blobs.delete(id).await.unwrap();
    let mut writer = vault.store.blobs.create(id).await.unwrap();
    writer.write(bytes).await.unwrap();
    writer.finish().await.unwrap();
}

#[tokio::test]
async fn swapped_blobs_are_detected() {
    for vault in Vault::each().await {
        for protection in [Protection::Unspecified, ALICE] {
            for (key, seed) in [("a", 1), ("b", 2)] {
                vault.put(key, content(seed, LARGE), protection).await.unwrap();
            }
            let [a, b] = vault.blobs().await[..] else {
                panic!("expected two")
            };
            let (bytes_a, bytes_b) = (read_blob(&vault, a).await, read_blob(&vault, b).await);
            write_blob(&vault, a, bytes_b).await;
            write_blob(&vault, b, bytes_a).await;
            for (key, seed) in [("a", 1), ("b", 2)] {
                raises_alarm(
                    &vault.engine,
                    key,
                    protection,
                    &content(seed, LARGE),
                    "swapped blobs",
                )
                .await;
                vault.delete(key).await.unwrap();
            }
            vault.engine.collect().await.unwrap();
        }
    }
}

#[tokio::test]
async fn the_blob_of_an_older_version_is_detected() {
    let vault = Vault::memory().await;
    vault.put("a", content(1, LARGE), ALICE).await.unwrap();
    let old = read_blob(&vault, vault.blobs().await[0]).await;
    vault.put("a", content(2, LARGE), ALICE).await.unwrap();
    vault.engine.collect().await.unwrap();
    write_blob(&vault, vault.blobs().await[0], old).await;
    raises_alarm(&vault.engine, "a", ALICE, &content(2, LARGE), "an old blob").await;
}

#[tokio::test]
async fn changed_truncated_and_rearranged_blobs_are_detected() {
    const SEALED: usize = 65_536 + 16;
    const SIZE: usize = 20 * 65_536 + 100;
    for vault in Vault::each().await {
        vault.put("a", content(1, SIZE), ALICE).await.unwrap();
        let right = content(1, SIZE);
        let id = vault.blobs().await[0];
        let whole = read_blob(&vault, id).await;
        let chunk = |number: usize| &whole[40 + number * SEALED..whole.len().min(40 + (number + 1) * SEALED)];

        let mut broken = Vec::new();
        for at in (0..40).chain([
            40,
            SEALED - 1,
            40 + SEALED,
            17 * SEALED,
            whole.len() - 17,
            whole.len() - 1,
        ]) {
            broken.push((format!("bit in byte {at}"), flipped(&whole, at)));
        }
        for length in [
            0,
            1,
            39,
            40,
            41,
            40 + SEALED,
            40 + 16 * SEALED,
            40 + 20 * SEALED,
            whole.len() - 1,
        ] {
            broken.push((format!("cut to {length}"), whole.slice(..length)));
        }
        let rearranged = |order: Vec<usize>| {
            let chunks: Vec<_> = order.into_iter().map(chunk).collect();
            Bytes::from([&whole[..40], &chunks.concat()].concat())
        };
        let mut order: Vec<_> = (0..21).collect();
        order.swap(0, 1);
        broken.push(("first chunks swapped".into(), rearranged(order.clone())));
        order.swap(0, 1);
        order.swap(18, 19);
        broken.push(("late chunks swapped".into(), rearranged(order.clone())));
        order.swap(18, 19);
        broken.push((
            "a chunk dropped".into(),
            rearranged([&order[..5], &order[6..]].concat()),
        ));
        broken.push((
            "a chunk doubled".into(),
            rearranged([&order[..5], &order[4..20]].concat()),
        ));
        broken.push(("the last chunk dropped".into(), rearranged(order[..20].to_vec())));
        broken.push(("longer".into(), Bytes::from([&whole[..], &[0; 16]].concat())));
        for (how, bytes) in broken {
            write_blob(&vault, id, bytes).await;
            raises_alarm(&vault.engine, "a", ALICE, &right, &how).await;
            let last = vault.get_range("a", ALICE, ByteRange::Last(10)).await;
            match last {
                Ok(bytes) => assert!(bytes == right[SIZE - 10..], "{how}"),
                outcome => assert!(is_alarm(&outcome), "{how}: {outcome:?}"),
            }
        }
        write_blob(&vault, id, whole.clone()).await;
        assert!(vault.get("a", ALICE).await.unwrap() == right);
    }
}

/// Returns the file of the only blob of a local store.
async fn file(vault: &Vault) -> PathBuf {
    let [id] = vault.blobs().await[..] else {
        panic!("expected one blob")
    };
    let random = hex::encode(id.random);
    let blobs = vault.directory.path().join("data/blobs");
    blobs
        .join(id.partition.to_string())
        .join(&random[..2])
        .join(&random)
}

#[tokio::test]
async fn a_file_truncated_on_the_disk_is_detected() {
    let vault = Vault::local().await;
    vault.put("a", content(1, LARGE), ALICE).await.unwrap();
    let path = file(&vault).await;
    let whole = std::fs::read(&path).unwrap();
    for length in [0, 10, 24, 65_536, whole.len() - 24, whole.len() - 1] {
        std::fs::write(&path, &whole[..length]).unwrap();
        let how = format!("cut to {length}");
        raises_alarm(&vault.engine, "a", ALICE, &content(1, LARGE), &how).await;
    }
}

#[tokio::test]
async fn a_file_truncated_while_it_is_read_is_detected() {
    const MIB: usize = 1 << 20;
    let vault = Vault::local().await;
    let bytes = content(1, 6 * MIB);
    vault.put("a", bytes.clone(), ALICE).await.unwrap();
    let mut object = open(&vault.engine, "a", ALICE, None).await.unwrap();
    let path = file(&vault).await;
    let cut = std::fs::OpenOptions::new().write(true).open(path).unwrap();
    cut.set_len(4 * MIB as u64).unwrap();
    let mut given = 0;
    let failed = loop {
        match object.content.next().await {
            Some(Ok(piece)) => {
                assert!(bytes[given..].starts_with(&piece), "wrong bytes");
                given += piece.len();
            }
            other => break other,
        }
    };
    assert!(
        is_alarm(&failed.expect("the content ended without an error")),
        "after {given} bytes"
    );
    assert!(given < 4 * MIB);
}

#[tokio::test]
async fn a_read_is_admitted_before_its_first_byte() {
    for vault in Vault::each().await {
        vault.put("a", content(1, LARGE), ALICE).await.unwrap();
        // A read would find the damage.
        let id = vault.blobs().await[0];
        write_blob(&vault, id, Bytes::from(vec![0; LARGE])).await;
        let range = ByteRange::Last(100_000);
        let read = ReadObject {
            select: Select::Range(range),
            ..reading("a")
        };
        for (room, expected) in [(99_999, "NoRoom"), (100_000, "Damaged")] {
            let admit = |bytes| if bytes <= room { Ok(()) } else { Err(Error::NoRoom) };
            let get = vault.engine.get_object_within(&read, || ALICE.on_read(), admit);
            let error = format!("{:?}", get.await.err().unwrap());
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
