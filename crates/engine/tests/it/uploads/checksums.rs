//! Checksums of multipart objects: full-object and composite, requested and default.

use crate::support::protection::{ALICE, Protection};
use crate::support::uploading::{PART, bulk, listing};
use crate::support::vault::{Vault, body, reading};
use bytes::Bytes;
use strongroom_engine::Error;
use strongroom_engine::content::digests::checksum_of;
use strongroom_engine::model::checksum::{ChecksumAlgorithm, ExpectedChecksum, ExpectedValue};
use strongroom_engine::object::get::{ReadObject, Select};
use strongroom_engine::upload::CompletedPart;

const PLAIN: Protection = Protection::Unspecified;

fn parts() -> [Bytes; 3] {
    [bulk(1, PART), bulk(2, PART + 4711), bulk(3, 100)]
}

/// Returns the expected checksum of the object.
fn expected(algorithm: ChecksumAlgorithm, composite: bool, parts: &[Bytes]) -> Vec<u8> {
    if composite {
        let each = parts.iter().flat_map(|part| checksum_of(algorithm, part));
        checksum_of(algorithm, &each.collect::<Vec<_>>())
    } else {
        checksum_of(algorithm, &parts.concat())
    }
}

/// Returns every kind of checksum: algorithm, whether it is composite, and the `composite` flag of the request.
fn kinds() -> Vec<(ChecksumAlgorithm, bool, Option<bool>)> {
    use ChecksumAlgorithm::{Crc32, Crc32c, Crc64Nvme, Sha1, Sha256};
    vec![
        (Crc32, true, None),
        (Crc32, true, Some(true)),
        (Crc32, false, Some(false)),
        (Crc32c, true, None),
        (Crc32c, true, Some(true)),
        (Crc32c, false, Some(false)),
        (Crc64Nvme, false, None),
        (Crc64Nvme, false, Some(false)),
        (Sha1, true, None),
        (Sha1, true, Some(true)),
        (Sha256, true, None),
        (Sha256, true, Some(true)),
    ]
}

#[tokio::test]
async fn a_requested_checksum_is_stored_with_the_object() {
    let vault = Vault::memory().await;
    let parts = parts();
    for (algorithm, composite, requested) in kinds() {
        for protection in [PLAIN, ALICE] {
            let upload = vault
                .begin_with("a", protection, Some((algorithm, requested)))
                .await;
            let mut listed = Vec::new();
            for (number, bytes) in (1..).zip(&parts) {
                let of_part = checksum_of(algorithm, bytes);
                let mut part = upload.part_request(number, bytes.len(), protection.on_read());
                // Sent with the second part, computed by the engine for the others.
                part.checksum = (number == 2).then(|| ExpectedChecksum {
                    algorithm,
                    value: ExpectedValue::Known(of_part.clone()),
                });
                let sent = vault.engine.upload_part(part, body(bytes.clone())).await.unwrap();
                assert_eq!(sent.checksum.value, of_part);
                assert!(sent.checksum_requested);
                listed.push(CompletedPart {
                    checksum: Some((algorithm, of_part)),
                    ..listing(number, &sent)
                });
            }
            let right = expected(algorithm, composite, &parts);
            let mut completion = upload.completion(&listed);
            completion.encryption = protection.on_read();
            completion.checksum = Some((algorithm, vec![0; algorithm.length()]));
            let refused = vault.engine.complete_upload(completion).await;
            assert!(
                matches!(refused, Err(Error::BadChecksum(name)) if name == algorithm.name()),
                "{refused:?}"
            );
            let mut completion = upload.completion(&listed);
            completion.encryption = protection.on_read();
            completion.composite = Some(!composite);
            let refused = vault.engine.complete_upload(completion).await;
            assert!(matches!(refused, Err(Error::UploadChecksum(_))), "{refused:?}");

            let mut completion = upload.completion(&listed);
            completion.encryption = protection.on_read();
            completion.checksum = Some((algorithm, right.clone()));
            completion.composite = Some(composite);
            let returned = vault.engine.complete_upload(completion).await.unwrap();
            let returned = returned.checksum.unwrap();
            assert_eq!(
                (returned.algorithm.as_str(), &returned.value, returned.composite),
                (algorithm.name(), &right, composite)
            );
            let (info, of_parts) = vault
                .engine
                .object_parts(&reading("a"), protection.on_read())
                .await
                .unwrap();
            assert_eq!(info.checksums, [returned]);
            for (part, bytes) in of_parts.iter().zip(&parts) {
                let checksum = part.checksum.as_ref().unwrap();
                assert_eq!(checksum.value, checksum_of(algorithm, bytes));
            }
            let second = ReadObject {
                select: Select::Part(2),
                ..reading("a")
            };
            let (info, _) = vault
                .engine
                .head_object(&second, protection.on_read())
                .await
                .unwrap();
            assert_eq!(info.checksums[0].value, checksum_of(algorithm, &parts[1]));
        }
    }
}

