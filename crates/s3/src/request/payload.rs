//! Bodies of signed requests: what the signature says of them is verified while they pass, and nothing is held.
//!
//! The signature check of s3s never sees a body ([`crate::auth`]).

use crate::request::payload::chunks::{ChunkKey, Chunks};
use crate::request::payload::hashed::Hashed;
use crate::request::payload::verified::Verified;
use crate::request::trailers::Trailers;
use crate::response::reply::ReplyContext;
use http::HeaderMap;
use s3s::Body;
use std::sync::Arc;
use strongroom_access::SecretAccessKey;
use strongroom_sigv4::signature::Signature;

pub(crate) mod verified;

pub(crate) mod chunks;
pub(crate) mod hashed;

/// The part of a signed request's body that the signature covers, as `x-amz-content-sha256` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Payload {
    /// No part.
    Unsigned,
    /// All of it, by its SHA-256.
    Hash([u8; 32]),
    /// The body is aws-chunked. `signed`: each chunk has a signature, and so have the trailers.
    Chunked { signed: bool },
}

/// The signature of a request, and what it covers of the body.
#[derive(Clone)]
pub(crate) struct Signed {
    pub(crate) signature: Arc<Signature>,
    pub(crate) payload: Payload,
    /// Session token of temporary credentials. `None`: the access key is a permanent one.
    pub(crate) token: Option<Arc<str>>,
}

/// Returns whether a body is aws-chunked.
pub(crate) fn is_chunked(headers: &HeaderMap) -> bool {
    headers
        .get("x-amz-content-sha256")
        .is_some_and(|value| value.as_bytes().starts_with(b"STREAMING-"))
}

/// Returns the body of a signed request without framing, with an error where it is not what was signed, and its
/// trailers. The signature of the head must have been verified, with this secret.
pub(crate) fn verified(
    headers: &HeaderMap,
    signed: &Signed,
    secret: &SecretAccessKey,
    body: Body,
    reply: &Arc<ReplyContext>,
) -> (Body, Option<Trailers>) {
    let text = |name: &str| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default()
    };
    match signed.payload {
        Payload::Unsigned => (body, None),
        Payload::Hash(hash) => {
            let length = text("content-length").parse().ok();
            let hashed = Hashed::new(hash, length, Arc::clone(reply));
            (Body::http_body_unsync(Verified::new(body, hashed)), None)
        }
        Payload::Chunked { signed: in_chunks } => {
            let Signature { value, .. } = &*signed.signature;
            let scope = signed.signature.scope();
            let key = in_chunks.then(|| ChunkKey::new(secret, text("x-amz-date"), scope, value));
            let trailers = Trailers::default();
            let chunks = Chunks::new(key, trailers.clone());
            (
                Body::http_body_unsync(Verified::new(body, chunks)),
                Some(trailers),
            )
        }
    }
}
