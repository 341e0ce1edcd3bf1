//! Refusal of requests that s3s must not parse. Only the head of a request is needed to decide.

use crate::request::context::{Fenced, Received};
use crate::request::hoisted;
use crate::request::host::Hosts;
use crate::request::payload::Signed;
use crate::request::sse;
use crate::request::target::{Level, ObjectAddress, bucket_of};
use crate::request::transport::Transport;
use crate::response::error::{self, ErrorResponse};
use crate::settings::Cleartext;
use http::header::ALLOW;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request};
use s3s::Body;
use std::sync::Arc;
use strongroom_sigv4::head::Head;
use strongroom_sigv4::query::Query;
use strongroom_sigv4::signature;
use strongroom_sigv4::token;
use time::OffsetDateTime;

pub(crate) mod authorization;
mod date;
pub(crate) mod payload_hash;
pub(crate) mod sub_resource;
#[cfg(test)]
mod tests;

/// Methods of operations on buckets and objects.
const METHODS: [Method; 5] = [
    Method::GET,
    Method::HEAD,
    Method::PUT,
    Method::POST,
    Method::DELETE,
];

/// Headers that must be sent at most once. Otherwise an attacker could have one value signed and another one used.
const ONCE: [&str; 11] = [
    "authorization",
    "content-length",
    "date",
    "host",
    "content-md5",
    "x-amz-content-sha256",
    "x-amz-copy-source",
    "x-amz-date",
    "x-amz-decoded-content-length",
    "x-amz-sdk-checksum-algorithm",
    "x-amz-trailer",
];

/// Refuses a request, or moves it to the next stage.
///
/// # Errors
/// The error response.
pub(crate) fn pass(
    hosts: &Hosts,
    received: Received,
    mut request: Request<Body>,
) -> Result<(Fenced, Request<Body>), ErrorResponse> {
    let settings = &received.settings;
    // Headers, and where they may be sent.
    sse::hide_encryption(request.headers_mut());
    let headers = request.headers();
    check_once(headers)?;
    sse::check_encryption_headers(headers)?;
    join_repeated(request.headers_mut());
    let headers = request.headers();
    let query = Query::read(request.uri());
    check_query(&query, headers)?;
    check_transport(settings.cleartext, received.transport, headers)?;
    // The signature, as far as it can be checked without the secret.
    let mut signed = None;
    if let Some(signature) = authorization::check(&settings.region, &query, &mut request, &received.reply)? {
        let payload = payload_hash::check(request.headers(), signature.presigned)?;
        let token = token::of(Head::from(&request), &query)
            .map_err(authorization::refuse)?
            .map(Arc::from);
        let now = OffsetDateTime::now_utc();
        date::check(&query, &signature, &mut request, now)?;
        signed = Some(Signed {
            signature: Arc::new(signature),
            payload,
            token,
        });
    }
    // The operation.
    let level = Level::of(hosts, &request);
    check_method(request.method(), level)?;
    sub_resource::check(request.method(), level, &query)?;
    let encryption_target = ObjectAddress::of_encryption(hosts, &request, &query);
    let headers = request.headers();
    check_options(headers)?;
    let bucket = bucket_of(hosts, &request);
    if let Some(bucket) = &bucket {
        received.reply.set_bucket(bucket);
    }
    let fenced = received.fenced(signed, level, bucket, encryption_target);
    Ok((fenced, request))
}

/// Refuses fields of a form that must not become headers.
///
/// # Errors
/// The error response.
pub(crate) fn check_fields(
    cleartext: Cleartext,
    transport: Transport,
    headers: &HeaderMap,
) -> Result<(), ErrorResponse> {
    sse::check_encryption_headers(headers)?;
    check_transport(cleartext, transport, headers)?;
    check_options(headers)
}

fn check_once(headers: &HeaderMap) -> Result<(), ErrorResponse> {
    for name in headers.keys() {
        let once = ONCE.contains(&name.as_str()) || name.as_str().starts_with("x-amz-checksum-");
        if once && headers.get_all(name).iter().nth(1).is_some() {
            return Err(ErrorResponse::invalid_request(format!(
                "The header {name} was sent more than once."
            )));
        }
    }
    Ok(())
}

