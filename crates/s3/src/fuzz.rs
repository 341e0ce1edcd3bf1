//! Fuzz targets: each reads anything and must not panic, hang or contradict itself.
//!
//! `fuzz/` runs them with cargo-fuzz; a test here runs them on the corpus and on random inputs, so that CI does too.

use crate::fence::authorization;
use crate::form::fields;
use crate::request::document::Document;
use crate::request::extracted::copy_source;
use crate::request::payload::chunks::{ChunkKey, Chunks};
use crate::request::payload::verified::Verified;
use crate::request::range;
use crate::request::trailers::Trailers;
use crate::response::reply::ReplyContext;
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Request, Uri};
use http_body::Frame;
use http_body_util::{BodyExt as _, Collected, StreamBody};
use s3s::{Body, StdError};
use std::future::Future;
use strongroom_access::SecretAccessKey;
use strongroom_audit::RequestId;
use strongroom_seal::SystemRandom;
use strongroom_sigv4::query::Query;
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
/// Maximum size of the content that [`chunk_framing`] signs, in bytes.
const MAX_SIGNED: usize = 300;

/// Reads an `Authorization` header.
pub fn authorization_header(data: &[u8]) {
    if let Some(request) = with_authorization(data) {
        is_strict(request);
    }
}

/// Reads the query of a presigned URL.
pub fn presigned_query(data: &[u8]) {
    if let Some(request) = with_query(data) {
        is_strict(request);
    }
}

/// Returns a request with this `Authorization` header, and the headers that AWS's example signs.
fn with_authorization(value: &[u8]) -> Option<Request<Body>> {
    let mut request = to_localhost();
    let headers = request.headers_mut();
    headers.insert(AUTHORIZATION, HeaderValue::from_bytes(value).ok()?);
    for name in ["range", "x-amz-content-sha256", "x-amz-date"] {
        headers.insert(name, HeaderValue::from_static("1"));
    }
    Some(request)
}

fn with_query(query: &[u8]) -> Option<Request<Body>> {
    let mut request = to_localhost();
    *request.uri_mut() = Uri::from_maybe_shared([b"/bucket/key?", query].concat()).ok()?;
    Some(request)
}

fn to_localhost() -> Request<Body> {
    let mut request = Request::new(Body::empty());
    request
        .headers_mut()
        .insert("host", HeaderValue::from_static("localhost"));
    request
}

/// Returns whether the signature of a request passes, which must then be for this region and service.
fn is_strict(mut request: Request<Body>) -> bool {
    let query = Query::read(request.uri());
    let reply = ReplyContext::of(&request, RequestId::new(&SystemRandom::default()));
    let Ok(Some(signature)) = authorization::check(REGION, &query, &mut request, &reply) else {
        return false;
    };
    let scope: Vec<&str> = signature.credential.split('/').skip(1).collect();
    assert!(
        matches!(scope[..], [day, REGION, "s3", "aws4_request"] if day.parse::<u32>().is_ok()),
        "the scope of {}",
        signature.credential
    );
    true
}

/// Removes the framing of a body, signed and unsigned, in one piece and in many.
///
/// # Panics
/// If the cuts change the content, or a signed body passes that was changed, or one does not that was not.
pub fn chunk_framing(data: &[u8]) {
    for is_signed in [false, true] {
        let whole = unframed(data, data.len().max(1), is_signed);
        assert_eq!(
            whole,
            unframed(data, 1, is_signed),
            "the cuts of a body change its content"
        );
        assert!(whole.is_none_or(|content| content.len() < data.len()));
    }
    let content = &data[..data.len().min(MAX_SIGNED)];
    let mut body = signed_body(content);
    for size in [body.len(), 1] {
        let whole = unframed(&body, size, true);
        assert_eq!(whole.as_deref(), Some(content), "a signed body is refused");
    }
    let at = content.iter().map(|byte| usize::from(*byte)).sum::<usize>() % body.len();
    body[at] ^= 1;
    let changed = unframed(&body, body.len(), true);
    assert_eq!(changed, None, "byte {at} of a signed body was changed");
}

/// Returns the content of a body that arrives in pieces of `size` bytes. `None`: it is refused.
fn unframed(body: &[u8], size: usize, is_signed: bool) -> Option<Bytes> {
    let pieces: Vec<Bytes> = body.chunks(size).map(Bytes::copy_from_slice).collect();
    let chunks = Chunks::new(is_signed.then(chunk_key), Trailers::default());
    let chunks = Verified::new(body_of(pieces), chunks);
    block_on(chunks.collect()).map(Collected::to_bytes).ok()
}

/// Returns a signed body with this content, in chunks of up to 64 bytes.
fn signed_body(content: &[u8]) -> Vec<u8> {
    let (mut key, mut body) = (chunk_key(), Vec::new());
    let size = 1 + usize::from(content.first().copied().unwrap_or(0) % 64);
    for chunk in content.chunks(size).chain([&[][..]]) {
        let line = format!("{:x};chunk-signature={}\r\n", chunk.len(), key.sign(chunk));
        body.extend([line.as_bytes(), chunk, b"\r\n"].concat());
    }
    body
}

fn chunk_key() -> ChunkKey {
    ChunkKey::new(
        &SecretAccessKey::new("secret".to_owned()),
        "20130524T000000Z",
        "20130524/us-east-1/s3/aws4_request",
        "00",
    )
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
