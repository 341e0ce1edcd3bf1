//! Copies of an object onto itself: no data moves, and the content is kept as long as any version refers to it.

use crate::support::copying::copying;
use crate::support::etag::md5_hex;
use crate::support::protection::{ALICE, MALLORY, Protection};
use crate::support::uploading::{PART, bulk};
use crate::support::vault::{Vault, reading};
use crate::support::versioning::reading_version;
use bytes::Bytes;
use strongroom_engine::content::digests::checksum_of;
use strongroom_engine::model::checksum::ChecksumAlgorithm;
use strongroom_engine::model::settings::Versioning;
use strongroom_engine::object::copy::CopyObject;
use strongroom_engine::{Error, VersionName};

const PLAIN: Protection = Protection::Unspecified;
const KEYS: [Protection; 3] = [PLAIN, ALICE, MALLORY];

/// Puts an object of a kind: inline, in one blob, or in many blobs with a separate row of parts.
async fn put(vault: &Vault, kind: usize, protection: Protection) -> Bytes {
    match kind {
        0 | 1 => {
            let bytes = bulk(1, [0, 70_000][kind]);
            vault.put("a", bytes.clone(), protection).await.unwrap();
            bytes
        }
        _ => {
            let mut parts: Vec<_> = (0..[1, 17][kind - 2]).map(|seed| bulk(seed, PART)).collect();
            parts.push(bulk(99, 3));
            vault.multipart("a", protection, &parts).await;
            parts.concat().into()
        }
    }
}

#[tokio::test]
async fn a_copy_onto_itself_moves_no_data_and_leaves_no_garbage() {
    for versioning in [None, Some(Versioning::Enabled), Some(Versioning::Suspended)] {
        let (vault, meter) = Vault::metered().await;
        if let Some(versioning) = versioning {
            vault.set_versioning(versioning).await;
        }
        for kind in 0..4 {
            let bytes = put(&vault, kind, PLAIN).await;
            vault.engine.collect().await.unwrap();
            let (blobs, before) = (vault.blobs().await, meter.snapshot());
            let mut key = PLAIN;
            for to in [ALICE, MALLORY, MALLORY, PLAIN, PLAIN, ALICE] {
                vault.protect("a", key, to).await.unwrap();
                key = to;
                vault.engine.collect().await.unwrap();
            }
            let after = meter.snapshot();
            assert_eq!(after.blob_writes, before.blob_writes);
            assert_eq!(after.bytes_written, before.bytes_written);
            assert_eq!(after.bytes_read, before.bytes_read);
            assert_eq!(after.blob_deletes, before.blob_deletes);
            assert_eq!(vault.blobs().await, blobs);
            assert!(vault.get("a", ALICE).await.unwrap() == bytes);
            let kept = if versioning == Some(Versioning::Enabled) {
                7
            } else {
                1
            };
            assert_eq!(vault.versions().await.len(), kept);
            vault.emptied().await;
        }
    }
}

/// Returns all permutations of `0..count`.
fn orders(count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    let shorter = orders(count - 1).into_iter();
    let insert = |order: Vec<usize>| {
        (0..count).map(move |at| {
            let mut order = order.clone();
            order.insert(at, count - 1);
            order
        })
    };
    shorter.flat_map(insert).collect()
}

#[tokio::test]
async fn shared_content_is_kept_until_its_last_version_is_deleted() {
    for kind in 0..3 {
        for order in orders(4) {
            let vault = Vault::memory().await;
            vault.keep_versions().await;
            let bytes = put(&vault, kind, PLAIN).await;
            let mut versions = vec![(vault.versions().await[0].version, PLAIN)];
            let mut key = PLAIN;
            for to in [ALICE, MALLORY, PLAIN] {
                let copied = vault.protect("a", key, to).await.unwrap();
                versions.push((copied.committed.version.unwrap(), to));
                key = to;
            }
            let blobs = vault.blobs().await;
            for (gone, at) in (0..).zip(&order) {
                vault.engine.collect().await.unwrap();
                assert_eq!(vault.blobs().await, blobs, "{order:?}");
                for left in &order[gone..] {
                    let (version, key) = versions[*left];
                    let got = vault.get_version("a", version, key).await.unwrap();
                    assert!(got == bytes, "{order:?}");
                    for wrong in KEYS.into_iter().filter(|wrong| *wrong != key) {
                        let refused = vault.get_version("a", version, wrong).await;
                        assert!(matches!(refused, Err(Error::Encryption(_))), "{refused:?}");
                    }
                }
                vault.delete_version("a", versions[*at].0).await.unwrap();
            }
            vault.is_empty_once_collected().await;
        }
    }
}

#[tokio::test]
async fn copying_an_old_version_over_the_newest_restores_it() {
    for vault in Vault::each().await {
        vault.keep_versions().await;
        for kind in 0..3 {
            let bytes = put(&vault, kind, ALICE).await;
            let old = vault.versions().await[0].version;
            vault.put("a", "newer", PLAIN).await.unwrap();
            vault.delete("a").await.unwrap();
            let blobs = vault.blobs().await;
            let copy = CopyObject {
                source: reading_version("a", old),
                ..copying("a", "a", MALLORY)
            };
            let copied = vault.copy(copy, ALICE).await.unwrap();
            assert_eq!(copied.source, Some(old));
            assert!(vault.get("a", MALLORY).await.unwrap() == bytes);
            assert!(vault.get_version("a", old, ALICE).await.unwrap() == bytes);
            assert_eq!(vault.blobs().await, blobs);
            vault.delete_version("a", old).await.unwrap();
            vault.engine.collect().await.unwrap();
            assert!(vault.get("a", MALLORY).await.unwrap() == bytes);
            vault.emptied().await;
        }
    }
}

