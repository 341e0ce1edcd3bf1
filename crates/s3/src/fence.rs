//! Requests that must be refused before s3s sees them. The head of the request is enough to decide.

use crate::request::context::{Fenced, Received};
use crate::request::host::Hosts;
use crate::request::query::Query;
use crate::request::sse;
use crate::request::target::{Level, ObjectAddress};
use crate::request::transport::Transport;
use crate::response::error::{self, ErrorResponse};
use crate::settings::Cleartext;
use http::{HeaderMap, Request};
use s3s::Body;
use strongroom_access::ROOT_ACCOUNT;

pub(crate) mod authorization;
pub(crate) mod chunks;
pub(crate) mod sub_resource;
#[cfg(test)]
mod tests;
pub(crate) mod unread_body;

/// Headers that must be sent at most once. Otherwise an attacker could have one value signed and another one used.
const ONCE: [&str; 7] = [
    "authorization",
    "content-length",
    "host",
    "content-md5",
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-decoded-content-length",
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
    let query = Query::of(&request);
    check_query(&query)?;
    check_transport(settings.cleartext, received.transport, headers)?;
    // The signature, as far as it can be checked without the secret.
    authorization::check(&settings.region, &query, &mut request)?;
    // The operation.
    let level = Level::of(hosts, &request);
    sub_resource::check(request.method(), level, &query)?;
    let encryption_target = ObjectAddress::of_encryption(hosts, &request, &query);
    let headers = request.headers();
    check_owner(headers)?;
    check_options(headers)?;

    // The body.
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
    check_owner(headers)?;
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

/// Headers that must not be query parameters: they describe the transfer of the request.
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
        // `X-Amz-Date` belongs to the presigned URL.
        if name == "X-Amz-Date" {
            continue;
        }
        let name = name.to_ascii_lowercase();
        // A key in a URL would be stored in histories, proxies and logs.
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
