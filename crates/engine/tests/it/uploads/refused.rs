//! Refused requests of multipart uploads: the error names the cause, and the upload stays unchanged.

use crate::support::protection::{ALICE, Protection};
use crate::support::uploading::{PART, Upload, bulk, listing};
use crate::support::vault::{BUCKET, Vault, body, new_object};
use md5::{Digest as _, Md5};
use strongroom_engine::encryption::EncryptionHeaders;
use strongroom_engine::model::checksum::{ChecksumAlgorithm, ExpectedChecksum, ExpectedValue};
use strongroom_engine::upload::{BeginUpload, CompletedPart};
use strongroom_engine::{BodyError, Error, Result};

const PLAIN: Protection = Protection::Unspecified;

async fn three_parts(vault: &Vault) -> (Upload, Vec<CompletedPart>) {
    let upload = vault.begin("a", PLAIN).await;
    let mut listed = Vec::new();
    for (number, size) in [(1, PART), (2, PART), (4, 10)] {
        let part = upload.part(number, bulk(number.unsigned_abs(), size)).await;
        listed.push(listing(number, &part.unwrap()));
    }
    (upload, listed)
}

#[tokio::test]
async fn completions_that_do_not_match_the_parts_are_refused_and_the_upload_stays() {
    let vault = Vault::memory().await;
    let (upload, good) = three_parts(&vault).await;
    let with = |change: &dyn Fn(&mut Vec<CompletedPart>)| {
        let mut listed = good.clone();
        change(&mut listed);
        listed
    };
    for listed in [
        with(&|listed| listed.swap(0, 1)),
        with(&|listed| listed[1] = listed[0].clone()),
        with(&|listed| listed.reverse()),
        with(&|listed| listed[2].number = 1),
    ] {
        let refused = upload.complete(&listed).await;
        assert!(matches!(refused, Err(Error::InvalidPartOrder)), "{refused:?}");
    }
    for (number, listed) in [
        (1, with(&|listed| listed[0].etag = "x".into())),
        (2, with(&|listed| listed[1].etag = listed[0].etag.clone())),
        (4, with(&|listed| listed[2].etag.clear())),
        (3, with(&|listed| listed[2].number = 3)),
        (5, with(&|listed| listed[2].number = 5)),
        (10_001, with(&|listed| listed[2].number = 10_001)),
        (0, with(&|listed| listed[0].number = 0)),
        (0, with(&|listed| listed[0].number = -1)),
        (0, with(&|listed| listed[2].number = i64::MAX)),
    ] {
        let refused = upload.complete(&listed).await;
        assert!(
            matches!(refused, Err(Error::InvalidPart { number: returned, .. }) if returned == number),
            "{number}: {refused:?}"
        );
    }
    let mut completion = upload.completion(&good);
    completion.length = Some(2 * PART as u64);
    let refused = vault.engine.complete_upload(completion).await;
    let actual = 2 * PART as u64 + 10;
    assert!(
        matches!(refused, Err(Error::UploadLength { actual: returned, .. }) if returned == actual),
        "{refused:?}"
    );
    let mut completion = upload.completion(&good);
    completion.length = Some(actual);
    for part in &mut completion.parts {
        part.etag = part.etag.to_ascii_uppercase();
    }
    vault.engine.complete_upload(completion).await.unwrap();
    let whole = [bulk(1, PART), bulk(2, PART), bulk(4, 10)].concat();
    assert!(vault.get("a", PLAIN).await.unwrap() == whole);
    vault.emptied().await;
}

#[tokio::test]
async fn only_the_last_part_may_be_small() {
    let vault = Vault::memory().await;
    for small in [0, 1, PART - 1] {
        let upload = vault.begin("a", PLAIN).await;
        let mut listed = Vec::new();
        for (number, size) in [(1, PART), (2, small), (3, PART), (4, 1)] {
            listed.push(listing(
                number,
                &upload.part(number, bulk(1, size)).await.unwrap(),
            ));
        }
        for (refused, parts) in [
            (2, listed.clone()),
            (2, listed[1..3].to_vec()),
            (2, vec![listed[1].clone(), listed[3].clone()]),
        ] {
            let outcome = upload.complete(&parts).await;
            assert!(
                matches!(&outcome, Err(Error::PartTooSmall { number, length, etag })
                    if *number == refused && *length == small as u64 && *etag == listed[1].etag),
                "{outcome:?}"
            );
        }
        let good = [listed[0].clone(), listed[2].clone(), listed[3].clone()];
        upload.complete(&good).await.unwrap();
        assert_eq!(vault.head("a", PLAIN).await.unwrap().length, 2 * PART as u64 + 1);
    }
    vault.emptied().await;
}

/// A completion must list at least one part.
#[tokio::test]
async fn a_completion_without_parts_is_refused() {
    let vault = Vault::memory().await;
    let upload = vault.begin("a", PLAIN).await;
    upload.part(1, "x").await.unwrap();
    let refused = upload.complete(&[]).await;
    assert!(refused.is_err(), "{refused:?}");
    let missing = vault.get("a", PLAIN).await;
    assert!(matches!(missing, Err(Error::NoSuchKey(_))), "{missing:?}");
}