#[tokio::test]
async fn composite_checksums_require_part_checksums_in_the_completion() {
    let vault = Vault::memory().await;
    for (algorithm, composite, requested) in kinds() {
        let upload = vault.begin_with("a", PLAIN, Some((algorithm, requested))).await;
        let sent = upload.part(1, "bytes").await.unwrap();
        let mut wrong = listing(1, &sent);
        wrong.checksum = Some((algorithm, vec![7; algorithm.length()]));
        let refused = upload.complete(&[wrong]).await;
        assert!(matches!(refused, Err(Error::InvalidPart { .. })), "{refused:?}");
        let mut other = listing(1, &sent);
        let another = ChecksumAlgorithm::ALL
            .into_iter()
            .find(|a| *a != algorithm)
            .unwrap();
        other.checksum = Some((another, checksum_of(another, b"bytes")));
        let refused = upload.complete(&[other]).await;
        assert!(matches!(refused, Err(Error::InvalidPart { .. })), "{refused:?}");
        let without = upload.complete(&[listing(1, &sent)]).await;
        match without {
            Ok(_) => assert!(!composite),
            Err(Error::UploadChecksum(_)) => assert!(composite),
            Err(error) => panic!("{error:?}"),
        }
    }
}

#[tokio::test]
async fn a_part_with_another_algorithm_than_its_upload_is_refused() {
    let vault = Vault::memory().await;
    let upload = vault
        .begin_with("a", PLAIN, Some((ChecksumAlgorithm::Sha256, None)))
        .await;
    let mut part = upload.part_request(1, 5, PLAIN.on_read());
    part.checksum = Some(ExpectedChecksum {
        algorithm: ChecksumAlgorithm::Crc32,
        value: ExpectedValue::Known(checksum_of(ChecksumAlgorithm::Crc32, b"bytes")),
    });
    let refused = vault.engine.upload_part(part, body("bytes")).await;
    assert!(matches!(refused, Err(Error::UploadChecksum(_))), "{refused:?}");
    assert_eq!(vault.blobs().await, []);
}

#[tokio::test]
async fn without_a_request_the_object_has_a_crc64_or_the_algorithm_of_its_parts() {
    let vault = Vault::memory().await;
    let parts = parts();
    for algorithm in [None].into_iter().chain(ChecksumAlgorithm::ALL.map(Some)) {
        for protection in [PLAIN, ALICE] {
            let upload = vault.begin("a", protection).await;
            let mut listed = Vec::new();
            for (number, bytes) in (1..).zip(&parts) {
                let mut part = upload.part_request(number, bytes.len(), protection.on_read());
                part.checksum = algorithm.map(|algorithm| ExpectedChecksum {
                    algorithm,
                    value: ExpectedValue::Known(checksum_of(algorithm, bytes)),
                });
                let sent = vault.engine.upload_part(part, body(bytes.clone())).await.unwrap();
                assert_eq!(sent.checksum_requested, algorithm.is_some());
                listed.push(listing(number, &sent));
            }
            let completed = upload.complete(&listed).await.unwrap();
            let algorithm = algorithm.unwrap_or(ChecksumAlgorithm::Crc64Nvme);
            let sha = matches!(algorithm, ChecksumAlgorithm::Sha1 | ChecksumAlgorithm::Sha256);
            let head = vault.head("a", protection).await.unwrap();
            if protection == ALICE || sha {
                // As on AWS. A SHA of the whole cannot be computed from those of the parts.
                assert_eq!(completed.checksum, None);
                assert_eq!(head.checksums, []);
            } else {
                let checksum = completed.checksum.unwrap();
                assert_eq!(checksum.algorithm, algorithm.name());
                assert_eq!(checksum.value, expected(algorithm, false, &parts));
                assert!(!checksum.composite);
                assert_eq!(head.checksums, [checksum]);
            }
            assert!(vault.get("a", protection).await.unwrap() == parts.concat());
        }
    }
}

#[tokio::test]
async fn parts_with_different_algorithms_give_an_object_without_checksum() {
    let vault = Vault::memory().await;
    let parts = parts();
    let upload = vault.begin("a", PLAIN).await;
    let mut listed = Vec::new();
    for ((number, bytes), algorithm) in (1..).zip(&parts).zip(ChecksumAlgorithm::ALL) {
        let mut part = upload.part_request(number, bytes.len(), PLAIN.on_read());
        part.checksum = Some(ExpectedChecksum {
            algorithm,
            value: ExpectedValue::Known(checksum_of(algorithm, bytes)),
        });
        let sent = vault.engine.upload_part(part, body(bytes.clone())).await.unwrap();
        listed.push(listing(number, &sent));
    }
    assert_eq!(upload.complete(&listed).await.unwrap().checksum, None);
    assert_eq!(vault.head("a", PLAIN).await.unwrap().checksums, []);
    assert!(vault.get("a", PLAIN).await.unwrap() == parts.concat());
}
