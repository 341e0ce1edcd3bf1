//! Denials of permission as error responses.

use crate::response::error::ErrorResponse;
use strongroom_engine::Error;
use strongroom_permission::{AccessRequest, Caller, Identity};

/// Returns the response to a request that its caller may not make.
pub(crate) fn denied() -> ErrorResponse {
    ErrorResponse::access_denied("Access Denied")
}

/// Returns whether the caller may perform an action.
///
/// # Errors
/// The response if the bucket does not exist, or the store fails.
pub(crate) async fn may(caller: &Caller, access: &AccessRequest<'_>) -> Result<bool, ErrorResponse> {
    let decision = caller.decide(access).await;
    Ok(decision?.allowed)
}

/// Fails unless the caller may perform an action.
///
/// # Errors
/// `AccessDenied`; those of [`may`].
pub(crate) async fn expect(caller: &Caller, access: &AccessRequest<'_>) -> Result<(), ErrorResponse> {
    if may(caller, access).await? {
        Ok(())
    } else {
        Err(denied())
    }
}

/// Returns the response to an error of reading an object: a caller that may not list the bucket must not learn that an
/// object does not exist.
///
/// # Errors
/// The response if the store fails.
pub(crate) async fn hide_missing(
    caller: &Caller,
    bucket: &str,
    error: &Error,
) -> Result<ErrorResponse, ErrorResponse> {
    let is_missing = matches!(
        error,
        Error::NoSuchKey(_) | Error::NoSuchVersion(..) | Error::Deleted(..)
    );
    let list = AccessRequest {
        action: "s3:ListBucket",
        bucket,
        key: None,
        version: None,
    };
    if is_missing && caller.identity() != Identity::Owner && !may(caller, &list).await? {
        return Ok(denied());
    }
    Ok(ErrorResponse::of(error))
}
