//! Headers that are sent as query parameters: SDKs move headers into the query when they presign a URL.
//!
//! A parameter whose name is that of an `x-amz-` header, in any case, is that header (the AWS SDK for Go writes
//! `X-Amz-Meta-A`, that for JavaScript `x-amz-meta-a`). The fence refuses those that must not be sent this way.

use crate::response::checksum::PREFIX as CHECKSUM;
use crate::response::error::ErrorResponse;
use http::{HeaderMap, HeaderName, HeaderValue};
use strongroom_sigv4::query::Query;
use strongroom_sigv4::signature::{is_exact, is_presigned};

#[cfg(test)]
mod tests;

/// Header that says what a signature covers of the body.
const PAYLOAD_HASH: &str = "x-amz-content-sha256";

/// Returns the lower-case name of the header that a query parameter is. `None`: it is another parameter.
pub(crate) fn header_name(parameter: &str) -> Option<String> {
    let name = parameter.to_ascii_lowercase();
    (name.starts_with("x-amz-") && !is_exact(parameter)).then_some(name)
}

/// Returns whether a header says nothing in the query of a presigned URL. The payload hash is that of the URL, whose
/// signature covers no body. SDKs compute the checksum when they presign, so it is that of an empty body.
fn is_idle(header: &str, presigned: bool) -> bool {
    let is_setting = ["algorithm", "mode", "type"]
        .iter()
        .any(|setting| header.strip_prefix(CHECKSUM) == Some(setting));
    let is_checksum =
        header == "x-amz-sdk-checksum-algorithm" || (header.starts_with(CHECKSUM) && !is_setting);
    presigned && (header == PAYLOAD_HASH || is_checksum)
}

/// Adds the headers in the query to the headers. A header may be sent both ways if its value is the same.
///
/// # Errors
/// `InvalidArgument` for a value that no header can have; `InvalidRequest` for two values.
pub(crate) fn add_to(headers: &mut HeaderMap, query: &Query) -> Result<(), ErrorResponse> {
    let presigned = is_presigned(query);
    let mut added = Vec::new();
    for (parameter, value) in query.pairs() {
        let Some(name) = header_name(parameter).filter(|name| !is_idle(name, presigned)) else {
            continue;
        };
        let pair = (
            HeaderName::try_from(&name),
            HeaderValue::from_bytes(value.as_bytes()),
        );
        let (Ok(name), Ok(value)) = pair else {
            return Err(ErrorResponse::invalid_argument(format!(
                "The query parameter {parameter:?} is not a valid header."
            )));
        };
        let differs = headers.get(&name).is_some_and(|header| *header != value);
        if differs || added.contains(&name) {
            return Err(ErrorResponse::invalid_request(format!(
                "{name} was sent more than once."
            )));
        }
        added.push(name.clone());
        headers.insert(name, value);
    }
    Ok(())
}
