use futures::stream;
use http_body::Frame;
use http_body_util::StreamBody;

use super::*;

fn lines(pieces: &[&[u8]]) -> Lines<impl Body<Data = Bytes, Error = io::Error> + Unpin + use<>> {
    let pieces: Vec<_> = pieces
        .iter()
        .map(|piece| Ok(Frame::data(Bytes::copy_from_slice(piece))))
        .collect();
    Lines::of(StreamBody::new(stream::iter(pieces)))
}

#[tokio::test]
async fn lines_are_found_however_they_are_cut() {
    for pieces in [
        &[&b"first\n\nlast\n"[..]][..],
        &[b"fi", b"rst", b"\n", b"\nlast\n"],
        &[b"first\n\nla", b"", b"st\n"],
    ] {
        let mut lines = lines(pieces);
        for line in ["first\n", "\n", "last\n"] {
            assert_eq!(lines.next().await.unwrap().unwrap(), line);
        }
        assert_eq!(lines.next().await.unwrap(), None);
    }
}

#[tokio::test]
async fn lines_have_an_end_and_are_not_endless() {
    let endless = "x".repeat(MAX_DOCUMENT);
    for pieces in [&[&b"torn"[..]][..], &[endless.as_bytes(), b"y\n"]] {
        let mut lines = lines(pieces);
        assert!(matches!(lines.next().await, Err(NoLine::Malformed(_))));
    }
}