/// A null version replaces a null version that shares content with a kept version, and the other way round.
#[tokio::test]
async fn null_versions_share_content_with_kept_versions_and_replace_each_other() {
    for kind in 0..3 {
        let vault = Vault::memory().await;
        let bytes = put(&vault, kind, PLAIN).await;
        vault.keep_versions().await;
        let kept = vault.protect("a", PLAIN, ALICE).await.unwrap();
        let kept = kept.committed.version.unwrap();
        vault.suspend().await;
        let blobs = vault.blobs().await;
        let mut null = PLAIN;
        for (source, from, to) in [
            (VersionName::Null, PLAIN, MALLORY),
            (kept, ALICE, PLAIN),
            (kept, ALICE, MALLORY),
            (VersionName::Null, MALLORY, ALICE),
        ] {
            let copy = CopyObject {
                source: reading_version("a", source),
                may_change_nothing: true,
                ..copying("a", "a", to)
            };
            let copied = vault.copy(copy, from).await.unwrap();
            assert_eq!(copied.committed.version, Some(VersionName::Null));
            null = to;
            vault.engine.collect().await.unwrap();
            assert_eq!(vault.versions().await.len(), 2);
            assert_eq!(vault.blobs().await, blobs);
            let got = vault.get_version("a", VersionName::Null, null).await.unwrap();
            assert!(got == bytes);
            assert!(vault.get_version("a", kept, ALICE).await.unwrap() == bytes);
        }
        // Another object replaces it: the kept version still refers to the content.
        vault.put("a", "another", PLAIN).await.unwrap();
        vault.engine.collect().await.unwrap();
        assert_eq!(vault.blobs().await, blobs);
        assert!(vault.get_version("a", kept, ALICE).await.unwrap() == bytes);
        // A null version shares it once more and is deleted last.
        let copy = CopyObject {
            source: reading_version("a", kept),
            ..copying("a", "a", null)
        };
        vault.copy(copy, ALICE).await.unwrap();
        vault.delete_version("a", kept).await.unwrap();
        vault.engine.collect().await.unwrap();
        assert!(vault.get("a", null).await.unwrap() == bytes);
        vault.delete("a").await.unwrap();
        vault.engine.collect().await.unwrap();
        assert_eq!(vault.blobs().await, []);
        vault.emptied().await;
    }
}

#[tokio::test]
async fn the_etag_is_kept_unless_it_would_reveal_or_misstate_the_md5() {
    let vault = Vault::memory().await;
    let bytes = bulk(1, 70_000);
    let md5 = md5_hex(&bytes);
    vault.put("a", bytes.clone(), PLAIN).await.unwrap();
    let protect = async |from, to| {
        let copied = vault.protect("a", from, to).await.unwrap();
        let head = vault.head("a", to).await.unwrap();
        assert_eq!(head.etag, copied.committed.etag);
        head.etag
    };
    assert_eq!(protect(PLAIN, PLAIN).await, md5);
    let of_alice = protect(PLAIN, ALICE).await;
    assert!(of_alice.len() == 32 && of_alice != md5);
    assert_eq!(protect(ALICE, MALLORY).await, of_alice);
    let back = protect(MALLORY, PLAIN).await;
    assert!(
        back.contains('-') && !back.contains(&md5),
        "{back} is no MD5 and must not look like one"
    );

    let parts = [bulk(1, PART), bulk(2, 10)];
    let etag = vault.multipart("a", PLAIN, &parts).await.committed.etag;
    assert_eq!(protect(PLAIN, PLAIN).await, etag);
    let of_alice = protect(PLAIN, ALICE).await;
    assert!(of_alice.ends_with("-2") && of_alice != etag);
    assert_eq!(protect(ALICE, PLAIN).await, of_alice);
}

#[tokio::test]
async fn checksums_are_kept_or_recomputed() {
    let vault = Vault::memory().await;
    let parts = [bulk(1, PART), bulk(2, 10)];
    let whole = parts.concat();
    for kind in 0..2 {
        let upload = vault
            .begin_with("a", PLAIN, Some((ChecksumAlgorithm::Crc32c, Some(false))))
            .await;
        match kind {
            0 => drop(vault.put("a", whole.clone(), PLAIN).await.unwrap()),
            _ => drop(upload.all(&parts).await),
        }
        let before = vault.head("a", PLAIN).await.unwrap().checksums;
        let copied = vault.protect("a", PLAIN, ALICE).await.unwrap();
        assert_eq!(copied.checksum.as_ref(), before.first());
        assert_eq!(vault.head("a", ALICE).await.unwrap().checksums, before);
        let (_, returned) = vault
            .engine
            .object_parts(&reading("a"), ALICE.on_read())
            .await
            .unwrap();
        assert_eq!(
            returned.iter().filter(|part| part.checksum.is_some()).count(),
            2 * kind
        );

        for target in ["a", "b"] {
            for algorithm in ChecksumAlgorithm::ALL {
                let copy = CopyObject {
                    checksum: Some(algorithm),
                    may_change_nothing: true,
                    ..copying("a", target, ALICE)
                };
                let copied = vault.copy(copy, ALICE).await.unwrap();
                let checksum = copied.checksum.unwrap();
                assert_eq!(checksum.algorithm, algorithm.name());
                assert_eq!(checksum.value, checksum_of(algorithm, &whole));
                assert!(!checksum.composite);
                assert_eq!(vault.head(target, ALICE).await.unwrap().checksums, [checksum]);
                assert!(vault.get(target, ALICE).await.unwrap() == whole);
            }
        }
        vault.delete("a").await.unwrap();
        vault.delete("b").await.unwrap();
        vault.engine.collect().await.unwrap();
        assert_eq!(vault.blobs().await, []);
    }
}
