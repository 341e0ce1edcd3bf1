//! Objects are read back as they were put, at every size where the storage layout changes.

use crate::support::protection::{ALICE, Protection};
use crate::support::vault::{LARGEST_INLINE, Vault, body, content, open, request};
use futures::StreamExt as _;
use std::collections::BTreeMap;
use strongroom_engine::content::digests::checksum_of;
use strongroom_engine::model::checksum::ChecksumAlgorithm;
use strongroom_engine::{Error, Mode};

const MIB: usize = 1 << 20;
/// Sizes around 0, a chunk, the inline limit, a segment (16 chunks) and several segments.
const SIZES: [usize; 16] = [
    0,
    1,
    LARGEST_INLINE - 1,
    LARGEST_INLINE,
    LARGEST_INLINE + 1,
    65_535,
    65_536,
    65_537,
    131_072,
    MIB - 1,
    MIB,
    MIB + 1,
    2 * MIB,
    2 * MIB + 65_536,
    3 * MIB + 17,
    5 * MIB + 3,
];

#[tokio::test]
async fn every_size_is_read_back_byte_for_byte() {
    for vault in Vault::each().await {
        for (seed, size) in (0..).zip(SIZES) {
            for protection in [Protection::Unspecified, ALICE] {
                let bytes = content(seed, size);
                let put = vault.put("object", bytes.clone(), protection).await.unwrap();
                let got = vault.get("object", protection).await.unwrap();
                assert!(got == bytes, "{size} bytes, {protection:?}");

                let head = vault.head("object", protection).await.unwrap();
                assert_eq!(head.length, size as u64);
                assert_eq!(head.etag, put.committed.etag);
                assert_eq!(head.encrypted.mode, put.committed.encrypted.mode);
                assert_eq!(head.checksums, [put.checksum]);
            }
        }
        vault.engine.collect().await.unwrap();
        assert_eq!(
            vault.blobs().await.len(),
            1,
            "only the last version's blob is left"
        );
        vault.delete("object").await.unwrap();
        vault.engine.collect().await.unwrap();
        let missing = vault.get("object", Protection::Unspecified).await;
        assert!(matches!(missing, Err(Error::NoSuchKey(_))), "{missing:?}");
        assert_eq!(vault.rows().await, []);
        assert_eq!(vault.blobs().await, []);
    }
}

#[tokio::test]
async fn small_objects_are_stored_in_rows_and_larger_ones_in_blobs() {
    let vault = Vault::memory().await;
    vault
        .put("a", content(1, LARGEST_INLINE), Protection::Unspecified)
        .await
        .unwrap();
    assert_eq!(vault.blobs().await.len(), 0);
    assert_eq!(vault.kinds_of_rows().await, ["current", "inline", "version"]);
    vault
        .put("a", content(1, LARGEST_INLINE + 1), Protection::Unspecified)
        .await
        .unwrap();
    assert_eq!(vault.blobs().await.len(), 1);
    assert_eq!(vault.kinds_of_rows().await, ["blob", "current", "version"]);
    vault.put("a", "small again", ALICE).await.unwrap();
    assert_eq!(
        vault.kinds_of_rows().await,
        ["current", "garbage", "inline", "version"]
    );
    vault.engine.collect().await.unwrap();
    assert_eq!(vault.blobs().await.len(), 0);
    assert_eq!(vault.kinds_of_rows().await, ["current", "inline", "version"]);
}

#[tokio::test]
async fn objects_without_encryption_headers_are_encrypted_with_sse_s3() {
    let vault = Vault::memory().await;
    for (protection, mode) in [
        (Protection::Unspecified, Mode::S3),
        (Protection::S3, Mode::S3),
        (ALICE, Mode::Customer),
    ] {
        let put = vault.put("a", "bytes", protection).await.unwrap();
        assert_eq!(put.committed.encrypted.mode, mode);
        assert_eq!(vault.head("a", protection).await.unwrap().encrypted.mode, mode);
    }
}

