//! Completes answers: request ids on all of them, complete error documents, no body on HEAD.

use crate::response::error::{self, ErrorResponse};
use crate::response::request_id::RequestId;
use crate::response::xml::Xml;
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, SERVER};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use s3s::{Body, S3Error, S3ErrorCode};
use std::sync::{Arc, Mutex, PoisonError};

const REQUEST_ID: &str = "x-amz-request-id";
const REQUEST_ID_2: &str = "x-amz-id-2";
/// More than any error document of s3s has.
const MOST_ERROR_BYTES: usize = 64 * 1024;

/// What of a request its answer needs. The path without the query: that may hold what must not be told again.
pub(crate) struct ReplyContext {
    pub(crate) id: RequestId,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) failure: FailureSlot,
}

impl ReplyContext {
    pub(crate) fn of(request: &Request<Body>, id: RequestId) -> Self {
        Self {
            id,
            method: request.method().clone(),
            path: request.uri().path().to_owned(),
            failure: FailureSlot::default(),
        }
    }
}

/// Carries an operation's error past s3s, which has no room for all of it.
#[derive(Clone, Default)]
pub(crate) struct FailureSlot(Arc<Mutex<Option<ErrorResponse>>>);

impl FailureSlot {
    pub(crate) fn set(&self, answer: ErrorResponse) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(answer);
    }

    fn take(&self) -> Option<ErrorResponse> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Makes the error document of s3s complete.
pub(crate) async fn complete_document(response: Response<Body>, told: &ReplyContext) -> Response<Body> {
    let status = response.status();
    if let Some(answer) = told.failure.take() {
        return error_response(&answer, told);
    }
    if !(status.is_client_error() || status.is_server_error()) {
        return with_references(response);
    }
    let document = Limited::new(response.into_body(), MOST_ERROR_BYTES)
        .collect()
        .await;
    let document = document
        .map(http_body_util::Collected::to_bytes)
        .unwrap_or_default();
    let document = String::from_utf8_lossy(&document);
    let code = element(&document, "Code").unwrap_or("InternalError");
    let message = element(&document, "Message").unwrap_or_else(|| error::message_of(code));
    let document = error_document(told, |xml| {
        xml.escaped("Code", code);
        xml.escaped("Message", message);
    });
    document_response(status, document)
}

/// Writes control characters of a document as references. s3s writes them as they are, and an XML parser takes a
/// carriage return for a line feed, which makes another key of a listed one, and most others for an error. (Strictly
/// XML 1.0 knows no reference to most of them either; AWS sends them.)
fn with_references(mut response: Response<Body>) -> Response<Body> {
    let is_document = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind == "application/xml");
    let control = |byte: &u8| *byte < b' ' && !matches!(byte, b'\t' | b'\n');
    if let Some(document) = response
        .body()
        .bytes()
        .filter(|document| is_document && document.iter().any(control))
    {
        let mut escaped = Vec::with_capacity(document.len() + 64);
        for byte in &document {
            if control(byte) {
                escaped.extend_from_slice(format!("&#{byte};").as_bytes());
            } else {
                escaped.push(*byte);
            }
        }
        response.headers_mut().remove(CONTENT_LENGTH);
        *response.body_mut() = Body::from(escaped);
    }
    response
}

/// The text of an element of a document that s3s wrote, escaped as it stands there.
fn element<'a>(document: &'a str, name: &str) -> Option<&'a str> {
    let start = document.find(&format!("<{name}>"))? + name.len() + 2;
    let length = document[start..].find(&format!("</{name}>"))?;
    Some(&document[start..start + length]).filter(|text| !text.is_empty())
}

/// Writes the response to a request that failed.
fn error_response(error: &ErrorResponse, told: &ReplyContext) -> Response<Body> {
    let document = error_document(told, |xml| {
        xml.text("Code", error.code);
        xml.text("Message", &error.message);
        for (name, value) in &error.extra {
            xml.text(name, value);
        }
    });
    let mut response = document_response(error.status, document);
    response.headers_mut().extend(error.headers.clone());
    response
}

/// Writes an error document: these elements, and those that all of them have.
fn error_document(told: &ReplyContext, content: impl FnOnce(&mut Xml)) -> String {
    Xml::document("Error", |xml| {
        content(xml);
        xml.text("Resource", &told.path);
        xml.text("RequestId", &told.id.to_string());
        xml.text("HostId", "strongroom");
    })
}

fn document_response(status: StatusCode, document: String) -> Response<Body> {
    let mut response = Response::new(Body::from(Bytes::from(document)));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    response
}

/// What every answer has, and what none may have.
pub(crate) fn complete(response: &mut Response<Body>, told: &ReplyContext) {
    let id = told.id.to_string();
    let status = response.status();
    let headers = response.headers_mut();
    set(headers, REQUEST_ID, &id);
    set(headers, REQUEST_ID_2, &id);
    headers.insert(SERVER, HeaderValue::from_static("Strongroom"));
    // s3s answers a HEAD of a range with 200.
    if status == StatusCode::OK && headers.contains_key(CONTENT_RANGE) {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    let headers = response.headers_mut();
    let failed = status.is_client_error() || status.is_server_error();
    if status == StatusCode::NOT_MODIFIED || (told.method == Method::HEAD && failed) {
        headers.remove(CONTENT_TYPE);
        headers.remove(CONTENT_LENGTH);
        *response.body_mut() = Body::empty();
    }
}

fn set(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

impl ErrorResponse {
    /// Turns this into an error of s3s. Fields that [`S3Error`] cannot hold travel in `failure`.
    pub(crate) fn into_s3(self, failure: &FailureSlot) -> S3Error {
        let error = self.clone().into_plain_s3();
        failure.set(self);
        error
    }

    /// Turns this into an error of s3s, without the fields that [`S3Error`] cannot hold.
    pub(crate) fn into_plain_s3(self) -> S3Error {
        let code = S3ErrorCode::from_bytes(self.code.as_bytes()).unwrap_or(S3ErrorCode::InternalError);
        let mut error = S3Error::with_message(code, self.message);
        error.set_status_code(self.status);
        error
    }

    /// Turns this into a response.
    pub(crate) fn into_response(self, told: &ReplyContext) -> Response<Body> {
        error_response(&self, told)
    }
}
