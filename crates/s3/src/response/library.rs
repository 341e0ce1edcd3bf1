//! Errors of s3s: none of its texts reaches a client. Each that can occur has the code and the message of AWS here, or,
//! where no source for them was found, a message of our own; any other one is logged.

use crate::response::error::{ErrorResponse, message_of};
use quick_xml::escape::unescape;

#[cfg(test)]
mod tests;

/// Codes of s3s whose message needs no detail.
const PLAIN: [&str; 14] = [
    "AccessDenied",
    "IncompleteBody",
    "InternalError",
    "InvalidAccessKeyId",
    "InvalidBucketName",
    "InvalidURI",
    "KeyTooLongError",
    "MalformedXML",
    "MethodNotAllowed",
    "MissingContentLength",
    "MissingRequestBodyError",
    "NotImplemented",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
];
/// Query parameters that are numbers.
const NUMBERS: [&str; 6] = [
    "max-buckets",
    "max-keys",
    "max-parts",
    "max-uploads",
    "part-number-marker",
    "max-directory-buckets",
];

/// Returns the response to a request that s3s refused with this status, code and message, both as in its document.
pub(super) fn response(status: u16, code: &str, message: &str) -> ErrorResponse {
    let text = unescape(message).unwrap_or_default();
    if let Some(code) = PLAIN.into_iter().find(|plain| *plain == code) {
        return ErrorResponse::coded(status, code, message_of(code));
    }
    if let Some(error) = of_parameter(&text) {
        return error;
    }
    tracing::warn!(code, message = %text, "the protocol library refused a request with a text of its own");
    ErrorResponse::invalid_request(message_of(""))
}

/// Returns the response to a header or a query parameter that s3s misses or cannot read. `None`: the message says
/// something else.
fn of_parameter(text: &str) -> Option<ErrorResponse> {
    let (what, rest) = text.split_once(": ")?;
    let (name, value) = rest.split_once(": ").unwrap_or((rest, ""));
    let value = value.trim_matches('"');
    let error = match (what, name) {
        ("missing header" | "invalid header", "x-amz-copy-source") => ErrorResponse::invalid_argument(
            "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
        ),
        ("missing header", "x-amz-object-attributes") => {
            return Some(ErrorResponse::invalid_request(
                "The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or empty",
            ));
        }
        ("missing header", name) => {
            return Some(ErrorResponse::invalid_request(format!(
                "Missing required header for this request: {name}"
            )));
        }
        ("invalid header", "x-amz-object-lock-retain-until-date") => {
            ErrorResponse::invalid_argument("The retain until date must be provided in ISO 8601 format")
        }
        ("invalid header", name) => {
            ErrorResponse::invalid_argument(format!("The value of the header {name} is invalid."))
        }
        ("invalid query", "partNumber") => {
            ErrorResponse::invalid_argument("Part number must be an integer between 1 and 10000, inclusive")
        }
        ("invalid query", name) if NUMBERS.contains(&name) => {
            ErrorResponse::invalid_argument(format!("Provided {name} not an integer or within integer range"))
        }
        ("invalid query", name) => {
            ErrorResponse::invalid_argument(format!("The value of the query parameter {name} is invalid."))
        }
        ("missing query", name) => {
            return Some(ErrorResponse::invalid_request(format!(
                "This request needs the query parameter {name}."
            )));
        }
        ("duplicate query" | "duplicate header", name) => {
            return Some(ErrorResponse::invalid_argument(format!(
                "{name} was sent more than once."
            )));
        }
        _ => return None,
    };
    Some(error.with("ArgumentName", name).with("ArgumentValue", value))
}