#[tokio::test]
async fn parts_that_differ_from_their_headers_are_refused_and_the_previous_part_stays() {
    for vault in Vault::each().await {
        for protection in [PLAIN, ALICE] {
            let upload = vault.begin("a", protection).await;
            let before = upload.part(1, bulk(1, 70_000)).await.unwrap();
            for number in [0, -1, 10_001, i64::MAX, i64::MIN] {
                let refused = upload.part(number, "x").await;
                assert!(
                    matches!(refused, Err(Error::PartNumber(returned)) if returned == number),
                    "{refused:?}"
                );
            }
            let bytes = bulk(2, 80_000);
            let part_request = |length| upload.part_request(1, length, protection.on_read());
            let short = vault
                .engine
                .upload_part(part_request(80_001), body(bytes.clone()))
                .await;
            assert!(
                matches!(short, Err(Error::Body(BodyError::Incomplete))),
                "{short:?}"
            );
            let long = vault
                .engine
                .upload_part(part_request(79_999), body(bytes.clone()))
                .await;
            assert!(matches!(long, Err(Error::Body(BodyError::TooLong))), "{long:?}");
            let large = vault
                .engine
                .upload_part(part_request((5 << 30) + 1), body("x"))
                .await;
            assert!(matches!(large, Err(Error::EntityTooLarge(_))), "{large:?}");
            let mut part = part_request(80_000);
            part.md5 = Some(Md5::digest(b"others").into());
            let digest = vault.engine.upload_part(part, body(bytes.clone())).await;
            assert!(matches!(digest, Err(Error::BadDigest)), "{digest:?}");
            let mut part = part_request(80_000);
            part.checksum = Some(ExpectedChecksum {
                algorithm: ChecksumAlgorithm::Crc32,
                value: ExpectedValue::Known(vec![0; 4]),
            });
            let checksum = vault.engine.upload_part(part, body(bytes.clone())).await;
            assert!(
                matches!(checksum, Err(Error::BadChecksum("CRC32"))),
                "{checksum:?}"
            );

            vault.engine.collect().await.unwrap();
            assert_eq!(vault.blobs().await.len(), 1);
            upload.complete(&[listing(1, &before)]).await.unwrap();
            assert!(vault.get("a", protection).await.unwrap() == bulk(1, 70_000));
            vault.emptied().await;
        }
    }
}

#[tokio::test]
async fn an_upload_is_found_only_under_its_own_key_and_bucket() {
    let vault = Vault::memory().await;
    vault.engine.create_bucket("another").await.unwrap();
    let upload = vault.begin("a", PLAIN).await;
    let part = upload.part(1, "x").await.unwrap();
    for (bucket, key, id) in [
        (BUCKET, "b", upload.name.id.as_str()),
        (BUCKET, "", &upload.name.id),
        ("another", "a", &upload.name.id),
        (BUCKET, "a", "00112233445566778899aabbccddeeff"),
        (BUCKET, "a", ""),
        (BUCKET, "a", "x"),
        (BUCKET, "a", &upload.name.id[1..]),
    ] {
        let mut wrong = upload.clone();
        wrong.name.bucket = bucket.to_owned();
        wrong.name.key = key.to_owned();
        wrong.name.id = id.to_owned();
        let missing = |outcome: Result<()>| {
            assert!(matches!(outcome, Err(Error::NoSuchUpload(_))), "{outcome:?}");
        };
        missing(wrong.part(1, "x").await.map(drop));
        missing(wrong.complete(&[listing(1, &part)]).await.map(drop));
        missing(wrong.abort().await);
        let listed = vault
            .engine
            .list_parts(&wrong.name, 0, 10, EncryptionHeaders::default())
            .await;
        missing(listed.map(drop));
    }
    upload.complete(&[listing(1, &part)]).await.unwrap();
}

#[tokio::test]
async fn refused_starts_of_uploads_leave_nothing() {
    let vault = Vault::memory().await;
    let begin = async |change: &dyn Fn(&mut BeginUpload)| {
        let mut begin = BeginUpload {
            object: new_object(BUCKET, "a", PLAIN),
            checksum: None,
            initiator: None,
        };
        change(&mut begin);
        vault.engine.begin_upload(begin).await
    };
    let outcome = begin(&|begin| begin.object.key = "x".repeat(1025)).await;
    assert!(matches!(outcome, Err(Error::KeyTooLong(1025))), "{outcome:?}");
    let outcome = begin(&|begin| {
        begin.object.metadata.insert("m".into(), "x".repeat(2048));
    })
    .await;
    assert!(matches!(outcome, Err(Error::MetadataTooLarge(_))), "{outcome:?}");
    let outcome = begin(&|begin| begin.object.encryption.sse = Some("aws:kms:dsse".into())).await;
    assert!(matches!(outcome, Err(Error::Encryption(_))), "{outcome:?}");
    let outcome = begin(&|begin| begin.object.lock.legal_hold = Some(true)).await;
    assert!(matches!(outcome, Err(Error::NoObjectLock)), "{outcome:?}");
    let outcome = begin(&|begin| begin.object.bucket = "nowhere".into()).await;
    assert!(matches!(outcome, Err(Error::NoSuchBucket(_))), "{outcome:?}");
    for (algorithm, composite) in [
        (ChecksumAlgorithm::Crc64Nvme, true),
        (ChecksumAlgorithm::Sha1, false),
        (ChecksumAlgorithm::Sha256, false),
    ] {
        let outcome = begin(&|begin| begin.checksum = Some((algorithm, Some(composite)))).await;
        assert!(matches!(outcome, Err(Error::UploadChecksum(_))), "{outcome:?}");
    }
    assert_eq!(vault.rows().await, []);
}
