//! Completes responses: request ids on all of them, complete error documents, no body on HEAD.

use crate::response::error::ErrorResponse;
use crate::response::library;
use crate::response::shown;
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, RANGE, SERVER};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use s3s::{Body, S3Error, S3ErrorCode};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use strongroom_audit::RequestId;
use strongroom_sigv4::xml::Xml;

const REQUEST_ID: &str = "x-amz-request-id";
const REQUEST_ID_2: &str = "x-amz-id-2";
/// Maximum size of an error document of s3s, in bytes. Larger than any that it writes.
const MAX_ERROR_BYTES: usize = 64 * 1024;

/// Elements of error documents that are repeated even if a key may be in them: names of buckets and objects, and what a
/// client's author needs to find the reason of a wrong signature or hash.
const IN_FULL: [&str; 9] = [
    "BucketName",
    "Key",
    "SignatureProvided",
    "StringToSign",
    "StringToSignBytes",
    "CanonicalRequest",
    "CanonicalRequestBytes",
    "ClientComputedContentSHA256",
    "S3ComputedContentSHA256",
];

/// The part of a request that its response needs. The path has no query: the query may hold what must not be
/// repeated.
pub(crate) struct ReplyContext {
    pub(crate) id: RequestId,
    pub(crate) method: Method,
    pub(crate) path: String,
    sent: Sent,
    pub(crate) failure: FailureSlot,
    /// Code of the error that the response contains.
    code: OnceLock<&'static str>,
}

/// Values of a request that errors repeat.
struct Sent {
    /// Access key and signature, once they are read.
    signature: OnceLock<(String, String)>,
    range: Option<String>,
    payload_hash: Option<String>,
    upload: Option<String>,
    /// Bucket in the host or the path, once it is known which.
    bucket: OnceLock<String>,
    /// SHA-256 of the body, if it is not the signed one.
    computed_hash: OnceLock<String>,
    /// Elements that explain a wrong signature.
    signed_texts: OnceLock<Vec<(&'static str, String)>>,
}

impl Sent {
    fn of(request: &Request<Body>) -> Self {
        let text = |name: HeaderName| request.headers().get(name)?.to_str().ok();
        let query = request.uri().query().unwrap_or_default();
        let parameter = |name: &str| {
            query
                .split('&')
                .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
        };
        Self {
            signature: OnceLock::new(),
            range: text(RANGE).map(str::to_owned),
            payload_hash: text(HeaderName::from_static("x-amz-content-sha256")).map(str::to_owned),
            upload: parameter("uploadId").map(str::to_owned),
            bucket: OnceLock::new(),
            computed_hash: OnceLock::new(),
            signed_texts: OnceLock::new(),
        }
    }

    /// Returns the elements that an error of this code repeats.
    fn elements(&self, code: &str) -> Vec<(&'static str, String)> {
        let computed_hash = self.computed_hash.get().cloned();
        let bucket = self.bucket.get().cloned();
        let (access_key, signature) = self.signature.get().cloned().unzip();
        let elements = match code {
            "InvalidAccessKeyId" => vec![("AWSAccessKeyId", &access_key)],
            "SignatureDoesNotMatch" => {
                vec![("AWSAccessKeyId", &access_key), ("SignatureProvided", &signature)]
            }
            "InvalidBucketName" => vec![("BucketName", &bucket)],
            "InvalidPart" => vec![("UploadId", &self.upload)],
            "InvalidRange" => vec![("RangeRequested", &self.range)],
            "XAmzContentSHA256Mismatch" => vec![
                ("ClientComputedContentSHA256", &self.payload_hash),
                ("S3ComputedContentSHA256", &computed_hash),
            ],
            _ => vec![],
        };
        let sent = elements.into_iter();
        let sent = sent.filter_map(|(name, value)| Some((name, value.clone()?)));
        let texts = self
            .signed_texts
            .get()
            .filter(|_| code == "SignatureDoesNotMatch");
        sent.chain(texts.cloned().unwrap_or_default()).collect()
    }
}

impl ReplyContext {
    pub(crate) fn of(request: &Request<Body>, id: RequestId) -> Self {
        Self {
            id,
            method: request.method().clone(),
            path: request.uri().path().to_owned(),
            sent: Sent::of(request),
            failure: FailureSlot::default(),
            code: OnceLock::new(),
        }
    }