/// Joins the values of headers that were sent several times, as RFC 9110 section 5.2 and the signature define them.
fn join_repeated(headers: &mut HeaderMap) {
    let repeated = |name: &&HeaderName| headers.get_all(*name).iter().nth(1).is_some();
    let names: Vec<HeaderName> = headers.keys().filter(repeated).cloned().collect();
    for name in names {
        let values = headers.get_all(&name).iter();
        let values: Vec<&[u8]> = values.map(|value| value.as_bytes().trim_ascii()).collect();
        // Commas and values of headers form the value of a header.
        if let Ok(joined) = HeaderValue::from_bytes(&values.join(&b","[..])) {
            headers.insert(name, joined);
        }
    }
}

/// Refuses methods that no operation at this level has. The service itself can only be listed.
fn check_method(method: &Method, level: Level) -> Result<(), ErrorResponse> {
    let (resource, allowed): (_, &[Method]) = match level {
        Level::Service => ("SERVICE", &[Method::GET]),
        Level::Bucket => ("BUCKET", &METHODS),
        Level::Object => ("OBJECT", &METHODS),
    };
    if allowed.contains(method) {
        return Ok(());
    }
    let code = "MethodNotAllowed";
    let mut error = ErrorResponse::coded(405, code, error::message_of(code))
        .with("Method", method.as_str())
        .with("ResourceType", resource);
    if level == Level::Service {
        error.headers.push((ALLOW, HeaderValue::from_static("GET")));
    }
    Err(error)
}

/// Headers that must not be query parameters: they describe the transfer of the request. A presigned URL may have a
/// payload hash, which is not compared: its signature does not cover the body.
const NEVER_IN_QUERY: [&str; 5] = [
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-decoded-content-length",
    "x-amz-security-token",
    "x-amz-trailer",
];

/// Refuses headers in the query that must not be there, or that would be refused as headers.
fn check_query(query: &Query, headers: &HeaderMap) -> Result<(), ErrorResponse> {
    let presigned = signature::is_presigned(query);
    let mut moved = HeaderMap::new();
    for (parameter, value) in query.pairs() {
        let Some(name) = hoisted::header_name(parameter) else {
            continue;
        };
        let same_header = headers
            .get(&name)
            .is_some_and(|header| header.as_bytes() == value.as_bytes());
        let allowed = if sse::is_about_encryption(&name) {
            // A key in a URL would be stored in histories, proxies and logs. Other settings count as headers only.
            same_header && !sse::is_about_customer_key(&name)
        } else {
            !NEVER_IN_QUERY.contains(&name.as_str()) || (presigned && name == "x-amz-content-sha256")
        };
        if !allowed {
            return Err(ErrorResponse::invalid_request(format!(
                "{name} must be sent as a signed header, not in the query string."
            )));
        }
        if let (Ok(name), Ok(value)) = (
            HeaderName::try_from(&name),
            HeaderValue::from_bytes(value.as_bytes()),
        ) {
            moved.append(name, value);
        }
    }
    check_options(&moved)
}

fn check_transport(
    cleartext: Cleartext,
    transport: Transport,
    headers: &HeaderMap,
) -> Result<(), ErrorResponse> {
    let allowed = transport.secure
        || match cleartext {
            Cleartext::Always => true,
            Cleartext::Loopback => transport.local,
            Cleartext::Never => false,
        };
    if !allowed
        && headers
            .keys()
            .any(|name| sse::is_about_customer_key(name.as_str()))
    {
        return Err(error::cleartext());
    }
    Ok(())
}

/// Options of S3 that are not supported. Ignoring one would break a promise to the client.
const NOT_OFFERED: [&str; 5] = [
    "x-amz-bucket-namespace",
    "x-amz-if-match-initiated-time",
    "x-amz-object-lock-event-hold",
    "x-amz-object-lock-event-hold-duration-days",
    "x-amz-object-lock-event-hold-duration-years",
];

fn check_options(headers: &HeaderMap) -> Result<(), ErrorResponse> {
    match NOT_OFFERED.iter().find(|name| headers.contains_key(**name)) {
        None => Ok(()),
        Some(name) => Err(ErrorResponse::not_implemented(format!(
            "A header you provided implies functionality that is not implemented: {name}"
        ))),
    }
}
