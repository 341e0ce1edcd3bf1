//! The signature of a request, read in one strict form.
//!
//! s3s is lenient: it ignores unknown parts, accepts names in any case and skips headers that were not sent.
//! If two parsers read a signature differently, an attacker can have one request signed and another one executed. So
//! only the form of the specification passes, and s3s gets a header that is rebuilt from the values read here
//! (<https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-auth-using-authorization-header.html>).

use crate::request::hoisted::{self, SIGNATURE as PRESIGNED};
use crate::request::query::Query;
use crate::request::session_token::SECURITY_TOKEN;
use crate::request::signature::Signature;
use crate::response::error::ErrorResponse;
use crate::response::reply::ReplyContext;
use http::header::{AUTHORIZATION, HOST};
use http::{HeaderMap, HeaderValue, Request, Version};
use s3s::Body;

#[cfg(test)]
mod tests;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// Maximum lifetime of a presigned URL: a week, in seconds.
const MAX_EXPIRES: i64 = 604_800;

/// Refuses a request whose signature is not in the strict form, is for another region or service, or does not cover
/// the host and every `x-amz-` header. s3s checks the signature itself. `None`: the request is not signed. `reply` gets
/// what errors repeat of it.
///
/// # Errors
/// The error response.
pub(crate) fn check(
    region: &str,
    query: &Query,
    request: &mut Request<Body>,
    reply: &ReplyContext,
) -> Result<Option<Signature>, ErrorResponse> {
    if query.has("Signature") || query.has("AWSAccessKeyId") {
        return Err(signature_v2());
    }
    let presigned = hoisted::is_presigned(query);
    let header = request.headers().get(AUTHORIZATION).cloned();
    let signature = match (presigned, header) {
        (true, Some(_)) => {
            return Err(ErrorResponse::invalid_argument(
                "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string \
                 parameter or the Authorization header should be specified",
            ));
        }
        (true, None) => of_query(region, query)?,
        (false, Some(header)) => {
            let (signature, rewritten) = of_header(region, &header)?;
            request.headers_mut().insert(AUTHORIZATION, rewritten);
            signature
        }
        (false, None) if request.headers().contains_key(SECURITY_TOKEN) => {
            return Err(ErrorResponse::invalid_token());
        }
        // An unsigned request: policies decide.
        (false, None) => return Ok(None),
    };
    reply.set_signature(signature.access_key(), &signature.value);
    check_signed(&signature, request)?;
    Ok(Some(signature))
}

/// Returns the response to a signature of version 2.
pub(crate) fn signature_v2() -> ErrorResponse {
    ErrorResponse::invalid_request(
        "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
    )
    .with(
        "Hint",
        "The request was signed with signature version 2. Configure the client for version 4, for example \
         signature_version = s3v4.",
    )
}

/// Returns the signature, and the rebuilt `Authorization` header.
fn of_header(region: &str, header: &HeaderValue) -> Result<(Signature, HeaderValue), ErrorResponse> {
    let malformed =
        || ErrorResponse::malformed_authorization("it does not have the form of AWS4-HMAC-SHA256");
    let text = header.to_str().map_err(|_| malformed())?;
    if text.starts_with("AWS ") {
        return Err(signature_v2());
    }
    let fields = text
        .strip_prefix(ALGORITHM)
        .and_then(|rest| rest.strip_prefix(' '))
        .ok_or_else(malformed)?;
    let fields: Vec<&str> = fields
        .split(',')
        .map(|field| field.trim_start_matches(' '))
        .collect();
    let [credential, signed, signature] = fields[..] else {
        return Err(malformed());
    };
    let credential = credential.strip_prefix("Credential=").ok_or_else(malformed)?;
    let signed = signed.strip_prefix("SignedHeaders=").ok_or_else(malformed)?;
    let signature = signature
        .strip_prefix("Signature=")
        .filter(|s| is_signature(s))
        .ok_or_else(malformed)?;
    check_scope(region, credential, ErrorResponse::malformed_authorization)?;
    let headers = names(signed).ok_or_else(malformed)?;
    let rewritten =
        format!("{ALGORITHM} Credential={credential}, SignedHeaders={signed}, Signature={signature}");
    let rewritten = HeaderValue::try_from(rewritten).map_err(|_| malformed())?;
    let signature = Signature {
        credential: credential.to_owned(),
        headers,
        value: signature.to_owned(),
        presigned: false,
    };
    Ok((signature, rewritten))
}

