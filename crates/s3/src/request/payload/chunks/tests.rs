use super::*;
use crate::request::payload::verified::Verified;
use futures::StreamExt as _;
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use s3s::{Body, StdError};

/// The example of AWS's documentation: its secret, date, scope and signature of the head.
fn key() -> ChunkKey {
    ChunkKey::new(
        &SecretAccessKey::new("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned()),
        "20130524T000000Z",
        "20130524/us-east-1/s3/aws4_request",
        "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
    )
}

/// The chunks of the example, signed as printed there.
fn example() -> Vec<u8> {
    [
        format!(
            "10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n{}\r\n",
            "a".repeat(65_536)
        ),
        format!(
            "400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n{}\r\n",
            "a".repeat(1024)
        ),
        "0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n".to_owned(),
    ]
    .concat()
    .into_bytes()
}

/// Reads a body that arrives in pieces of `size` bytes; returns the content that passed, and the result.
async fn read(body: &[u8], size: usize, key: Option<ChunkKey>) -> (usize, Result<Trailers, BodyError>) {
    let pieces: Vec<_> = body.chunks(size).map(Bytes::copy_from_slice).collect();
    let pieces = futures::stream::iter(pieces).map(|piece| Ok::<_, StdError>(Frame::data(piece)));
    let trailers = Trailers::default();
    let body = Body::http_body_unsync(StreamBody::new(pieces));
    let mut chunks = Verified::new(body, Chunks::new(key, trailers.clone()));
    let mut passed = 0;
    while let Some(frame) = chunks.frame().await {
        match frame {
            Ok(frame) => passed += frame.data_ref().map_or(0, Bytes::len),
            Err(error) => return (passed, Err(*error.downcast::<BodyError>().unwrap())),
        }
    }
    (passed, Ok(trailers))
}

#[tokio::test]
async fn signed_chunks_pass_however_they_are_cut() {
    let body = example();
    for size in [1, 2, 3, 7, 1000, body.len()] {
        let (passed, outcome) = read(&body, size, Some(key())).await;
        assert!(passed == 66_560 && outcome.is_ok(), "{size}");
    }
}

#[tokio::test]
async fn each_changed_byte_ends_the_body_with_an_error() {
    let body = example();
    // All of the framing, and some content.
    let near = |at: &usize| *at < 100 || (*at > 65_600 && *at < 65_800) || *at > 66_600;
    for at in (0..body.len() - 2).filter(near) {
        let mut changed = body.clone();
        changed[at] ^= 1;
        assert!(read(&changed, 4096, Some(key())).await.1.is_err(), "{at}");
    }
}

#[tokio::test]
async fn a_body_without_its_last_chunk_is_incomplete() {
    let body = example();
    for length in [0, 10, 70_000 - 3300, 66_700] {
        let (_, outcome) = read(&body[..length], 1000, Some(key())).await;
        assert_eq!(outcome.err(), Some(BodyError::Incomplete), "{length}");
    }
}

#[tokio::test]
async fn content_leaves_before_its_chunk_is_complete() {
    let body = [b"ffffffffff\r\n".as_slice(), &[7; 100]].concat();
    let (passed, outcome) = read(&body, 50, None).await;
    assert_eq!((passed, outcome.err()), (100, Some(BodyError::Incomplete)));
}

#[tokio::test]
async fn trailers_are_read() {
    let body = b"3\r\nabc\r\n0\r\nX-Amz-Checksum-Crc32: AAAAAA==\r\n\r\n";
    for size in [1, 5, body.len()] {
        let (passed, trailers) = read(body, size, None).await;
        let trailers = trailers.ok().and_then(|trailers| trailers.take()).unwrap();
        assert_eq!(passed, 3);
        assert_eq!(trailers["x-amz-checksum-crc32"], "AAAAAA==");
    }
}

#[tokio::test]
async fn framing_that_is_none_is_refused() {
    let endless = vec![b'1'; MAX_LINE + 1];
    let long = [b"0\r\n".as_slice(), &vec![b'a'; MAX_TRAILERS + 1]].concat();
    for body in [
        &endless[..],
        &long,
        b"\r\n",
        b"+1\r\na\r\n0\r\n\r\n",
        b"1\na\r\n0\r\n\r\n",
        b"1\r\nab\r\n0\r\n\r\n",
        b"11111111111111111\r\n",
        b"0\r\nno colon\r\n\r\n",
        b"1;chunk-signature=00\r\na\r\n0\r\n\r\n",
    ] {
        let (_, outcome) = read(body, 100, None).await;
        assert!(
            matches!(
                outcome.err(),
                Some(BodyError::Malformed(_) | BodyError::Incomplete)
            ),
            "{body:?}"
        );
    }
    // Signatures are required.
    assert!(read(b"1\r\na\r\n0\r\n\r\n", 100, Some(key())).await.1.is_err());
}

#[test]
fn only_signed_chunks_are_hashed() {
    assert_eq!(HASH_OF_NOTHING, hex::encode(digest(&SHA256, b"")));
    for (key, line) in [(None, "3\r\n"), (Some(key()), "3;chunk-signature=00\r\n")] {
        let is_signed = key.is_some();
        let mut chunks = Chunks::new(key, Trailers::default());
        let State::Data(chunk) = chunks.begin(line.as_bytes()).unwrap() else {
            panic!("{line} begins no chunk");
        };
        assert_eq!(chunk.signed.is_some(), is_signed);
    }
}
