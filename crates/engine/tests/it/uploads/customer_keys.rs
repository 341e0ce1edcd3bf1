//! Customer keys of upload requests: required, optional or refused.

use crate::support::protection::{ALICE, MALLORY, Protection};
use crate::support::uploading::{Upload, bulk, listing};
use crate::support::vault::{Vault, body};
use strongroom_engine::encryption::Refusal;
use strongroom_engine::model::checksum::ChecksumAlgorithm;
use strongroom_engine::{Error, Result};

const PLAIN: Protection = Protection::Unspecified;

fn refusal<T: std::fmt::Debug>(outcome: Result<T>) -> Refusal {
    match outcome {
        Err(Error::Encryption(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn parts_require_the_key_of_their_upload() {
    let vault = Vault::memory().await;
    let theirs = vault.begin("theirs", ALICE).await;
    let ours = vault.begin("ours", PLAIN).await;
    let send = async |upload: &Upload, protection: Protection| {
        let part = upload.part_request(1, 70_000, protection.on_read());
        vault.engine.upload_part(part, body(bulk(1, 70_000))).await
    };
    assert_eq!(refusal(send(&theirs, PLAIN).await), Refusal::NotAsBegun);
    assert_eq!(refusal(send(&theirs, MALLORY).await), Refusal::NotTheUploadsKey);
    assert_eq!(refusal(send(&ours, ALICE).await), Refusal::NotAsBegun);
    vault.engine.collect().await.unwrap();
    assert_eq!(vault.blobs().await, []);

    let part = send(&theirs, ALICE).await.unwrap();
    let other = crate::support::vault::content(0, 16);
    assert_ne!(part.etag, crate::support::etag::md5_hex(&bulk(1, 70_000)));
    assert_ne!(part.etag, hex::encode(other));
    let mut completion = theirs.completion(&[listing(1, &part)]);
    completion.encryption = MALLORY.on_read();
    let refused = vault.engine.complete_upload(completion).await;
    assert_eq!(refusal(refused), Refusal::NotTheUploadsKey);
    // S3 does not require the key to complete an upload.
    theirs.complete(&[listing(1, &part)]).await.unwrap();
    assert!(vault.get("theirs", ALICE).await.unwrap() == bulk(1, 70_000));
    assert_eq!(refusal(vault.get("theirs", MALLORY).await), Refusal::WrongKey);
    assert_eq!(refusal(vault.get("theirs", PLAIN).await), Refusal::KeyNeeded);

    let part = send(&ours, PLAIN).await.unwrap();
    let mut completion = ours.completion(&[listing(1, &part)]);
    completion.encryption = ALICE.on_read();
    let refused = vault.engine.complete_upload(completion).await;
    assert_eq!(refusal(refused), Refusal::NotAsBegun);
    ours.complete(&[listing(1, &part)]).await.unwrap();
    vault.emptied().await;
}

/// Checksums reveal the plaintext, so a listing of parts shows them only to a caller that sends the key.
#[tokio::test]
async fn checksums_of_parts_are_listed_only_with_the_key() {
    let vault = Vault::memory().await;
    for (protection, shown) in [(ALICE, [true, false, false]), (PLAIN, [true, true, true])] {
        let upload = vault.begin("a", protection).await;
        upload.part(1, "x").await.unwrap();
        for (requested, shown) in [protection, MALLORY, PLAIN].into_iter().zip(shown) {
            let page = vault.engine.list_parts(&upload.name, 0, 9, requested.on_read());
            let page = page.await.unwrap();
            assert_eq!(
                page.parts[0].checksum.is_some(),
                shown,
                "{protection:?} {requested:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_completion_accepts_the_right_key() {
    let vault = Vault::memory().await;
    let checksum = Some((ChecksumAlgorithm::Crc32, Some(false)));
    let upload = vault.begin_with("a", ALICE, checksum).await;
    let part = upload.part(1, bulk(1, 70_000)).await.unwrap();
    // A requested checksum cannot be computed without the key.
    let refused = upload.complete(&[listing(1, &part)]).await;
    assert_eq!(refusal(refused), Refusal::MissingKey);
    let mut completion = upload.completion(&[listing(1, &part)]);
    completion.encryption = ALICE.on_read();
    vault.engine.complete_upload(completion).await.unwrap();
    assert!(vault.get("a", ALICE).await.unwrap() == bulk(1, 70_000));
}
