//! Bodies of signed requests: what the signature says of them is verified while they pass, and nothing is held.
//!
//! The signature check of s3s never sees a body ([`crate::auth`]).

use crate::request::payload::chunks::{ChunkKey, Chunks};
use crate::request::payload::hashed::Hashed;
use crate::request::trailers::Trailers;
use crate::response::reply::ReplyContext;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use s3s::Body;
use std::sync::Arc;
use strongroom_access::SecretAccessKey;

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
    payload: Payload,
    secret: &SecretAccessKey,
    body: Body,
    reply: &Arc<ReplyContext>,
) -> (Body, Option<Trailers>) {
    let text = |name: &str| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default()
    };
    match payload {
        Payload::Unsigned => (body, None),
        Payload::Hash(hash) => {
            let length = text("content-length").parse().ok();
            let hashed = Hashed::new(body, hash, length, Arc::clone(reply));
            (Body::http_body_unsync(hashed), None)
        }
        Payload::Chunked { signed } => {
            let key = signed.then(|| {
                let authorization = text(AUTHORIZATION.as_str());
                let field = |name| {
                    let rest = authorization.split_once(name).map_or("", |(_, rest)| rest);
                    rest.split([',', ' ']).next().unwrap_or_default()
                };
                let scope = field("Credential=")
                    .split_once('/')
                    .map_or("", |(_, scope)| scope);
                ChunkKey::new(secret, text("x-amz-date"), scope, field("Signature="))
            });
            let trailers = Trailers::default();
            let chunks = Chunks::new(body, key, trailers.clone());
            (Body::http_body_unsync(chunks), Some(trailers))
        }
    }
}
