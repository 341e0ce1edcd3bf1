//! Uploads and copies at rest: no row or file contains plaintext, metadata, tags or keys of uploads in progress,
//! multipart objects or copies.

use crate::at_rest::objects::{METADATA, METADATA_NAME, PLAIN};
use crate::support::copying::copying;
use crate::support::protection::{ALICE, MALLORY, Protection};
use crate::support::secret_search::{Search, Secrets, files, finds, forms};
use crate::support::uploading::{PART, Upload, listing};
use crate::support::vault::{BUCKET, Vault, body, new_object};
use bytes::Bytes;
use md5::{Digest as _, Md5};
use strongroom_engine::content::digests::checksum_of;
use strongroom_engine::model::checksum::{ChecksumAlgorithm, ExpectedChecksum, ExpectedValue};
use strongroom_engine::model::tags::Tags;
use strongroom_engine::upload::BeginUpload;

const CONTENT_TYPE: &str = "text/the-type-nobody-may-find";
const TAG: &str = "the tag nobody may find";

fn plain(length: usize) -> Bytes {
    let mut bytes = PLAIN.repeat(length / PLAIN.len() + 1);
    bytes.truncate(length);
    bytes.into()
}

async fn begun(vault: &Vault, key: &str, protection: Protection) -> Upload {
    let mut object = new_object(BUCKET, key, protection);
    object.metadata.insert(METADATA_NAME.into(), METADATA.into());
    object.headers.insert("content-type".into(), CONTENT_TYPE.into());
    object.tags = Tags::new([("k".to_owned(), TAG.to_owned())], 10).unwrap();
    let checksum = Some((ChecksumAlgorithm::Sha256, None));
    let begin = BeginUpload {
        object,
        checksum,
        initiator: None,
    };
    Upload::begin(&vault.engine, begin, protection).await.unwrap()
}

/// Creates uploads in progress, completed and aborted ones and copies of all, and returns a search for their secrets.
async fn filled(vault: &Vault) -> Search {
    let mut secrets: Secrets = vec![
        ("plaintext".to_owned(), PLAIN[..24].to_vec()),
        ("metadata".to_owned(), METADATA.into()),
        ("the name of metadata".to_owned(), METADATA_NAME.into()),
        ("a content type".to_owned(), CONTENT_TYPE.into()),
        ("a tag".to_owned(), TAG.into()),
    ];
    for (whose, protection) in [("alice", ALICE), ("mallory", MALLORY)] {
        let Protection::Customer(key) = protection else {
            unreachable!()
        };
        secrets.extend(forms(&format!("the key of {whose}"), &key));
        secrets.extend(forms(&format!("half the key of {whose}"), &key[..16]));
        secrets.extend(forms(
            &format!("the MD5 of the key of {whose}"),
            &Md5::digest(key),
        ));
    }
    for (mode, protection) in [("s3", Protection::S3), ("customer", ALICE)] {
        for end in ["under-way", "completed", "aborted"] {
            let key = format!("{mode}/{end}");
            let upload = begun(vault, &key, protection).await;
            let mut listed = Vec::new();
            // An upload can be completed only if all parts but the last are large.
            let first = if end == "completed" { PART } else { 80_000 };
            for (number, length) in [(1, first), (2, 70_000)] {
                let bytes = plain(length);
                let sha = checksum_of(ChecksumAlgorithm::Sha256, &bytes);
                secrets.extend(forms("the MD5 of a part", &Md5::digest(&bytes)));
                secrets.extend(forms("the checksum of a part", &sha));
                let mut part = upload.part_request(number, length, protection.on_read());
                part.md5 = Some(Md5::digest(&bytes).into());
                part.checksum = Some(ExpectedChecksum {
                    algorithm: ChecksumAlgorithm::Sha256,
                    value: ExpectedValue::Known(sha.clone()),
                });
                let sent = vault.engine.upload_part(part, body(bytes)).await.unwrap();
                secrets.extend(forms("the ETag of a part", &hex::decode(&sent.etag).unwrap()));
                let mut part = listing(number, &sent);
                part.checksum = Some((ChecksumAlgorithm::Sha256, sha));
                listed.push(part);
            }
            match end {
                "completed" => {
                    let mut completion = upload.completion(&listed);
                    completion.encryption = protection.on_read();
                    let done = vault.engine.complete_upload(completion).await.unwrap();
                    secrets.extend(forms("the checksum of an object", &done.checksum.unwrap().value));
                    let etag = done.committed.etag;
                    secrets.extend(forms("an ETag", &hex::decode(&etag[..32]).unwrap()));
                    vault
                        .copy(copying(&key, &key, MALLORY), protection)
                        .await
                        .unwrap();
                    let elsewhere = format!("{mode}/copy");
                    vault
                        .copy(copying(&key, &elsewhere, ALICE), MALLORY)
                        .await
                        .unwrap();
                    let other = begun(vault, &elsewhere, protection).await;
                    let source = crate::support::vault::reading(&key);
                    other.part_from(1, &source, MALLORY, None).await.unwrap();
                }
                "aborted" => upload.abort().await.unwrap(),
                _ => {}
            }
        }
    }
    Search::of(secrets)
}

