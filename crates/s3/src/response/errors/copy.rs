//! Errors of copies.

use crate::response::error::ErrorResponse;
use strongroom_engine::Error;

/// Returns the response to an error of a copy.
pub(super) fn response(error: &Error) -> ErrorResponse {
    match error {
        Error::CopyOntoItself => ErrorResponse::invalid_request(
            "This copy request is illegal because it is trying to copy an object to itself without changing the \
                 object's metadata, storage class, website redirect location or encryption attributes.",
        ),
        Error::CopySourceTooLarge(_) => ErrorResponse::invalid_request(
            "The specified copy source is larger than the maximum allowable size for a copy source: 5368709120",
        ),
        Error::CopyRange(length) => ErrorResponse::invalid_argument(format!(
            "Range specified is not valid for source object of size: {length}"
        ))
        .with("ArgumentName", "x-amz-copy-source-range"),
        Error::SourceIsDeleteMarker => ErrorResponse::invalid_request(
            "The source of a copy request may not specifically refer to a delete marker by version id.",
        ),
        _ => ErrorResponse::internal(),
    }
}
