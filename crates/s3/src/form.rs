//! Uploads by the forms of browsers: POST Object
//! (<https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html>).
//!
//! A form is taken apart, its signature and its policy are checked, and what is left is the PUT of an object: its fields
//! are that one's headers, its file the content. From there on it goes the way of every other request.

mod error;
mod fields;
mod policy;
mod signature;
#[cfg(test)]
mod tests;

use crate::dispatch::Dispatcher;
use crate::fence;
use crate::request::body::FormFile;
use crate::request::extracted::ExtractedHeaders;
use crate::request::host::{Hosts, address};
use crate::request::signer::{AccessKeyId, SignedBy, Who};
use crate::request::target::{Level, bucket_of};
use crate::request::transport::Transport;
use crate::response::error::ErrorResponse;
use crate::settings::Settings;
use error::missing;
use fields::Fields;
use futures::StreamExt as _;
use http::header::{CONTENT_TYPE, ETAG, HOST, LOCATION, REFERER, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use policy::{FormPolicy, Limits};
use s3s::Body;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use strongroom_access::AccessKeys;
use strongroom_engine as engine;
use strongroom_engine::bucket::is_bucket_name;

/// Takes forms.
pub(crate) struct Forms {
    keys: Arc<AccessKeys>,
    operations: Arc<Dispatcher>,
    settings: Settings,
    hosts: Hosts,
}

impl Forms {
    pub(crate) fn new(
        keys: Arc<AccessKeys>,
        operations: Arc<Dispatcher>,
        settings: Settings,
        hosts: Hosts,
    ) -> Self {
        Self {
            keys,
            operations,
            settings,
            hosts,
        }
    }

    /// Stores the file of a form.
    ///
    /// # Errors
    /// The answer to send.
    pub(crate) async fn take(&self, request: Request<Body>) -> Result<Response<Body>, ErrorResponse> {
        let bucket = bucket_of(&self.hosts, &request);
        let is_bucket = request.extensions().get::<Level>() == Some(&Level::Bucket);
        let Some(bucket) = bucket.filter(|_| is_bucket && request.uri().query().is_none()) else {
            return Err(ErrorResponse::coded(
                405,
                "MethodNotAllowed",
                "The specified method is not allowed against this resource.",
            ));
        };
        // It becomes part of an address below, where nothing else may be read from it.
        if !is_bucket_name(&bucket) {
            return Err(ErrorResponse::of(&engine::Error::InvalidBucketName(bucket)));
        }
        let transport = request.extensions().get::<Transport>().copied();
        let transport = transport.ok_or_else(ErrorResponse::internal)?;
        let (head, body) = request.into_parts();
        refuse_headers(&head.headers)?;
        let (mut fields, file) = fields::read(&head.headers, body).await?;
        let key = fields.key()?;
        let (signer, limits) = self.judge(&bucket, &key, &fields)?;

        let mut headers = fields.headers()?;
        fields.forget_customer_key();
        for name in [REFERER, USER_AGENT] {
            if let Some(value) = head.headers.get(&name) {
                headers.insert(name, value.clone());
            }
        }
        fence::check_fields(self.settings.cleartext, transport, &headers)?;
        let mut extensions = head.extensions;
        let taken = ExtractedHeaders::from(&Method::PUT, &mut headers, None)?;
        extensions.insert(Arc::new(taken));
        Who::note(signer, &mut extensions);
        extensions.insert(SignedBy::Form);
        extensions.insert(Level::Object);
        let file = limits.watch(file).boxed();
        extensions.insert(FormFile(Arc::new(Mutex::new(Some(file)))));
        let address = address(transport, &head.headers, &head.uri, &bucket, &key);
        // In path style, whatever the host: its name must not be taken for the bucket's.
        headers.insert(HOST, HeaderValue::from_static("localhost"));
        let answered = self
            .operations
            .operate(
                Method::PUT,
                path(&bucket, &key)?,
                headers,
                extensions,
                Body::empty(),
            )
            .await?;
        let (mut response, status) = (Response::new(answered.output), answered.status);
        *response.status_mut() = status.unwrap_or(StatusCode::OK);
        *response.headers_mut() = answered.headers;
        if response.status() == StatusCode::OK {
            succeed(&mut response, &fields, &bucket, &key, &address);
        }
        Ok(response)
    }

    /// Who signed a form, if somebody did, and how long its file may be.
    fn judge(
        &self,
        bucket: &str,
        key: &str,
        fields: &Fields,
    ) -> Result<(Option<AccessKeyId>, Limits), ErrorResponse> {
        let Some(text) = fields.get("policy") else {
            if fields.get("x-amz-signature").is_some() {
                return Err(missing("policy"));
            }
            return Ok((None, Limits::default()));
        };
        let signer = signature::check(&self.settings.region, &self.keys, fields, text)?;
        let limits = FormPolicy::read(text)?.judge(bucket, key, fields)?;
        Ok((Some(signer), limits))
    }
}

/// Refuses headers that ask for what only fields of a form can ask for. To overlook one could store the object otherwise
/// than asked.
fn refuse_headers(headers: &HeaderMap) -> Result<(), ErrorResponse> {
    let asks = |name: &str| {
        name.starts_with("x-amz-")
            || ["authorization", "content-md5", "if-match", "if-none-match"].contains(&name)
    };
    match headers.keys().map(HeaderName::as_str).find(|name| asks(name)) {
        None => Ok(()),
        Some(name) => Err(ErrorResponse::invalid_request(format!(
            "The header {name} has no effect on a form: send it as a field before the file."
        ))),
    }
}

fn path(bucket: &str, key: &str) -> Result<Uri, ErrorResponse> {
    let key = utf8_percent_encode(key, NON_ALPHANUMERIC);
    format!("/{bucket}/{key}").parse().map_err(|_| {
        ErrorResponse::coded(
            400,
            "InvalidURI",
            crate::response::error::message_of("InvalidURI"),
        )
    })
}

/// Answers as the form asks.
fn succeed(response: &mut Response<Body>, fields: &Fields, bucket: &str, key: &str, address: &str) {
    let etag = response.headers().get(ETAG).and_then(|etag| etag.to_str().ok());
    let etag = etag.unwrap_or_default().to_owned();
    let redirect = fields.get("success_action_redirect").or(fields.get("redirect"));
    let redirect = redirect.and_then(|target| redirection(target, bucket, key, &etag));
    let (status, location) = if let Some(location) = redirect {
        (StatusCode::SEE_OTHER, Some(location))
    } else {
        let status = match fields.get("success_action_status") {
            Some("200") => StatusCode::OK,
            Some("201") => StatusCode::CREATED,
            _ => StatusCode::NO_CONTENT,
        };
        (status, HeaderValue::try_from(address).ok())
    };
    *response.status_mut() = status;
    if let Some(location) = location {
        response.headers_mut().insert(LOCATION, location);
    }
    *response.body_mut() = if status == StatusCode::CREATED {
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
        Body::from(document(&[
            ("Location", address),
            ("Bucket", bucket),
            ("Key", key),
            ("ETag", &etag),
        ]))
    } else {
        Body::empty()
    };
}

fn document(elements: &[(&str, &str)]) -> String {
    let mut document = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<PostResponse>");
    for (name, text) in elements {
        // Writing to a string does not fail.
        let _ = write!(
            document,
            "<{name}>{}</{name}>",
            crate::response::reply::escape(text)
        );
    }
    document.push_str("</PostResponse>");
    document
}

/// Where to send a browser on, with what was made; `None` if the form gives no address.
fn redirection(target: &str, bucket: &str, key: &str, etag: &str) -> Option<HeaderValue> {
    let uri: Uri = target.parse().ok()?;
    uri.authority()?;
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let (target, fragment) = target.split_once('#').unwrap_or((target, ""));
    let joint = if target.contains('?') { '&' } else { '?' };
    let fragment = if fragment.is_empty() {
        String::new()
    } else {
        format!("#{fragment}")
    };
    let address = format!(
        "{target}{joint}bucket={}&key={}&etag={}{fragment}",
        encode(bucket),
        encode(key),
        encode(etag)
    );
    HeaderValue::try_from(address).ok()
}
