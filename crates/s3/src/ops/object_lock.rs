//! Locks of objects: retention and legal holds.

use crate::request::context::Permitted;
use crate::request::target::version_name;
use crate::response::error::{ErrorResponse, OperationResult};
use crate::response::time::{micros, timestamp};
use s3s::dto::{
    GetObjectLegalHoldInput, GetObjectLegalHoldOutput, GetObjectRetentionInput, GetObjectRetentionOutput,
    ObjectLockLegalHold, ObjectLockLegalHoldStatus, ObjectLockRetention, ObjectLockRetentionMode,
    PutObjectLegalHoldInput, PutObjectLegalHoldOutput, PutObjectRetentionInput, PutObjectRetentionOutput,
};
use s3s::{S3Request, S3Response};
use strongroom_engine::lock::Retention;
use strongroom_engine::settings::RetentionMode;

/// Returns the response for a lock that was never set.
fn none() -> ErrorResponse {
    ErrorResponse::coded(
        404,
        "NoSuchObjectLockConfiguration",
        "The specified object does not have a ObjectLock configuration",
    )
}

pub(super) async fn get_object_retention(
    cx: &Permitted,
    request: S3Request<GetObjectRetentionInput>,
) -> OperationResult<GetObjectRetentionOutput> {
    let input = request.input;
    let version = version_name(input.version_id.as_deref())?;
    let lock = cx
        .engine()
        .object_lock(&input.bucket, &input.key, version)
        .await
        .map_err(|error| ErrorResponse::of(&error))?;
    let retention = lock.retention.ok_or_else(none)?;
    Ok(S3Response::new(GetObjectRetentionOutput {
        retention: Some(ObjectLockRetention {
            mode: Some(ObjectLockRetentionMode::from_static(retention.mode.name())),
            retain_until_date: Some(timestamp(retention.until)),
        }),
    }))
}

pub(super) async fn put_object_retention(
    cx: &Permitted,
    request: S3Request<PutObjectRetentionInput>,
) -> OperationResult<PutObjectRetentionOutput> {
    cx.document("Retention")?.knows(&["Mode", "RetainUntilDate"])?;
    let input = request.input;
    let version = version_name(input.version_id.as_deref())?;
    // An empty document removes the retention, if the caller may do that.
    let requested = input.retention.unwrap_or_default();
    let retention = match (requested.mode, requested.retain_until_date) {
        (None, None) => None,
        (Some(mode), Some(until)) => Some(Retention {
            mode: RetentionMode::named(mode.as_str()).ok_or_else(ErrorResponse::malformed_xml)?,
            until: micros(&until)
                .ok_or_else(|| ErrorResponse::of(&strongroom_engine::Error::RetentionInPast))?,
        }),
        _ => return Err(ErrorResponse::malformed_xml()),
    };
    cx.engine()
        .retain_object(
            &input.bucket,
            &input.key,
            version,
            retention,
            input.bypass_governance_retention == Some(true),
        )
        .await
        .map_err(|error| ErrorResponse::of(&error))?;
    Ok(S3Response::new(PutObjectRetentionOutput::default()))
}

pub(super) async fn get_object_legal_hold(
    cx: &Permitted,
    request: S3Request<GetObjectLegalHoldInput>,
) -> OperationResult<GetObjectLegalHoldOutput> {
    let input = request.input;
    let version = version_name(input.version_id.as_deref())?;
    let lock = cx
        .engine()
        .object_lock(&input.bucket, &input.key, version)
        .await
        .map_err(|error| ErrorResponse::of(&error))?;
    let held = lock.legal_hold.ok_or_else(none)?;
    Ok(S3Response::new(GetObjectLegalHoldOutput {
        legal_hold: Some(ObjectLockLegalHold {
            status: Some(legal_hold(held)),
        }),
    }))
}

pub(super) async fn put_object_legal_hold(
    cx: &Permitted,
    request: S3Request<PutObjectLegalHoldInput>,
) -> OperationResult<PutObjectLegalHoldOutput> {
    cx.document("LegalHold")?.knows(&["Status"])?;
    let input = request.input;
    let version = version_name(input.version_id.as_deref())?;
    let status = input.legal_hold.and_then(|hold| hold.status);
    let held = match status.as_ref().map(ObjectLockLegalHoldStatus::as_str) {
        Some(ObjectLockLegalHoldStatus::ON) => true,
        Some(ObjectLockLegalHoldStatus::OFF) => false,
        _ => return Err(ErrorResponse::malformed_xml()),
    };
    cx.engine()
        .hold_object(&input.bucket, &input.key, version, held)
        .await
        .map_err(|error| ErrorResponse::of(&error))?;
    Ok(S3Response::new(PutObjectLegalHoldOutput::default()))
}

/// Returns a legal hold as S3 names it.
pub(super) fn legal_hold(held: bool) -> ObjectLockLegalHoldStatus {
    ObjectLockLegalHoldStatus::from_static(if held {
        ObjectLockLegalHoldStatus::ON
    } else {
        ObjectLockLegalHoldStatus::OFF
    })
}
