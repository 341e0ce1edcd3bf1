//! Bodies of requests: documents, which are read whole and verified, and content, which is streamed.

use crate::request::buffers::Reservation;
use crate::request::checksum;
use crate::request::operation::needs_digest;
use crate::request::target::Level;
use crate::request::trailers::Trailers;
use crate::response::error::ErrorResponse;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::{Bytes, BytesMut};
use futures::StreamExt as _;
use http::header::TRANSFER_ENCODING;
use http::{HeaderMap, Method};
use http_body::Body as _;
use md5::{Digest as _, Md5};
use s3s::dto::StreamingBlob;
use s3s::{Body, StdError};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use strongroom_engine::{self as engine, BodyError};
use strongroom_sigv4::query::Query;

/// Memory that a document takes as a multiple of its size: its bytes, its elements, and the form that s3s reads.
const OF_DOCUMENT: u64 = 4;

/// Reads a document of at most `limit` bytes, and compares it with every digest in the headers and trailers.
///
/// # Errors
/// The error response.
pub(crate) async fn verified(
    headers: &HeaderMap,
    trailers: Option<&Trailers>,
    body: Body,
    limit: usize,
    reservation: &Reservation,
    checksums_are_of_object: bool,
) -> Result<Bytes, ErrorResponse> {
    let document = read(body, limit, reservation).await?;
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

/// Reads a document, and reserves memory as it arrives.
async fn read(mut body: Body, limit: usize, reservation: &Reservation) -> Result<Bytes, ErrorResponse> {
    let too_large = || ErrorResponse::coded(400, "MaxMessageLengthExceeded", "Your request was too big.");
    if body.size_hint().lower() > limit as u64 {
        return Err(too_large());
    }
    let mut document = BytesMut::new();
    while let Some(piece) = body.next().await {
        let piece = piece.map_err(|error| ErrorResponse::of(&cause(&error).into()))?;
        if document.len() + piece.len() > limit {
            return Err(too_large());
        }
        reservation.hold(piece.len() as u64 * OF_DOCUMENT)?;
        document.extend_from_slice(&piece);
    }
    Ok(document.freeze())
}

/// Returns the response to a body whose length is unknown.
pub(crate) fn no_length(headers: &HeaderMap) -> ErrorResponse {
    if headers.contains_key(TRANSFER_ENCODING) {
        return ErrorResponse::not_implemented(
            "A header you provided implies functionality that is not implemented",
        )
        .with("Header", "Transfer-Encoding");
    }
    ErrorResponse::coded(
        411,
        "MissingContentLength",
        "You must provide the Content-Length HTTP header.",
    )
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

/// Returns the content of an object as the engine takes it.
pub(crate) fn of_object(body: Option<StreamingBlob>) -> engine::Body {
    let Some(body) = body else {
        return futures::stream::empty().boxed();
    };
    body.map(|piece| piece.map_err(|error| cause(&error))).boxed()
}

/// Classifies an error of a body: one of a signed body ([`crate::request::payload`]), or one of the connection. The
/// server ends bodies that arrive too slowly with an error of the kind `TimedOut`.
pub(crate) fn cause(error: &StdError) -> BodyError {
    if let Some(error) = error.downcast_ref::<BodyError>() {
        return error.clone();
    }
    match error.downcast_ref::<io::Error>() {
        Some(error) if error.kind() == io::ErrorKind::TimedOut => BodyError::Stalled,
        _ => BodyError::Incomplete,
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