    /// Returns the code of the error that the response contains.
    pub(crate) fn code(&self) -> Option<&'static str> {
        self.code.get().copied()
    }

    /// Sets the bucket that the request is about.
    pub(crate) fn set_bucket(&self, bucket: &str) {
        // A request is about one bucket.
        let _ = self.sent.bucket.set(bucket.to_owned());
    }

    /// Sets the signature of the request, which may be wrong, and its access key.
    pub(crate) fn set_signature(&self, access_key: &str, signature: &str) {
        // A request has one signature.
        let _ = self
            .sent
            .signature
            .set((access_key.to_owned(), signature.to_owned()));
    }

    /// Sets the SHA-256 of a body that is not the signed one.
    pub(crate) fn set_computed_hash(&self, hash: String) {
        // A body is read once.
        let _ = self.sent.computed_hash.set(hash);
    }

    /// Sets the elements that explain a wrong signature, in case that this is the error.
    pub(crate) fn set_signed_texts(&self, elements: Vec<(&'static str, String)>) {
        // The signature is checked once.
        let _ = self.sent.signed_texts.set(elements);
    }
}

/// Carries the error of an operation past s3s, whose error type does not hold all of it.
#[derive(Clone, Default)]
pub(crate) struct FailureSlot(Arc<Mutex<Option<ErrorResponse>>>);

impl FailureSlot {
    pub(crate) fn set(&self, error: ErrorResponse) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
    }

    fn take(&self) -> Option<ErrorResponse> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Replaces the error document of s3s.
pub(crate) async fn complete_document(response: Response<Body>, reply: &ReplyContext) -> Response<Body> {
    let status = response.status();
    if let Some(error) = reply.failure.take() {
        return error_response(&error, reply);
    }
    if !(status.is_client_error() || status.is_server_error()) {
        return with_references(response);
    }
    let document = Limited::new(response.into_body(), MAX_ERROR_BYTES)
        .collect()
        .await;
    let document = document
        .map(http_body_util::Collected::to_bytes)
        .unwrap_or_default();
    let document = String::from_utf8_lossy(&document);
    let code = element(&document, "Code").unwrap_or("InternalError");
    let message = element(&document, "Message").unwrap_or_default();
    error_response(&library::response(status.as_u16(), code, message), reply)
}

/// Writes control characters of a document as references. s3s writes them unescaped; an XML parser then reads a
/// carriage return as a line feed, which changes listed keys, and refuses most others. (Strictly, XML 1.0 has no
/// reference to most of them either; AWS sends them.)
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

/// Returns the text of an element of a document that s3s wrote, still escaped.
fn element<'a>(document: &'a str, name: &str) -> Option<&'a str> {
    let start = document.find(&format!("<{name}>"))? + name.len() + 2;
    let length = document[start..].find(&format!("</{name}>"))?;
    Some(&document[start..start + length]).filter(|text| !text.is_empty())
}

/// Writes the response to a request that failed.
fn error_response(error: &ErrorResponse, reply: &ReplyContext) -> Response<Body> {
    // A response contains one error.
    let _ = reply.code.set(error.code);
    let document = error_document(reply, |xml| {
        xml.text("Code", error.code);
        xml.text("Message", &shown::in_error(&error.message));
        let of_request = reply.sent.elements(error.code);
        let more = of_request
            .iter()
            .filter(|(name, _)| error.extra.iter().all(|(given, _)| given != name));
        for (name, value) in error.extra.iter().chain(more) {
            if IN_FULL.contains(name) {
                xml.text(name, value);
            } else {
                xml.text(name, &shown::in_error(value));
            }
        }
    });
    let mut response = document_response(error.status, document);
    response.headers_mut().extend(error.headers.clone());
    response
}

/// Writes an error document: these elements, and those that all error documents have.
fn error_document(reply: &ReplyContext, content: impl FnOnce(&mut Xml)) -> String {
    Xml::document("Error", |xml| {
        content(xml);
        xml.text("Resource", &reply.path);
        xml.text("RequestId", &reply.id.to_string());
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

/// Adds the headers that every response has, and removes what some must not have.
pub(crate) fn complete(response: &mut Response<Body>, reply: &ReplyContext) {
    let id = reply.id.to_string();
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
    if status == StatusCode::NOT_MODIFIED || (reply.method == Method::HEAD && failed) {
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
    pub(crate) fn into_response(self, reply: &ReplyContext) -> Response<Body> {
        error_response(&self, reply)
    }
}
