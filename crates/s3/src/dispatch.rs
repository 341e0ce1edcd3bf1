//! Between the signature and the operation.
//!
//! s3s is asked twice: first to check the signature, for which it needs the request as it came, then to parse it and
//! call the operation. In between what it should not see is taken out: customer keys become key types here and leave
//! the headers, and headers that it reads otherwise than HTTP says (RFC 9110) are read here.

use crate::fence::sub_resource;
use crate::request::body;
use crate::request::document::Document;
use crate::request::extracted::{COPY_SOURCE, ExtractedHeaders};
use crate::request::query::Query;
use crate::request::signer::{AccessKeyId, SignedBy, Who};
use crate::request::target::Level;
use crate::response::error::ErrorResponse;
use crate::response::reply::FailureSlot;
use crate::response::written::Written;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, RANGE};
use http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method, Request, Uri};
use s3s::dto::Range;
use s3s::route::S3Route;
use s3s::service::S3Service;
use s3s::{Body, S3Request, S3Response, S3Result};
use std::sync::Arc;

#[cfg(test)]
mod tests;

/// Takes every request whose signature holds, or that has none, from the first s3s to the second.
pub(crate) struct Dispatcher {
    operations: S3Service,
}

impl Dispatcher {
    pub(crate) fn new(operations: S3Service) -> Self {
        Self { operations }
    }

    async fn pass_on(&self, request: S3Request<Body>) -> Result<S3Response<Body>, ErrorResponse> {
        let S3Request {
            input: body,
            method,
            uri,
            mut headers,
            mut extensions,
            trailing_headers,
            credentials,
            ..
        } = request;
        let streams = headers
            .get("x-amz-content-sha256")
            .is_some_and(|value| value.as_bytes().starts_with(b"STREAMING-"));
        if credentials.is_none() && streams {
            // s3s takes the framing off signed bodies only: it would be stored.
            return Err(ErrorResponse::not_implemented(
                "A request that is not signed cannot have an aws-chunked body.",
            ));
        }
        let signer = credentials.map(|credentials| AccessKeyId(credentials.access_key.into()));
        Who::note(signer, &mut extensions);
        extensions.insert(match Query::read(&uri).get("X-Amz-Date") {
            Some(date) => SignedBy::Query(date.to_owned()),
            None => SignedBy::Header,
        });
        from_query(&uri, &mut headers)?;
        let level = extensions.get::<Level>().copied();
        let query = Query::read(&uri);
        let is_copy = headers.contains_key(COPY_SOURCE);
        let body = match method {
            Method::GET | Method::HEAD | Method::DELETE => Body::empty(),
            Method::PUT
                if level == Some(Level::Object) && sub_resource::brings_content(&query) && !is_copy =>
            {
                body
            }
            _ => {
                body::demand_digest(level, &query, &headers)?;
                // Of the object and not of the document.
                let is_completion = method == Method::POST && query.has("uploadId");
                // s3s does not compare documents with their digests.
                let document =
                    body::verified(&headers, trailing_headers.as_ref(), body, is_completion).await?;
                if is_copy {
                    Body::empty()
                } else {
                    read(document, &query, &mut headers, &mut extensions)?
                }
            }
        };
        let taken = ExtractedHeaders::from(&method, &mut headers, trailing_headers)?;
        extensions.insert(Arc::new(taken));
        headers.remove(AUTHORIZATION);
        if headers
            .get(RANGE)
            .is_some_and(|range| !range.to_str().is_ok_and(|range| Range::parse(range).is_ok()))
        {
            // Not a range, or several: HTTP and AWS give the whole then.
            headers.remove(RANGE);
        }
        self.operate(method, without_signature(uri), headers, extensions, body)
            .await
    }

    /// Lets the second s3s carry out a request whose author is known, and from which everything was taken that it should
    /// not see.
    pub(crate) async fn operate(
        &self,
        method: Method,
        uri: Uri,
        headers: HeaderMap,
        extensions: Extensions,
        body: Body,
    ) -> Result<S3Response<Body>, ErrorResponse> {
        let mut request = Request::new(body);
        *request.uri_mut() = uri;
        *request.method_mut() = method;
        *request.headers_mut() = headers;
        *request.extensions_mut() = extensions;
        let response = self.operations.call(request).await.map_err(|error| {
            let error = Box::<dyn std::error::Error + Send + Sync>::from(error);
            tracing::error!(%error, "the protocol library gave up");
            ErrorResponse::internal()
        })?;
        let (mut head, mut body) = response.into_parts();
        if let Some(Written(document)) = head.extensions.remove() {
            head.headers
                .insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
            body = Body::from(document);
        }
        let mut response = S3Response::with_headers(body, head.headers);
        response.status = Some(head.status);
        Ok(response)
    }
}

/// The way from the first s3s.
pub(crate) struct AfterSignature(pub(crate) Arc<Dispatcher>);

#[async_trait::async_trait]
impl S3Route for AfterSignature {
    fn is_match(&self, _: &Method, _: &Uri, _: &HeaderMap, _: &mut Extensions) -> bool {
        true
    }

    /// Who did not sign may do what policies allow everybody: [`crate::permission`].
    async fn check_access(&self, _: &mut S3Request<Body>) -> S3Result<()> {
        Ok(())
    }

    async fn call(&self, request: S3Request<Body>) -> S3Result<S3Response<Body>> {
        let details = request
            .extensions
            .get::<FailureSlot>()
            .cloned()
            .unwrap_or_default();
        self.0
            .pass_on(request)
            .await
            .map_err(|answer| answer.into_s3(&details))
    }
}

/// Reads a document for its operation, and gives s3s what it cannot misread.
fn read(
    document: Bytes,
    query: &Query,
    headers: &mut HeaderMap,
    extensions: &mut Extensions,
) -> Result<Body, ErrorResponse> {
    // Policies are JSON.
    if document.is_empty() || query.has("policy") {
        return Ok(Body::from(document));
    }
    let document = Document::read(&document)?;
    let normal = document.normal();
    extensions.insert(Arc::new(document));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(normal.len()));
    Ok(Body::from(normal))
}

/// Puts headers that came as parameters of the query where they belong, as AWS takes them: SDKs move them there when
/// they presign. Those that must not come this way were refused by the fence.
fn from_query(uri: &Uri, headers: &mut HeaderMap) -> Result<(), ErrorResponse> {
    for (name, value) in &Query::read(uri).0 {
        if !name.starts_with("x-amz-") {
            continue;
        }
        let pair = (
            HeaderName::try_from(name),
            HeaderValue::from_bytes(value.as_bytes()),
        );
        let (Ok(name), Ok(value)) = pair else {
            return Err(ErrorResponse::invalid_argument(format!(
                "The query parameter {name:?} cannot be a header."
            )));
        };
        if headers.insert(&name, value).is_some() {
            return Err(ErrorResponse::invalid_request(format!(
                "{name} was sent more than once."
            )));
        }
    }
    Ok(())
}

/// The request's address without the parameters of a presigned URL: the second s3s would check them again.
fn without_signature(uri: Uri) -> Uri {
    let Some(query) = uri.query().filter(|query| query.contains("X-Amz-")) else {
        return uri;
    };
    let kept: Vec<&str> = query
        .split('&')
        .filter(|pair| !pair.starts_with("X-Amz-"))
        .collect();
    let path_and_query = format!("{}?{}", uri.path(), kept.join("&"));
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = path_and_query.parse().ok();
    // Parts of an address make an address.
    Uri::from_parts(parts).unwrap_or(uri)
}
