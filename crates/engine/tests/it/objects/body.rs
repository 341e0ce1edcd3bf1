//! Bodies that differ from what the request announced: nothing of them is stored, and the previous object stays.

use crate::support::protection::{ALICE, Protection};
use crate::support::vault::{BUCKET, LARGEST_INLINE, Vault, body, content, request};
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use strongroom_engine::{Body, BodyError, Error};

const SIZES: [usize; 6] = [1, LARGEST_INLINE, LARGEST_INLINE + 1, 65_536, 1 << 20, 3_000_000];

/// Puts a broken body at a new key and over an existing object.
async fn refuses(broken: impl Fn(usize) -> (usize, Body), expected: BodyError) {
    for vault in Vault::each().await {
        vault.put("old", content(9, 70_000), ALICE).await.unwrap();
        let (rows, blobs) = (vault.rows().await, vault.blobs().await);
        for size in SIZES {
            for (key, protection) in [("old", ALICE), ("new", Protection::Unspecified)] {
                let (announced, body) = broken(size);
                let put = vault.engine.put_object(request(key, announced, protection), body);
                match put.await {
                    Err(Error::Body(error)) => assert_eq!(error, expected, "{size} bytes"),
                    other => panic!("{size} bytes: {other:?}"),
                }
            }
        }
        assert!(vault.get("old", ALICE).await.unwrap() == content(9, 70_000));
        let missing = vault.get("new", Protection::Unspecified).await;
        assert!(matches!(missing, Err(Error::NoSuchKey(_))), "{missing:?}");
        assert_eq!(vault.rows().await, rows);
        vault.engine.collect().await.unwrap();
        assert_eq!(vault.blobs().await, blobs, "no blob of a broken upload is left");

        vault.delete("old").await.unwrap();
        vault
            .engine
            .delete_bucket(BUCKET)
            .await
            .expect("the counters are 0");
    }
}

#[tokio::test]
async fn a_short_body_leaves_nothing() {
    refuses(|size| (size, body(content(1, size - 1))), BodyError::Incomplete).await;
}

#[tokio::test]
async fn a_long_body_leaves_nothing() {
    refuses(|size| (size, body(content(1, size + 1))), BodyError::TooLong).await;
    // The surplus is in the same piece as the last byte.
    let one_piece = |size| {
        let piece = Bytes::from(content(1, size + 1));
        (size, stream::iter([Ok(piece)]).boxed())
    };
    refuses(one_piece, BodyError::TooLong).await;
}

#[tokio::test]
async fn a_body_with_announced_length_0_leaves_nothing() {
    refuses(|size| (0, body(content(1, size))), BodyError::TooLong).await;
}

#[tokio::test]
async fn a_body_that_breaks_leaves_nothing() {
    for error in [BodyError::Incomplete, BodyError::SignatureMismatch] {
        let broken = |size: usize| {
            let end = stream::iter([Err(error.clone())]);
            (size, body(content(1, size - 1)).chain(end).boxed())
        };
        refuses(broken, error.clone()).await;
    }
}

#[tokio::test]
async fn a_body_whose_signature_fails_after_the_last_byte_leaves_nothing() {
    let broken = |size: usize| {
        let end = stream::iter([Ok(Bytes::new()), Err(BodyError::HashMismatch)]);
        (size, body(content(1, size)).chain(end).boxed())
    };
    refuses(broken, BodyError::HashMismatch).await;
}