#[tokio::test]
async fn rows_and_blobs_of_uploads_and_copies_reveal_nothing() {
    for vault in Vault::each().await {
        vault.keep_versions().await;
        let secrets = filled(&vault).await;
        for collected in [false, true] {
            let kinds = vault.kinds_of_rows().await;
            for kind in ["upload", "part", "version", "holders", "blob"] {
                assert!(kinds.iter().any(|word| word == kind), "there is a row of {kind}");
            }
            assert_eq!(kinds.iter().any(|word| word == "spent"), !collected);
            for (_, row) in vault.partitions.rows(&vault.store).await {
                let place = format!("the row {}", row.key.escape_ascii());
                secrets.finds_nothing(&place, &row.key);
                secrets.finds_nothing(&place, &row.value);
            }
            for id in vault.blobs().await {
                let blob = vault.store.blobs.open(id).await.unwrap();
                let bytes = blob.read(0..blob.length()).await.unwrap();
                secrets.finds_nothing(&format!("the blob {id}"), &bytes);
            }
            vault.engine.collect().await.unwrap();
        }
    }
}

#[tokio::test]
async fn files_reveal_nothing_of_uploads_and_copies() {
    let vault = Vault::local().await;
    vault.keep_versions().await;
    let secrets = filled(&vault).await;
    let files = files(&vault.directory.path().join("data"));
    assert!(files.iter().any(|(_, bytes)| finds(bytes, b"customer/under-way")));
    for (path, bytes) in &files {
        secrets.finds_nothing(path, bytes);
        secrets.finds_nothing("the name of a file", path.as_bytes());
    }
}

/// Two uploads of the same part, and two copies of the same object, share no sealed bytes.
#[tokio::test]
async fn repeated_parts_and_copies_share_no_sealed_bytes() {
    let vault = Vault::memory().await;
    let upload = vault.begin("a", ALICE).await;
    let bytes = plain(100_000);
    for number in [1, 1, 2] {
        upload.part(number, bytes.clone()).await.unwrap();
    }
    vault.put("b", bytes, ALICE).await.unwrap();
    for _ in 0..2 {
        vault.copy(copying("b", "c", ALICE), ALICE).await.unwrap();
    }
    let mut seen = std::collections::HashSet::new();
    for id in vault.blobs().await {
        let blob = vault.store.blobs.open(id).await.unwrap();
        let sealed = blob.read(0..blob.length()).await.unwrap();
        for window in sealed[8..].chunks(16) {
            assert!(seen.insert(window.to_vec()) || window.len() < 16);
        }
    }
    assert_eq!(vault.blobs().await.len(), 6);
}
