//! Denials of permission as error responses.

use crate::response::error::ErrorResponse;
use strongroom_access::policy::arn;
use strongroom_engine::Error;
use strongroom_engine::model::judged::JudgedObject;
use strongroom_permission::{AccessRequest, Caller, Decision, Subject};

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

/// Fails unless the caller may perform an action. Returns the object that the permission depends on, if it does.
///
/// # Errors
/// `AccessDenied`; those of [`may`].
pub(crate) async fn expect(
    caller: &Caller,
    access: &AccessRequest<'_>,
) -> Result<Option<JudgedObject>, ErrorResponse> {
    let decision = caller.decide(access).await?;
    if decision.allowed {
        return Ok(access.key.zip(decision.judged).map(|(key, by)| JudgedObject {
            bucket: access.bucket.to_owned(),
            key: key.to_owned(),
            version: access.version,
            by,
        }));
    }
    Err(refused(
        caller,
        &decision,
        access.action,
        &arn(access.bucket, access.key),
    ))
}

/// Fails unless the caller may perform an action on the service, or on a bucket that is to be created.
///
/// # Errors
/// `AccessDenied`.
pub(crate) fn expect_without_bucket(
    caller: &Caller,
    action: &str,
    resource: &str,
) -> Result<(), ErrorResponse> {
    let decision = caller.decide_without_bucket(action, resource);
    if decision.allowed {
        return Ok(());
    }
    Err(refused(caller, &decision, action, resource))
}

/// Returns the response to a denial. A user or a session learns why; anybody else that access is denied.
fn refused(caller: &Caller, decision: &Decision, action: &str, resource: &str) -> ErrorResponse {
    match decision.message(caller.identity(), action, resource) {
        Some(message) => ErrorResponse::access_denied(message),
        None => denied(),
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
        subject: Subject::Existing,
    };
    if is_missing && !may(caller, &list).await? {
        return Ok(denied());
    }
    Ok(ErrorResponse::of(error))
}
