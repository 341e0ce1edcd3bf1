//! Bodies of requests: documents, which are read whole and verified, and content, which is streamed.

use crate::request::checksum;
use crate::request::operation::needs_digest;
use crate::request::query::Query;
use crate::request::target::Level;
use crate::response::error::ErrorResponse;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use futures::StreamExt as _;
use http::{HeaderMap, Method};
use http_body_util::{BodyExt as _, Limited};
use md5::{Digest as _, Md5};
use s3s::dto::StreamingBlob;
use s3s::{Body, StdError, TrailingHeaders};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use strongroom_engine::{self as engine, BodyError};

/// Maximum size of a document, in bytes: a thousand keys of 1 KiB, every byte escaped in the longest way of XML.
const MAX_DOCUMENT: usize = 8 << 20;

/// Maximum time without a byte of the body before the request fails.
pub(crate) const STALLED: Duration = Duration::from_mins(1);

/// Reads the document of a request and compares it with every digest in the headers and trailers.
///
/// # Errors
/// The error response.
pub(crate) async fn verified(
    headers: &HeaderMap,
    trailers: Option<&TrailingHeaders>,
    body: Body,
    checksums_are_of_object: bool,
) -> Result<Bytes, ErrorResponse> {
    let document = match tokio::time::timeout(STALLED, Limited::new(body, MAX_DOCUMENT).collect()).await {
        Ok(Ok(document)) => document.to_bytes(),
        Err(_) => return Err(ErrorResponse::of(&BodyError::Stalled.into())),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => {
            return Err(ErrorResponse::coded(
                400,
                "MaxMessageLengthExceeded",
                "Your request was too big.",
            ));
        }
        Ok(Err(error)) => return Err(ErrorResponse::of(&cause(&error).into())),
    };
    if let Some(md5) = md5_header(headers)?
        && <[u8; 16]>::from(Md5::digest(&document)) != md5
    {
        return Err(ErrorResponse::of(&engine::Error::BadDigest));
    }
    if !checksums_are_of_object {
        checksum::verify_document(headers, trailers, &document)?;
    }
    Ok(document)
}

/// Refuses a document that has no digest where AWS requires one: a flipped bit could delete what must stay.
///
/// # Errors
/// `InvalidRequest`.
pub(crate) fn demand_digest(
    level: Level,
    method: &Method,
    query: &Query,
    headers: &HeaderMap,
) -> Result<(), ErrorResponse> {
    let needed = needs_digest(level, method, query);
    if !needed || headers.contains_key("content-md5") || checksum::is_given(headers) {
        return Ok(());
    }
    Err(ErrorResponse::invalid_request(
        "Missing required header for this request: Content-MD5 OR x-amz-checksum-*",
    ))
}

/// Returns the MD5 in `Content-MD5` (RFC 1864).
///
/// # Errors
/// `InvalidDigest` if it is not the base64 of 16 bytes.
pub(crate) fn md5_header(headers: &HeaderMap) -> Result<Option<[u8; 16]>, ErrorResponse> {
    let Some(value) = headers.get("content-md5") else {
        return Ok(None);
    };
    let bytes = BASE64_STANDARD.decode(value.as_bytes()).ok();
    match bytes.and_then(|bytes| <[u8; 16]>::try_from(bytes).ok()) {
        Some(md5) => Ok(Some(md5)),
        None => Err(ErrorResponse::coded(
            400,
            "InvalidDigest",
            "The Content-MD5 you specified was invalid.",
        )),
    }
}

/// Returns the content of an object as the engine takes it. A client that stops sending does not block the resources
/// of an upload.
pub(crate) fn of_object(body: Option<StreamingBlob>) -> engine::Body {
    let Some(body) = body else {
        return futures::stream::empty().boxed();
    };
    futures::stream::unfold(Some(body), |body| async {
        let mut body = body?;
        match tokio::time::timeout(STALLED, body.next()).await {
            Ok(Some(Ok(bytes))) => Some((Ok(bytes), Some(body))),
            Ok(Some(Err(error))) => Some((Err(cause(&error)), None)),
            Ok(None) => None,
            Err(_) => Some((Err(BodyError::Stalled), None)),
        }
    })
    .boxed()
}

/// Classifies an error of s3s's body streams. The error types are private, so their texts are matched; the texts are
/// those of the pinned release, and the e2e tests notice when they change.
fn cause(error: &StdError) -> BodyError {
    let text = error.to_string();
    let has = |part: &str| text.contains(part);
    if has("Sha256Mismatch") {
        BodyError::HashMismatch
    } else if has("SignatureMismatch") {
        BodyError::SignatureMismatch
    } else if has("LengthMismatch") {
        BodyError::TooLong
    } else if has("ChunkTooLarge") {
        BodyError::Malformed("a chunk is larger than 16 MiB".to_owned())
    } else if has("FormatError")
        || has("ChunkMetaTooLarge")
        || has("TrailersTooLarge")
        || has("TooManyTrailer")
    {
        BodyError::Malformed("the framing of a chunk or of the trailers cannot be read".to_owned())
    } else {
        BodyError::Incomplete
    }
}

/// The file of a form, for the operation that stores it.
#[derive(Clone)]
pub(crate) struct FormFile(Arc<Mutex<Option<engine::Body>>>);

impl FormFile {
    /// Creates a slot that holds the content until it is taken.
    pub(crate) fn new(content: engine::Body) -> Self {
        Self(Arc::new(Mutex::new(Some(content))))
    }

    /// Takes the content.
    ///
    /// # Errors
    /// An internal error if the content was taken before.
    pub(crate) fn take(&self) -> Result<engine::Body, ErrorResponse> {
        let file = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        file.ok_or_else(ErrorResponse::internal)
    }
}
