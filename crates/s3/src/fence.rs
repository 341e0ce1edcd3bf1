//! What must be refused before s3s sees a request. All of it can be judged from the head alone.

use crate::chunks;
use crate::errors::{self, Answer};
use crate::front::{Cleartext, Settings, Transport};
use crate::host::Hosts;
use crate::sse;
use crate::sub_resource::{self, Level};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, Method, Request};
use percent_encoding::percent_decode_str;
use s3s::Body;
use strongroom_access::ROOT_ACCOUNT;

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
    settings: &Settings,
    hosts: &Hosts,
    transport: Transport,
    request: Request<Body>,
) -> Result<Request<Body>, Answer> {
    let headers = request.headers();
    check_once(headers)?;
    sse::check_form(headers)?;
    let query = Query::of(&request);
    check_query(&query)?;
    check_transport(settings.cleartext, transport, headers)?;
    check_scope(&settings.region, &query, headers)?;
    check_signing(&query, headers)?;
    sub_resource::check(request.method(), Level::of(hosts, &request), &query)?;
    check_owner(headers)?;

    let is_form = headers
        .get(CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"multipart/form-data"));
    if request.method() == Method::POST && is_form {
        return Err(Answer::not_implemented(
            "Uploads by browser forms (POST Object) are not implemented.",
        ));
    }
    let chunked = headers
        .get("x-amz-content-sha256")
        .is_some_and(|value| value.as_bytes().starts_with(b"STREAMING-"));
    Ok(if chunked {
        request.map(chunks::bounded)
    } else {
        request
    })
}

fn check_once(headers: &HeaderMap) -> Result<(), Answer> {
    for name in headers.keys() {
        let once = ONCE.contains(&name.as_str()) || name.as_str().starts_with("x-amz-checksum-");
        if once && headers.get_all(name).iter().nth(1).is_some() {
            return Err(Answer::invalid_request(format!(
                "The header {name} was sent more than once."
            )));
        }
    }
    Ok(())
}

/// The names and values of a query, decoded.
pub(crate) struct Query(pub(crate) Vec<(String, String)>);

impl Query {
    pub(crate) fn of(request: &Request<Body>) -> Self {
        let query = request.uri().query().unwrap_or_default();
        let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        Self(
            pairs
                .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
                .map(|(n, v)| (decode(n), decode(v)))
                .collect(),
        )
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.as_str())
    }
}

fn check_query(query: &Query) -> Result<(), Answer> {
    for (name, _) in &query.0 {
        let name = name.to_ascii_lowercase();
        if sse::is_about_encryption(&name) {
            // A key in a URL stands in histories, proxies and logs; other encryption values would be overlooked.
            return Err(Answer::invalid_request(format!(
                "{name} must be sent as a signed header, not in the query string."
            )));
        }
        if name == "awsaccesskeyid" {
            return Err(signature_v2());
        }
    }
    Ok(())
}

fn signature_v2() -> Answer {
    Answer::invalid_request(
        "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
    )
}

fn check_transport(cleartext: Cleartext, transport: Transport, headers: &HeaderMap) -> Result<(), Answer> {
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
        return Err(errors::cleartext());
    }
    Ok(())
}

/// A signature is made for one region and one service, and a presigned URL for a week at most
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>); s3s looks at none of this.
fn check_scope(region: &str, query: &Query, headers: &HeaderMap) -> Result<(), Answer> {
    let authorization = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let in_header = authorization.and_then(|value| {
        value
            .split([',', ' '])
            .find_map(|f| f.strip_prefix("Credential="))
    });
    let (credential, refuse): (&str, fn(&str) -> Answer) = match (query.get("X-Amz-Credential"), in_header) {
        (Some(credential), _) => (credential, Answer::malformed_query),
        (None, Some(credential)) => (credential, Answer::malformed_authorization),
        // Not signed, or in a way that s3s refuses.
        (None, None) => return Ok(()),
    };
    if let [service, signed_for, ..] = credential.rsplit('/').skip(1).collect::<Vec<_>>()[..] {
        if signed_for != region {
            let text = format!("the region '{signed_for}' is wrong; expecting '{region}'");
            return Err(refuse(&text).with_argument("Region", region));
        }
        if service != "s3" {
            return Err(refuse(&format!(
                "incorrect service \"{service}\". This endpoint belongs to \"s3\"."
            )));
        }
    }
    let lives = query.get("X-Amz-Expires").map(str::parse::<u32>);
    match lives {
        None | Some(Ok(0..=604_800)) => Ok(()),
        Some(Ok(_)) => Err(Answer::malformed_query(
            "X-Amz-Expires must be less than a week (in seconds)",
        )),
        Some(Err(_)) => Err(Answer::malformed_query("X-Amz-Expires should be a number")),
    }
}

/// Every `x-amz-` header must be signed: one that was added on the way would be obeyed all the same.
fn check_signing(query: &Query, headers: &HeaderMap) -> Result<(), Answer> {
    let authorization = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let signed = match (query.get("X-Amz-SignedHeaders"), authorization) {
        (Some(signed), _) => signed,
        (None, Some(authorization)) => {
            if authorization.starts_with("AWS ") {
                return Err(signature_v2());
            }
            let mut fields = authorization.split([',', ' ']).map(str::trim);
            fields
                .find_map(|field| field.strip_prefix("SignedHeaders="))
                .unwrap_or_default()
        }
        // Not signed at all: refused by s3s.
        (None, None) => return Ok(()),
    };
    let presigned = query.get("X-Amz-SignedHeaders").is_some();
    let unsigned: Vec<&str> = headers
        .keys()
        .map(http::HeaderName::as_str)
        .filter(|name| name.starts_with("x-amz-"))
        // What a presigned request says of its payload is checked against the payload itself.
        .filter(|name| !(presigned && *name == "x-amz-content-sha256"))
        .filter(|name| !signed.split(';').any(|s| s.eq_ignore_ascii_case(name)))
        .collect();
    if unsigned.is_empty() {
        Ok(())
    } else {
        Err(Answer::headers_not_signed(unsigned.join(", ")))
    }
}

fn check_owner(headers: &HeaderMap) -> Result<(), Answer> {
    match headers.get("x-amz-expected-bucket-owner") {
        Some(owner) if owner.as_bytes() != ROOT_ACCOUNT.as_bytes() => {
            Err(Answer::access_denied("Access Denied"))
        }
        _ => Ok(()),
    }
}
