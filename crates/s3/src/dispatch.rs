//! The steps between the signature check and the operation.
//!
//! s3s is called twice: first to check the signature, for which it needs the request unchanged, then to parse the
//! request and call the operation. In between, [`extract`] removes what s3s must not see: customer keys become key
//! types and leave the headers, and headers that s3s does not read as HTTP defines them (RFC 9110) are read here.

use crate::auth::Passed;
use crate::fence::sub_resource;
use crate::permission::Permission;
use crate::request::body;
use crate::request::context::{Authenticated, Fenced, Stage as _};
use crate::request::document::Document;
use crate::request::extracted::{COPY_SOURCE, ExtractedHeaders};
use crate::request::hoisted;
use crate::request::operation::{Operation, max_document};
use crate::request::payload;
use crate::request::range;
use crate::request::signer::SignedBy;
use crate::request::target::Level;
use crate::response::error::ErrorResponse;
use crate::response::reply::complete_document;
use crate::response::written::Written;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, RANGE};
use http::{HeaderMap, HeaderValue, Method, Request, Response, Uri};
use http_body::Body as _;
use s3s::service::S3Service;
use s3s::{Body, S3Request};
use std::sync::Arc;
use strongroom_sigv4::query::Query;
use strongroom_sigv4::token::SECURITY_TOKEN;

#[cfg(test)]
mod tests;

/// Length of the content of an aws-chunked body.
const DECODED_LENGTH: &str = "x-amz-decoded-content-length";

/// Takes out of a checked request what the second s3s must not see.
///
/// # Errors
/// The response to a request that is malformed, or whose document does not match its digests.
pub(crate) async fn extract(
    permission: &Permission,
    fenced: Fenced,
    passed: Passed,
) -> Result<(Authenticated, Request<Body>), ErrorResponse> {
    let Passed {
        request,
        identity,
        trailers,
    } = passed;
    let S3Request {
        input: body,
        method,
        uri,
        mut headers,
        ..
    } = request;
    if identity.is_anonymous() && payload::is_chunked(&headers) {
        // Framing is removed from signed bodies only; here it would be stored.
        return Err(ErrorResponse::not_implemented(
            "A request that is not signed cannot have an aws-chunked body.",
        ));
    }
    let query = Query::read(&uri);
    hoisted::add_to(&mut headers, &query)?;

    // The body: content is streamed to the operation; a document is read and verified here.
    let is_copy = headers.contains_key(COPY_SOURCE);
    let may_copy =
        method == Method::PUT && fenced.level == Level::Object && sub_resource::body_is_content(&query);
    if is_copy && !may_copy {
        // The rest of the request would be carried out as if nothing had been said about a copy.
        return Err(ErrorResponse::invalid_argument(
            "You can only specify a copy source header for copy requests.",
        )
        .with("ArgumentName", COPY_SOURCE));
    }
    let (mut document, mut body_left) = (None, Body::empty());
    match method {
        Method::GET | Method::HEAD | Method::DELETE => {}
        Method::PUT if fenced.level == Level::Object && sub_resource::body_is_content(&query) && !is_copy => {
            body_left = body;
        }
        _ => {
            let operation = Operation::with_document(fenced.level, &method, &query);
            let bucket = fenced.bucket.as_deref();
            permission.expect_sender(&identity, operation, bucket).await?;
            if body.size_hint().exact().is_none() && !headers.contains_key(DECODED_LENGTH) {
                return Err(body::no_length(&headers));
            }
            body::demand_digest(fenced.level, &method, &query, &headers)?;
            // Checksum headers of a completion are those of the object, not of the document.
            let is_completion = method == Method::POST && query.has("uploadId");
            let (limit, room) = (max_document(operation), &fenced.reservation);
            // s3s does not compare documents with their digests.
            let bytes = body::verified(&headers, trailers.as_ref(), body, limit, room, is_completion).await?;
            if !is_copy {
                (document, body_left) = read(bytes, &query, &mut headers)?;
            }
        }
    }

    // Headers that s3s would misread or must not see.
    let extracted = ExtractedHeaders::from(&method, &mut headers, trailers)?;
    headers.remove(AUTHORIZATION);
    headers.remove(SECURITY_TOKEN);
    if let Some(range) = headers.remove(RANGE)
        && let Some(range) = range.to_str().ok().and_then(range::readable)
        && let Ok(range) = HeaderValue::try_from(range)
    {
        headers.insert(RANGE, range);
    }

    let signed_by = match query.get("X-Amz-Date") {
        Some(date) => SignedBy::Query(date.to_owned()),
        None => SignedBy::Header,
    };
    let mut authenticated = fenced.authenticated(identity, signed_by, extracted);
    if let Some(document) = document {
        authenticated = authenticated.with_document(document);
    }
    let mut request = Request::new(body_left);
    *request.method_mut() = method;
    *request.uri_mut() = without_signature(uri);
    *request.headers_mut() = headers;
    Ok((authenticated, request))
}

/// Calls operations through the second s3s, which checks permission with [`crate::permission`], parses the request and
/// writes the response.
pub(crate) struct Dispatcher {
    operations: S3Service,
}

impl Dispatcher {
    pub(crate) fn new(operations: S3Service) -> Self {
        Self { operations }
    }

    /// Calls the operation of a request.
    ///
    /// # Errors
    /// An internal error if s3s itself fails. Errors of the operation are returned as responses.
    pub(crate) async fn call(
        &self,
        authenticated: Authenticated,
        mut request: Request<Body>,
    ) -> Result<Response<Body>, ErrorResponse> {
        let reply = Arc::clone(&authenticated.reply);
        authenticated.put(request.extensions_mut());
        let response = self.operations.call(request).await;
        let mut response = response.map_err(ErrorResponse::of_library)?;
        if let Some(Written(document)) = response.extensions_mut().remove() {
            response
                .headers_mut()
                .insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
            *response.body_mut() = Body::from(document);
        }
        Ok(complete_document(response, &reply).await)
    }
}

/// Reads a document and writes it again in a form that s3s cannot misread.
fn read(
    bytes: Bytes,
    query: &Query,
    headers: &mut HeaderMap,
) -> Result<(Option<Document>, Body), ErrorResponse> {
    // Policies are JSON.
    if bytes.is_empty() || query.has("policy") {
        return Ok((None, Body::from(bytes)));
    }
    let document = Document::read(&bytes)?;
    let normal = document.normal();
    headers.insert(CONTENT_LENGTH, HeaderValue::from(normal.len()));
    Ok((Some(document), Body::from(normal)))
}

/// Removes the parameters of a presigned URL from the address. Otherwise the second s3s would check them again.
fn without_signature(uri: Uri) -> Uri {
    let Some(query) = uri.query().filter(|query| query.contains("X-Amz-")) else {
        return uri;
    };
    let rest: Vec<&str> = query
        .split('&')
        .filter(|pair| !pair.starts_with("X-Amz-"))
        .collect();
    let path_and_query = format!("{}?{}", uri.path(), rest.join("&"));
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = path_and_query.parse().ok();
    // The parts of a valid address form a valid address.
    Uri::from_parts(parts).unwrap_or(uri)
}
