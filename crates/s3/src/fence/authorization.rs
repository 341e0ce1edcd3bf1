//! The signature of a request, as far as it can be checked without the secret.
//!
//! s3s is lenient: it ignores unknown parts, accepts names in any case and skips headers that were not sent.
//! If two parsers read a signature differently, an attacker can have one request signed and another one executed. So
//! only the form of the specification passes, and s3s gets a header that is rebuilt from the values that were read
//! (<https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-auth-using-authorization-header.html>).

use crate::response::error::{ErrorResponse, message_of};
use crate::response::reply::ReplyContext;
use http::header::AUTHORIZATION;
use http::{HeaderValue, Request};
use s3s::Body;
use strongroom_sigv4::date::MAX_SKEW;
use strongroom_sigv4::error::{Location, SignatureError};
use strongroom_sigv4::head::Head;
use strongroom_sigv4::query::Query;
use strongroom_sigv4::scope::{Credential, Expected, ScopeError};
use strongroom_sigv4::signature::Signature;
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

#[cfg(test)]
mod tests;

/// Service in the scope of a credential.
const SERVICE: &str = "s3";
/// Form of times in error documents.
const SHOWN: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");

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
    let expected = Expected {
        regions: &[region],
        services: &[SERVICE],
    };
    let Some(signature) = Signature::read(Head::from(&*request), query, expected).map_err(refuse)? else {
        // An unsigned request: policies decide.
        return Ok(None);
    };
    if !signature.presigned {
        let rebuilt = HeaderValue::try_from(signature.to_header());
        let rebuilt = rebuilt.map_err(|_| ErrorResponse::malformed_authorization("it is not text"))?;
        request.headers_mut().insert(AUTHORIZATION, rebuilt);
    }
    reply.set_signature(signature.access_key(), &signature.value);
    signature.check_headers(Head::from(&*request)).map_err(refuse)?;
    Ok(Some(signature))
}

/// Returns the response to a signature of version 2.
pub(crate) fn signature_v2() -> ErrorResponse {
    ErrorResponse::invalid_request(SignatureError::VersionTwo.to_string()).with(
        "Hint",
        "The request was signed with signature version 2. Configure the client for version 4, for example \
         signature_version = s3v4.",
    )
}

/// Refuses the credential of a form that is for another region or service.
///
/// # Errors
/// The error response.
pub(crate) fn check_scope<'a>(region: &str, credential: &'a str) -> Result<Credential<'a>, ErrorResponse> {
    let expected = Expected {
        regions: &[region],
        services: &[SERVICE],
    };
    let parsed =
        Credential::parse(credential).and_then(|credential| credential.check(expected).map(|()| credential));
    parsed.map_err(|error| refuse(SignatureError::Scope(Location::Header, error)))
}

/// Returns the response to a signature that is refused.
pub(crate) fn refuse(error: SignatureError) -> ErrorResponse {
    let text = error.to_string();
    let malformed = |location| match location {
        Location::Header => ErrorResponse::malformed_authorization,
        Location::Query => ErrorResponse::malformed_query,
    };
    match error {
        SignatureError::VersionTwo => signature_v2(),
        SignatureError::Malformed(location, text) => malformed(location)(&text),
        SignatureError::Scope(location, ScopeError::Region { expected, .. }) => {
            malformed(location)(&text).with("Region", expected)
        }
        SignatureError::Scope(location, _) => malformed(location)(&text),
        SignatureError::HeadersNotSigned(names) => ErrorResponse::headers_not_signed(names),
        SignatureError::HeaderNotSent(_) => mismatch().with("Hint", text),
        SignatureError::NoDate => ErrorResponse::access_denied(text),
        SignatureError::Skewed { date, now } => {
            let code = "RequestTimeTooSkewed";
            let skew = MAX_SKEW.whole_milliseconds().to_string();
            ErrorResponse::coded(403, code, message_of(code))
                .with("RequestTime", date)
                .with("ServerTime", shown(now))
                .with("MaxAllowedSkewMilliseconds", skew)
        }
        SignatureError::Expired { seconds, at, now } => ErrorResponse::access_denied(text)
            .with("X-Amz-Expires", seconds)
            .with("Expires", shown(at))
            .with("ServerTime", shown(now)),
        SignatureError::Mismatch => mismatch(),
        SignatureError::Token => ErrorResponse::invalid_token(),
        // Two places, a repeated header, no text, and whatever the crate adds.
        _ => ErrorResponse::invalid_argument(text),
    }
}

fn mismatch() -> ErrorResponse {
    let code = "SignatureDoesNotMatch";
    ErrorResponse::coded(403, code, message_of(code))
}

/// Returns the text of a time in error documents. Writing to memory does not fail.
fn shown(time: OffsetDateTime) -> String {
    time.format(SHOWN).unwrap_or_default()
}
