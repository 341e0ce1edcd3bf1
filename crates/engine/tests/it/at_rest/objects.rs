//! Objects at rest: no row or file of the store contains plaintext, metadata or keys.

use crate::support::protection::{ALICE, Protection};
use crate::support::secret_search::{Search, Secrets, files, finds, forms};
use crate::support::vault::{Vault, body, request};
use bytes::Bytes;
use md5::{Digest as _, Md5};
use std::collections::BTreeMap;
use strongroom_engine::content::digests::checksum_of;
use strongroom_engine::model::checksum::{ChecksumAlgorithm, ExpectedChecksum, ExpectedValue};

/// Text contained in every 64 bytes of plaintext.
pub(crate) const PLAIN: &[u8] = b"the plaintext nobody may find   ";
pub(crate) const METADATA: &str = "the metadata nobody may find";
pub(crate) const METADATA_NAME: &str = "the-metadata-name-nobody-may-find";
const CONTENT_TYPE: &str = "text/the-type-nobody-may-find";
const NAME: &str = "the name of an object";

/// Puts objects of all kinds and returns a search for their secrets.
async fn filled(vault: &Vault) -> Search {
    let mut secrets: Secrets = vec![
        ("plaintext".to_owned(), PLAIN[..24].to_vec()),
        ("metadata".to_owned(), METADATA.into()),
        ("the name of metadata".to_owned(), METADATA_NAME.into()),
        ("a content type".to_owned(), CONTENT_TYPE.into()),
    ];
    let Protection::Customer(key) = ALICE else {
        unreachable!()
    };
    secrets.extend(forms("the customer key", &key));
    secrets.extend(forms("half the customer key", &key[..16]));
    secrets.extend(forms("the MD5 of the customer key", &Md5::digest(key)));
    for (name, blocks) in [("empty", 0), ("small", 3), ("large", 4000), ("larger", 100_000)] {
        for (mode, protection) in [("s3", Protection::S3), ("customer", ALICE)] {
            let plain = Bytes::from([name.as_bytes(), PLAIN].concat().repeat(blocks));
            for algorithm in [ChecksumAlgorithm::Sha256, ChecksumAlgorithm::Crc64Nvme] {
                let mut put = request(&format!("{NAME}/{mode}/{name}"), plain.len(), protection);
                put.object.metadata = BTreeMap::from([(METADATA_NAME.into(), METADATA.into())]);
                put.object.headers = BTreeMap::from([("content-type".into(), CONTENT_TYPE.into())]);
                put.md5 = Some(Md5::digest(&plain).into());
                let value = checksum_of(algorithm, &plain);
                if blocks > 0 {
                    secrets.extend(forms(&format!("the {} of {name}", algorithm.name()), &value));
                }
                put.checksum = Some(ExpectedChecksum {
                    algorithm,
                    value: ExpectedValue::Known(value),
                });
                let etag = vault
                    .engine
                    .put_object(put, body(plain.clone()))
                    .await
                    .unwrap()
                    .committed
                    .etag;
                secrets.extend(forms(
                    &format!("the ETag of {mode}/{name}"),
                    &hex::decode(etag).unwrap(),
                ));
            }
            secrets.extend(forms(&format!("the MD5 of {name}"), &Md5::digest(&plain)));
        }
    }
    Search::of(secrets)
}

#[tokio::test]
async fn rows_and_blobs_reveal_only_object_keys() {
    for vault in Vault::each().await {
        let secrets = filled(&vault).await;
        let rows = vault.partitions.rows(&vault.store).await;
        assert!(rows.len() > 20);
        for (_, row) in &rows {
            let place = format!("the row {}", row.key.escape_ascii());
            secrets.finds_nothing(&place, &row.key);
            secrets.finds_nothing(&place, &row.value);
            assert!(
                !finds(&row.value, NAME.as_bytes()),
                "{place} holds the object key in its value"
            );
        }
        let named = rows.iter().filter(|(_, row)| finds(&row.key, NAME.as_bytes()));
        assert_eq!(named.count(), 16, "row keys contain object keys, as documented");

        let blobs = vault.blobs().await;
        assert_eq!(blobs.len(), 8, "four large objects, each put twice");
        for id in blobs {
            let blob = vault.store.blobs.open(id).await.unwrap();
            let bytes = blob.read(0..blob.length()).await.unwrap();
            secrets.finds_nothing(&format!("the blob {id}"), &bytes);
            assert!(!finds(&bytes, NAME.as_bytes()));
        }
    }
}

#[tokio::test]
async fn files_of_a_local_store_reveal_only_object_keys() {
    let vault = Vault::local().await;
    let secrets = filled(&vault).await;
    vault.engine.collect().await.unwrap();
    let files = files(&vault.directory.path().join("data"));
    let holds = |needle: &[u8]| files.iter().any(|(_, bytes)| finds(bytes, needle));
    assert!(holds(NAME.as_bytes()), "these files include the rows");
    assert!(holds(b"SRBLOB"), "these files include the blobs");
    for (path, bytes) in &files {
        secrets.finds_nothing(path, bytes);
        secrets.finds_nothing("the name of a file", path.as_bytes());
    }
}

#[tokio::test]
async fn two_puts_of_the_same_object_share_no_sealed_bytes() {
    let vault = Vault::memory().await;
    let plain = PLAIN.repeat(5000);
    vault.put("a", plain.clone(), ALICE).await.unwrap();
    vault.put("a", plain, ALICE).await.unwrap();
    let [one, other] = vault.blobs().await[..] else {
        panic!("there are two blobs")
    };
    let one = vault.store.blobs.open(one).await.unwrap();
    let other = vault.store.blobs.open(other).await.unwrap();
    let one = one.read(0..one.length()).await.unwrap();
    let other = other.read(0..other.length()).await.unwrap();
    // The 8 bytes before the salt are equal in all parts.
    let windows: std::collections::HashSet<_> = one[8..].windows(8).collect();
    assert!(other[8..].windows(8).all(|window| !windows.contains(window)));
}