/// Returns the signature of a presigned URL.
fn of_query(region: &str, query: &Query) -> Result<Signature, ErrorResponse> {
    let malformed = ErrorResponse::malformed_query;
    for name in PRESIGNED {
        // Exactly once, and not percent-encoded: only one of two readers would recognize `X%2DAmz-…`.
        let times = query.0.iter().filter(|(n, _)| n == name).count();
        if times != 1 || !query.is_literal(name) {
            return Err(malformed(
                "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, \
                 X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.",
            ));
        }
    }
    let value = |name: &str| query.get(name).unwrap_or_default();
    if let Some((name, _)) = query
        .0
        .iter()
        .find(|(n, _)| hoisted::is_of_signature(n) && !PRESIGNED.contains(&n.as_str()))
    {
        return Err(malformed(&format!(
            "{name} must be spelt as in the specification of query-string authentication."
        )));
    }
    if value("X-Amz-Algorithm") != ALGORITHM {
        return Err(malformed("X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\""));
    }
    if !is_signature(value("X-Amz-Signature")) {
        return Err(malformed(
            "X-Amz-Signature must be 64 lower-case hexadecimal digits",
        ));
    }
    check_scope(region, value("X-Amz-Credential"), malformed)?;
    match value("X-Amz-Expires").parse::<i64>() {
        Ok(0..=MAX_EXPIRES) => {}
        Ok(..0) => return Err(malformed("X-Amz-Expires must be non-negative")),
        Ok(_) => {
            return Err(malformed(
                "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than \
                 604800 seconds",
            ));
        }
        Err(_) => return Err(malformed("X-Amz-Expires should be a number")),
    }
    let signed = value("X-Amz-SignedHeaders");
    if signed.is_empty() {
        return Err(ErrorResponse::headers_not_signed(HOST.as_str().to_owned()));
    }
    let names = names(signed).ok_or_else(|| malformed("X-Amz-SignedHeaders is malformed"))?;
    Ok(Signature {
        credential: value("X-Amz-Credential").to_owned(),
        headers: names,
        value: value("X-Amz-Signature").to_owned(),
        presigned: true,
    })
}

/// Refuses a credential scope of another region or service.
pub(crate) fn check_scope(
    region: &str,
    credential: &str,
    refuse: impl Fn(&str) -> ErrorResponse,
) -> Result<(), ErrorResponse> {
    let [id, date, signed_for, service, "aws4_request"] = credential.split('/').collect::<Vec<_>>()[..]
    else {
        return Err(refuse(
            "the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".",
        ));
    };
    if id.is_empty() || date.len() != 8 || !date.bytes().all(|b| b.is_ascii_digit()) {
        return Err(refuse(
            "the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".",
        ));
    }
    if signed_for != region {
        let text = format!("the region '{signed_for}' is wrong; expecting '{region}'");
        return Err(refuse(&text).with("Region", region));
    }
    if service != "s3" {
        return Err(refuse(&format!(
            "incorrect service \"{service}\". This endpoint belongs to \"s3\"."
        )));
    }
    Ok(())
}

fn is_signature(text: &str) -> bool {
    text.len() == 64
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// Parses the names of the signed headers: lower-case, no duplicates.
fn names(text: &str) -> Option<Vec<String>> {
    let names: Vec<String> = text.split(';').map(str::to_owned).collect();
    let plain = |name: &String| {
        !name.is_empty()
            && name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b))
    };
    let once = names
        .iter()
        .enumerate()
        .all(|(at, name)| !names[..at].contains(name));
    (names.iter().all(plain) && once).then_some(names)
}

fn check_signed(signature: &Signature, request: &Request<Body>) -> Result<(), ErrorResponse> {
    let (headers, signed) = (request.headers(), &signature.headers);
    let is_signed = |name: &str| signed.iter().any(|s| s == name);
    let in_authority = request.version() >= Version::HTTP_2 && request.uri().authority().is_some();
    if !is_signed(HOST.as_str()) {
        return Err(ErrorResponse::headers_not_signed("host".to_owned()));
    }
    if let Some(missing) = signed
        .iter()
        .find(|name| !(headers.contains_key(*name) || (*name == "host" && in_authority)))
    {
        return Err(ErrorResponse::coded(
            403,
            "SignatureDoesNotMatch",
            crate::response::error::message_of("SignatureDoesNotMatch"),
        )
        .with(
            "Hint",
            format!("The header {missing} is signed but was not sent."),
        ));
    }
    if let Some(name) = no_text(headers) {
        return Err(ErrorResponse::invalid_argument(format!(
            "The header {name} must be UTF-8 text."
        )));
    }
    let unsigned: Vec<&str> = headers
        .keys()
        .map(http::HeaderName::as_str)
        .filter(|name| name.starts_with("x-amz-") && !is_signed(name))
        // The payload hash of a presigned request is checked against the payload itself.
        .filter(|name| !(signature.presigned && *name == "x-amz-content-sha256"))
        .collect();
    if unsigned.is_empty() {
        Ok(())
    } else {
        Err(ErrorResponse::headers_not_signed(unsigned.join(", ")))
    }
}

/// Returns the name of an `x-amz-` header that is not text: it could not have been signed.
fn no_text(headers: &HeaderMap) -> Option<&str> {
    let amz = headers
        .iter()
        .filter(|(name, _)| name.as_str().starts_with("x-amz-"));
    amz.into_iter()
        .find(|(_, value)| std::str::from_utf8(value.as_bytes()).is_err())
        .map(|(name, _)| name.as_str())
}
