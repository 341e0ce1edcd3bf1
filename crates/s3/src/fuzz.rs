//! Fuzz targets: each reads anything and must not panic, hang or contradict itself.
//!
//! `fuzz/` runs them with cargo-fuzz; a test here runs them on the corpus and on random inputs, so that CI does too.

use crate::fence::authorization;
use crate::form::fields;
use crate::request::document::Document;
use crate::request::extracted::copy_source;
use crate::request::payload::chunks::{ChunkKey, Chunks};
use crate::request::query::Query;
use crate::request::range;
use crate::request::trailers::Trailers;
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Request, Uri};
use http_body::Frame;
use http_body_util::{BodyExt as _, Collected, StreamBody};
use s3s::{Body, StdError};
use std::future::Future;
use strongroom_access::SecretAccessKey;
use tokio::runtime::Builder;

#[cfg(test)]
mod tests;

/// A fuzz target.
pub type Target = fn(&[u8]);

/// All targets, by name. Each has a file in `fuzz/fuzz_targets` and a directory in `fuzz/corpus`.
pub const TARGETS: [(&str, Target); 7] = [
    ("authorization", authorization_header),
    ("presigned", presigned_query),
    ("chunks", chunk_framing),
    ("form", form),
    ("range", range_header),
    ("copy_source", source_of_copy),
    ("document", xml_document),
];

const REGION: &str = "us-east-1";

/// Reads an `Authorization` header.
pub fn authorization_header(data: &[u8]) {
    let Ok(value) = HeaderValue::from_bytes(data) else {
        return;
    };
    let mut request = Request::new(Body::empty());
    request.headers_mut().insert(AUTHORIZATION, value);
    request
        .headers_mut()
        .insert("host", HeaderValue::from_static("localhost"));
    check(request);
}

/// Reads the query of a presigned URL.
pub fn presigned_query(data: &[u8]) {
    let Ok(uri) = Uri::from_maybe_shared([b"/bucket/key?", data].concat()) else {
        return;
    };
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = uri;
    request
        .headers_mut()
        .insert("host", HeaderValue::from_static("localhost"));
    check(request);
}

fn check(mut request: Request<Body>) {
    let query = Query::of(&request);
    if let Ok(Some(signature)) = authorization::check(REGION, &query, &mut request) {
        assert!(signature.credential.contains('/'), "a credential without a scope");
    }
}

/// Removes the framing of a body, signed and unsigned, in one piece and in many.
///
/// # Panics
/// If the cuts change the content.
pub fn chunk_framing(data: &[u8]) {
    for is_signed in [false, true] {
        let content = |size: usize| {
            let pieces: Vec<Bytes> = data.chunks(size).map(Bytes::copy_from_slice).collect();
            let key = is_signed.then(|| {
                let secret = SecretAccessKey::new("secret".to_owned());
                ChunkKey::new(
                    &secret,
                    "20130524T000000Z",
                    "20130524/us-east-1/s3/aws4_request",
                    "00",
                )
            });
            let chunks = Chunks::new(body_of(pieces), key, Trailers::default());
            block_on(chunks.collect()).map(Collected::to_bytes).ok()
        };
        let whole = content(data.len().max(1));
        assert_eq!(whole, content(1), "the cuts of a body change its content");
        assert!(whole.is_none_or(|content| content.len() < data.len()));
    }
}

/// Reads a form with the boundary `x`.
///
/// # Panics
/// If the file is longer than the form.
pub fn form(data: &[u8]) {
    let mut headers = HeaderMap::new();
    let kind = HeaderValue::from_static("multipart/form-data; boundary=x");
    headers.insert(CONTENT_TYPE, kind);
    let pieces = data.chunks(100).map(Bytes::copy_from_slice).collect();
    block_on(async {
        let Ok((fields, mut file)) = fields::read(&headers, body_of(pieces)).await else {
            return;
        };
        let mut length = 0;
        while let Some(Ok(piece)) = file.next().await {
            length += piece.len();
        }
        assert!(length < data.len());
        // Refused or not, without a panic.
        let _ = (fields.key().is_ok(), fields.headers().is_ok());
    });
}

/// Reads a `Range` header.
///
/// # Panics
/// If s3s cannot read the range that it would get.
pub fn range_header(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data)
        && let Some(readable) = range::readable(text)
    {
        assert_eq!(range::readable(&readable).as_ref(), Some(&readable));
        assert!(s3s::dto::Range::parse(&readable).is_ok(), "{readable}");
    }
}

/// Reads `x-amz-copy-source`.
pub fn source_of_copy(data: &[u8]) {
    let Ok(value) = HeaderValue::from_bytes(data) else {
        return;
    };
    let mut headers = HeaderMap::new();
    headers.insert("x-amz-copy-source", value);
    let _ = copy_source(&headers);
}

/// Reads a document, and the form in which s3s gets it.
///
/// # Panics
/// If that form is not stable.
pub fn xml_document(data: &[u8]) {
    if let Ok(document) = Document::read(data) {
        let normal = document.normal();
        let again = Document::read(normal.as_bytes());
        assert!(
            again.is_ok_and(|again| again.normal() == normal),
            "the normal form is none"
        );
    }
}

fn body_of(pieces: Vec<Bytes>) -> Body {
    let frames = stream::iter(pieces).map(|piece| Ok::<_, StdError>(Frame::data(piece)));
    Body::http_body_unsync(StreamBody::new(frames))
}

#[expect(
    clippy::expect_used,
    reason = "a runtime without IO and timers needs nothing of the system"
)]
fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = Builder::new_current_thread().build();
    runtime.expect("a runtime").block_on(future)
}
