//! What must be refused before s3s sees a request. All of it can be judged from the head alone.

use crate::request::context::{Fenced, Received};
use crate::request::host::Hosts;
use crate::request::query::Query;
use crate::request::sse;
use crate::request::target::{Level, ObjectAddress};
use crate::request::transport::Transport;
use crate::response::error::{self, ErrorResponse};
use crate::settings::Cleartext;
use http::header::ALLOW;
use http::{HeaderMap, HeaderValue, Method, Request};
use s3s::Body;
use strongroom_access::ROOT_ACCOUNT;

pub(crate) mod authorization;
pub(crate) mod chunks;
pub(crate) mod sub_resource;
#[cfg(test)]
mod tests;

/// Headers that must come once, or an attacker could have one of them signed and another one used.
const ONCE: [&str; 7] = [
    "authorization",
    "content-length",
    "host",
    "content-md5",
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-decoded-content-length",
];

/// Lets a request through or refuses it.
///
/// # Errors
/// The answer to send.
pub(crate) fn pass(
    hosts: &Hosts,
    received: Received,
    mut request: Request<Body>,
) -> Result<(Fenced, Request<Body>), ErrorResponse> {
    let settings = &received.settings;
    sse::hide_customer_keys(request.headers_mut());
    let headers = request.headers();
    check_once(headers)?;
    sse::check_form(headers)?;
    let query = Query::of(&request);
    check_query(&query)?;
    check_transport(settings.cleartext, received.transport, headers)?;
    authorization::check(&settings.region, &query, &mut request)?;
    let level = Level::of(hosts, &request);
    check_method(request.method(), level)?;
    sub_resource::check(request.method(), level, &query)?;
    let encryption_target = ObjectAddress::of_encryption(hosts, &request, &query);
    let headers = request.headers();
    check_owner(headers)?;
    check_options(headers)?;

    let chunked = headers
        .get("x-amz-content-sha256")
        .is_some_and(|value| value.as_bytes().starts_with(b"STREAMING-"));
    let request = if chunked {
        request.map(chunks::bounded)
    } else {
        request
    };
    Ok((received.fenced(level, encryption_target), request))
}

/// What must be refused of the fields of a form before they are taken for headers.
///
/// # Errors
/// The answer to send.
pub(crate) fn check_fields(
    cleartext: Cleartext,
    transport: Transport,
    headers: &HeaderMap,
) -> Result<(), ErrorResponse> {
    sse::check_form(headers)?;
    check_transport(cleartext, transport, headers)?;
    check_owner(headers)?;
    check_options(headers)
}

/// Refuses everything but `ListBuckets` on the service itself.
fn check_method(method: &Method, level: Level) -> Result<(), ErrorResponse> {
    if level == Level::Service && *method != Method::GET {
        let code = "MethodNotAllowed";
        let mut error = ErrorResponse::coded(405, code, error::message_of(code));
        error.headers.push((ALLOW, HeaderValue::from_static("GET")));
        return Err(error);
    }
    Ok(())
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

/// Headers that are no use in a query: they say how the request came.
const NEVER_IN_QUERY: [&str; 7] = [
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-decoded-content-length",
    "x-amz-expected-bucket-owner",
    "x-amz-security-token",
    "x-amz-source-expected-bucket-owner",
    "x-amz-trailer",
];

fn check_query(query: &Query) -> Result<(), ErrorResponse> {
    for (name, _) in &query.0 {
        // Of the presigned URL itself.
        if name == "X-Amz-Date" {
            continue;
        }
        let name = name.to_ascii_lowercase();
        // A key in a URL stands in histories, proxies and logs.
        if sse::is_about_encryption(&name) || NEVER_IN_QUERY.contains(&name.as_str()) {
            return Err(ErrorResponse::invalid_request(format!(
                "{name} must be sent as a signed header, not in the query string."
            )));
        }
    }
    Ok(())
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

/// Options of S3 that are not offered. To overlook one would be to promise what is not kept.
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

fn check_owner(headers: &HeaderMap) -> Result<(), ErrorResponse> {
    for name in [
        "x-amz-expected-bucket-owner",
        "x-amz-source-expected-bucket-owner",
    ] {
        let mut owners = headers.get_all(name).iter();
        if owners.any(|owner| owner.as_bytes() != ROOT_ACCOUNT.as_bytes()) {
            return Err(ErrorResponse::access_denied("Access Denied"));
        }
    }
    Ok(())
}