#[tokio::test]
async fn headers_and_metadata_are_returned_unchanged() {
    let vault = Vault::local().await;
    let mut put = request("a", 5, ALICE);
    put.object.headers = BTreeMap::from([("content-type".into(), "text/plain; charset=utf-8".into())]);
    put.object.metadata = BTreeMap::from([
        ("colour".into(), "grün\u{0}\u{1f512}".into()),
        ("empty".into(), String::new()),
    ]);
    let (headers, metadata) = (put.object.headers.clone(), put.object.metadata.clone());
    vault.engine.put_object(put, body("hello")).await.unwrap();
    let head = vault.head("a", ALICE).await.unwrap();
    assert_eq!(head.headers, headers);
    assert_eq!(head.metadata, metadata);
    let value = checksum_of(ChecksumAlgorithm::Crc64Nvme, b"hello");
    assert_eq!(head.checksums[0].value, value);

    let mut too_much = request("a", 5, ALICE);
    too_much.object.metadata = BTreeMap::from([("m".into(), "x".repeat(2048))]);
    let refused = vault.engine.put_object(too_much, body("hello")).await;
    assert!(
        matches!(refused, Err(Error::MetadataTooLarge(2049))),
        "{refused:?}"
    );
    assert_eq!(vault.head("a", ALICE).await.unwrap().metadata, metadata);
}

#[tokio::test]
async fn another_engine_on_the_same_store_reads_all_objects() {
    let vault = Vault::local().await;
    let bytes = content(7, 3 * MIB);
    vault.put("large", bytes.clone(), ALICE).await.unwrap();
    vault.put("small", "small", Protection::S3).await.unwrap();
    let second = vault.restarted().await;
    let large = crate::support::vault::get(&second, "large", ALICE, None)
        .await
        .unwrap();
    assert!(large == bytes);
    let small = crate::support::vault::get(&second, "small", Protection::S3, None)
        .await
        .unwrap();
    assert_eq!(small, b"small");
}

#[tokio::test]
async fn no_piece_of_content_is_larger_than_one_read() {
    let vault = Vault::memory().await;
    vault
        .put("a", content(1, 5 * MIB), Protection::Unspecified)
        .await
        .unwrap();
    let mut object = open(&vault.engine, "a", Protection::Unspecified, None)
        .await
        .unwrap();
    while let Some(piece) = object.content.next().await {
        let length = piece.unwrap().len();
        assert!(length > 0 && length <= MIB, "a piece of {length} bytes");
    }
}

#[tokio::test]
async fn a_body_in_tiny_pieces_is_stored_whole() {
    let vault = Vault::memory().await;
    let bytes = bytes::Bytes::from(content(3, MIB + 500));
    for size in [1, 999, 65_536, 65_537] {
        let pieces: Vec<_> = (0..bytes.len())
            .step_by(size)
            .flat_map(|at| [bytes.slice(at..bytes.len().min(at + size)), bytes::Bytes::new()])
            .map(Ok)
            .collect();
        let put = request("a", bytes.len(), Protection::Unspecified);
        let outcome = vault
            .engine
            .put_object(put, futures::stream::iter(pieces).boxed())
            .await;
        assert_eq!(
            outcome.unwrap().committed.etag,
            crate::support::etag::md5_hex(&bytes)
        );
        assert!(vault.get("a", Protection::Unspecified).await.unwrap() == bytes);
    }
}

#[tokio::test]
async fn more_than_5_gib_are_refused_before_the_body_is_read() {
    let vault = Vault::memory().await;
    let mut put = request("a", 0, Protection::Unspecified);
    put.length = Some((5 << 30) + 1);
    let untouched = futures::stream::poll_fn(|_| panic!("the body was read")).boxed();
    let refused = vault.engine.put_object(put, untouched).await;
    assert!(matches!(refused, Err(Error::EntityTooLarge(_))), "{refused:?}");
}
