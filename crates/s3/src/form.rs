//! Uploads by HTML forms: POST Object (<https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html>).
//!
//! A form is parsed, its signature and its policy are checked, and it is turned into the PUT of an object: its fields
//! become the headers, its file the content. After that it is handled like every other request.

mod error;
pub(crate) mod fields;
mod policy;
mod signature;
#[cfg(test)]
mod tests;

use crate::fence;
use crate::request::body::FormFile;
use crate::request::context::{Authenticated, Fenced};
use crate::request::extracted::ExtractedHeaders;
use crate::request::host::{Hosts, address};
use crate::request::signer::SignedBy;
use crate::request::target::{Level, bucket_of};
use crate::response::error::ErrorResponse;
use error::missing;
use fields::Fields;
use futures::StreamExt as _;
use http::header::{CONTENT_TYPE, ETAG, HOST, LOCATION, REFERER, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use policy::{FormPolicy, Limits};
use s3s::Body;
use strongroom_engine as engine;
use strongroom_engine::bucket::is_bucket_name;
use strongroom_identity::signers::Signers;
use strongroom_permission::Identity;
use strongroom_sigv4::xml::Xml;

/// Reads forms.
pub(crate) struct Forms {
    signers: Signers,
    hosts: Hosts,
}

/// A form that has been turned into a PUT.
pub(crate) struct Form {
    fields: Fields,
    bucket: String,
    key: String,
    /// URL of the object.
    address: String,
}

impl Forms {
    pub(crate) fn new(signers: Signers, hosts: Hosts) -> Self {
        Self { signers, hosts }
    }

    /// Turns a form into the PUT of its file, after checking its signature and its policy.
    ///
    /// # Errors
    /// The response to a form that is malformed, or that its policy does not allow.
    pub(crate) async fn read(
        &self,
        fenced: Fenced,
        request: Request<Body>,
    ) -> Result<(Form, Authenticated, Request<Body>), ErrorResponse> {
        // The address: forms are sent to a bucket, without a query.
        let bucket = bucket_of(&self.hosts, &request);
        let is_bucket = fenced.level == Level::Bucket;
        let Some(bucket) = bucket.filter(|_| is_bucket && request.uri().query().is_none()) else {
            return Err(ErrorResponse::coded(
                405,
                "MethodNotAllowed",
                "The specified method is not allowed against this resource.",
            ));
        };
        // The name becomes part of an address below and must not change its meaning.
        if !is_bucket_name(&bucket) {
            return Err(ErrorResponse::of(&engine::Error::InvalidBucketName(bucket)));
        }

        // The fields before the file, and their signer.
        let (head, body) = request.into_parts();
        refuse_headers(&head.headers)?;
        let room = fenced.reservation.hold_form(fields::MAX_BEFORE_FILE as u64)?;
        let (mut fields, file) = fields::read(&head.headers, body).await?;
        let key = fields.key()?;
        let (identity, limits) = self
            .judge(&fenced.settings.region, &bucket, &key, &fields)
            .await?;
        drop(room);

        // The headers of the PUT: the fields, and headers that policies look at. Fields pass the same checks as
        // headers.
        let mut headers = fields.headers()?;
        fields.forget_customer_key();
        for name in [REFERER, USER_AGENT] {
            if let Some(value) = head.headers.get(&name) {
                headers.insert(name, value.clone());
            }
        }
        fence::check_fields(fenced.settings.cleartext, fenced.transport, &headers)?;
        let extracted = ExtractedHeaders::from(&Method::PUT, &mut headers, None)?;

        // The PUT, in path style: the host must not be read as the name of a bucket.
        let address = address(fenced.transport, &head.headers, &head.uri, &bucket, &key);
        headers.insert(HOST, HeaderValue::from_static("localhost"));
        let mut put = Request::new(Body::empty());
        *put.method_mut() = Method::PUT;
        *put.uri_mut() = path(&bucket, &key)?;
        *put.headers_mut() = headers;
        let file = FormFile::new(limits.watch(file).boxed());
        let authenticated = fenced
            .authenticated(identity, SignedBy::Form, extracted)
            .with_form_file(file);
        let form = Form {
            fields,
            bucket,
            key,
            address,
        };
        Ok((form, authenticated, put))
    }

    /// Checks the signature and the policy of a form. Returns the identity of the signer, and the limits of the
    /// file's size.
    async fn judge(
        &self,
        region: &str,
        bucket: &str,
        key: &str,
        fields: &Fields,
    ) -> Result<(Identity, Limits), ErrorResponse> {
        let Some(text) = fields.get("policy") else {
            if fields.get("x-amz-signature").is_some() {
                return Err(missing("policy"));
            }
            return Ok((Identity::Anonymous, Limits::default()));
        };
        let identity = signature::check(region, &self.signers, fields, text).await?;
        let limits = FormPolicy::read(text)?.judge(bucket, key, fields)?;
        Ok((identity, limits))
    }
}

impl Form {
    /// Turns the response to the PUT into the response that the form requests. Error responses are not changed.
    pub(crate) fn complete(&self, mut response: Response<Body>) -> Response<Body> {
        if response.status() != StatusCode::OK {
            return response;
        }
        let Self {
            fields,
            bucket,
            key,
            address,
        } = self;
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
            Body::from(Xml::document("PostResponse", |xml| {
                xml.text("Location", address);
                xml.text("Bucket", bucket);
                xml.text("Key", key);
                xml.text("ETag", &etag);
            }))
        } else {
            Body::empty()
        };
        response
    }
}

/// Refuses headers of options that only fields of a form can set. Ignoring one could store the object differently
/// than requested.
fn refuse_headers(headers: &HeaderMap) -> Result<(), ErrorResponse> {
    let has_effect = |name: &str| {
        name.starts_with("x-amz-")
            || ["authorization", "content-md5", "if-match", "if-none-match"].contains(&name)
    };
    match headers
        .keys()
        .map(HeaderName::as_str)
        .find(|name| has_effect(name))
    {
        None => Ok(()),
        Some(name) => Err(ErrorResponse::invalid_request(format!(
            "The header {name} has no effect on a form; send it as a field before the file."
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

/// Returns the address that the browser is redirected to, with the name of the object. `None`: the form's address is
/// invalid.
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
