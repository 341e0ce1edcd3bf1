//! Errors of forms.

use crate::response::error::ErrorResponse;

pub(super) fn missing(field: &str) -> ErrorResponse {
    ErrorResponse::invalid_argument(format!(
        "Bucket POST must contain a field named '{field}'.  If it is specified, please check the order of the fields."
    ))
    .with("ArgumentName", field)
}

/// Returns the error response to a form that cannot be parsed.
pub(super) fn malformed() -> ErrorResponse {
    ErrorResponse::coded(
        400,
        "MalformedPOSTRequest",
        "The body of your POST request is not well-formed multipart/form-data.",
    )
}
