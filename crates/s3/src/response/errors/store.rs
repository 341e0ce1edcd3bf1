//! Errors of the store.

use crate::response::error::ErrorResponse;
use strongroom_store::StoreError;

/// Returns the response to an error of the store.
///
/// SDKs repeat a request after 503, and not after 507: an upload that finds no room would be sent in vain.
pub(super) fn response(error: &StoreError) -> ErrorResponse {
    match error {
        StoreError::Full(_) => ErrorResponse::new(
            507,
            "InsufficientStorage",
            "There is no room for more content. Delete objects, or ask the operator for more room.",
        )
        .retry_after("60"),
        StoreError::TakesNoWrites(_) => {
            ErrorResponse::unavailable("The server takes no writes now. Please try again.")
        }
        StoreError::TooManyFiles => {
            tracing::warn!(%error, "the request was refused");
            ErrorResponse::new(503, "SlowDown", "Please reduce your request rate.").retry_after("1")
        }
        other => {
            tracing::error!(error = %other, "the request failed");
            ErrorResponse::internal()
        }
    }
}
