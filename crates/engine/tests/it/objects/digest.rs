//! `ETag`s, checksums and Content-MD5.

use crate::support::etag::md5_hex;
use crate::support::protection::{ALICE, Protection};
use crate::support::vault::{Vault, body, content, request};
use md5::{Digest as _, Md5};
use strongroom_engine::Error;
use strongroom_engine::content::digests::checksum_of;
use strongroom_engine::model::checksum::{ChecksumAlgorithm, ExpectedChecksum, ExpectedValue};

#[tokio::test]
async fn the_etag_of_sse_s3_is_the_md5_of_the_plaintext() {
    let vault = Vault::memory().await;
    for size in [0, 8, 100_000, 3 << 20] {
        let bytes = content(1, size);
        for protection in [Protection::Unspecified, Protection::S3] {
            let put = vault.put("a", bytes.clone(), protection).await.unwrap();
            assert_eq!(put.committed.etag, md5_hex(&bytes));
        }
    }
}

#[tokio::test]
async fn the_etag_of_sse_c_reveals_nothing_of_the_plaintext() {
    let vault = Vault::memory().await;
    for size in [0, 9, 100_000] {
        let bytes = content(1, size);
        let mut seen = vec![md5_hex(&bytes)];
        for _ in 0..3 {
            let mut put = request("a", size, ALICE);
            // The same holds if the MD5 has to be computed.
            put.md5 = Some(Md5::digest(&bytes).into());
            let outcome = vault.engine.put_object(put, body(bytes.clone())).await.unwrap();
            let etag = vault.head("a", ALICE).await.unwrap().etag;
            assert_eq!(etag, outcome.committed.etag);
            assert!(
                etag.len() == 32 && etag.bytes().all(|b| b.is_ascii_hexdigit()),
                "{etag}"
            );
            assert!(!seen.contains(&etag));
            seen.push(etag);
        }
    }
}

#[tokio::test]
async fn a_body_that_differs_from_content_md5_is_refused() {
    for vault in Vault::each().await {
        for (seed, size) in [(1, 10), (2, 2_000_000)] {
            for protection in [Protection::Unspecified, ALICE] {
                vault.put("a", "before", protection).await.unwrap();
                let bytes = content(seed, size);
                let mut wrong = request("a", size, protection);
                wrong.md5 = Some(Md5::digest(b"other bytes").into());
                let refused = vault.engine.put_object(wrong, body(bytes.clone())).await;
                assert!(matches!(refused, Err(Error::BadDigest)), "{refused:?}");
                assert_eq!(vault.get("a", protection).await.unwrap(), b"before");

                let mut right = request("a", size, protection);
                right.md5 = Some(Md5::digest(&bytes).into());
                vault.engine.put_object(right, body(bytes.clone())).await.unwrap();
                assert!(vault.get("a", protection).await.unwrap() == bytes);
            }
        }
        vault.delete("a").await.unwrap();
        vault.engine.collect().await.unwrap();
        assert_eq!(vault.blobs().await, []);
        assert_eq!(vault.rows().await, []);
    }
}

/// Returns the two ways in which a request sends a checksum.
fn given(value: Vec<u8>) -> [ExpectedValue; 2] {
    let later = value.clone();
    [
        ExpectedValue::Known(value),
        ExpectedValue::AfterBody("x-amz-checksum".into(), Box::new(|| Some(later))),
    ]
}

#[tokio::test]
async fn checksums_of_the_plaintext_are_verified_and_stored() {
    let vault = Vault::memory().await;
    for size in [10, 1_500_000] {
        let bytes = content(4, size);
        for algorithm in ChecksumAlgorithm::ALL {
            let right = checksum_of(algorithm, &bytes);
            for value in given(right.clone()) {
                let mut put = request("a", size, ALICE);
                put.checksum = Some(ExpectedChecksum { algorithm, value });
                vault.engine.put_object(put, body(bytes.clone())).await.unwrap();
                let [checksum] = &vault.head("a", ALICE).await.unwrap().checksums[..] else {
                    panic!("expected one checksum");
                };
                assert_eq!(checksum.algorithm, algorithm.name());
                assert_eq!(checksum.value, right);
                assert!(!checksum.composite);
            }
            let mut flipped = right.clone();
            flipped[0] ^= 1;
            let mut longer = right.clone();
            longer.push(0);
            for wrong in [flipped, longer, right[1..].to_vec(), Vec::new()] {
                for value in given(wrong.clone()) {
                    let mut put = request("a", size, ALICE);
                    put.checksum = Some(ExpectedChecksum { algorithm, value });
                    let refused = vault.engine.put_object(put, body(content(5, size))).await;
                    assert!(matches!(refused, Err(Error::BadChecksum(name)) if name == algorithm.name()));
                }
            }
            assert!(
                vault.get("a", ALICE).await.unwrap() == bytes,
                "the previous object stays"
            );
        }
    }
    vault.engine.collect().await.unwrap();
    assert_eq!(vault.blobs().await.len(), 1);
}

#[tokio::test]
async fn a_missing_trailer_is_an_error() {
    let vault = Vault::memory().await;
    let mut put = request("a", 5, Protection::Unspecified);
    let value = ExpectedValue::AfterBody("x-amz-checksum-sha256".into(), Box::new(|| None));
    put.checksum = Some(ExpectedChecksum {
        algorithm: ChecksumAlgorithm::Sha256,
        value,
    });
    let refused = vault.engine.put_object(put, body("hello")).await;
    assert!(matches!(&refused, Err(Error::BadTrailer(name)) if name == "x-amz-checksum-sha256"));
    assert_eq!(vault.rows().await, []);
}

#[tokio::test]
async fn a_trailer_is_read_only_after_the_body() {
    use futures::StreamExt as _;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    let vault = Vault::memory().await;
    let read = Arc::new(AtomicBool::new(false));
    let (at_end, at_trailer) = (Arc::clone(&read), Arc::clone(&read));
    let bytes = content(1, 200_000);
    let right = checksum_of(ChecksumAlgorithm::Crc32, &bytes);
    let end = futures::stream::once(async move {
        at_end.store(true, Ordering::SeqCst);
        Ok(bytes::Bytes::new())
    });
    let mut put = request("a", bytes.len(), Protection::Unspecified);
    let value = ExpectedValue::AfterBody(
        "x-amz-checksum-crc32".into(),
        Box::new(move || at_trailer.load(Ordering::SeqCst).then_some(right)),
    );
    put.checksum = Some(ExpectedChecksum {
        algorithm: ChecksumAlgorithm::Crc32,
        value,
    });
    vault
        .engine
        .put_object(put, body(bytes).chain(end).boxed())
        .await
        .unwrap();
}
