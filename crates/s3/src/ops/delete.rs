//! DELETE of objects.

use crate::ops::put::etag_condition;
use crate::permission::caller::expect;
use crate::request::context::Permitted;
use crate::request::target::version_name;
use crate::response::error::{ErrorResponse, OperationResult};
use crate::response::time::micros;
use s3s::dto::{
    DeleteObjectInput, DeleteObjectOutput, DeleteObjectsInput, DeleteObjectsOutput, DeletedObject, Error,
    ObjectIdentifier, Timestamp,
};
use s3s::{S3Request, S3Response};
use strongroom_engine::VersionName;
use strongroom_engine::model::condition::{DeleteConditions, EtagCondition};
use strongroom_engine::object::delete::{DeleteObject, Deleted};
use strongroom_permission::{AccessRequest, Caller, Subject};

/// Maximum number of objects in one request.
const MAX_OBJECTS: usize = 1000;

pub(super) async fn delete_object(
    cx: &Permitted,
    request: S3Request<DeleteObjectInput>,
) -> OperationResult<DeleteObjectOutput> {
    let input = request.input;
    let delete = DeleteObject {
        key: input.key,
        version: version_name(input.version_id.as_deref())?,
        conditions: DeleteConditions {
            if_match: input.if_match.map(etag_condition),
            modified: input.if_match_last_modified_time.as_ref().and_then(seconds),
            length: input.if_match_size.and_then(|size| u64::try_from(size).ok()),
        },
        bypass_governance: input.bypass_governance_retention == Some(true),
    };
    let deleted = cx.engine().delete_object(&input.bucket, &delete).await?;
    Ok(S3Response::new(DeleteObjectOutput {
        delete_marker: deleted.is_marker.then_some(true),
        version_id: deleted.version.map(|version| version.to_string()),
        request_charged: None,
    }))
}

pub(super) async fn delete_objects(
    cx: &Permitted,
    request: S3Request<DeleteObjectsInput>,
) -> OperationResult<DeleteObjectsOutput> {
    let caller = cx.caller();
    let input = request.input;
    let objects = input.delete.objects;
    if objects.is_empty() || objects.len() > MAX_OBJECTS {
        return Err(ErrorResponse::malformed_xml());
    }
    let quiet = input.delete.quiet == Some(true);
    let bypass = input.bypass_governance_retention == Some(true);
    let (mut deleted, mut errors) = (Vec::new(), Vec::new());
    let (mut permitted, mut requests) = (Vec::new(), Vec::new());
    for object in objects {
        match delete_of(caller, &input.bucket, &object, bypass).await {
            Ok(delete) => {
                permitted.push(object);
                requests.push(delete);
            }
            Err(response) => {
                cx.record
                    .add_object(&object.key, version_of(&object), Some(response.code));
                errors.push(error(object, response));
            }
        }
    }
    let _turn = cx.turns.take(&input.bucket, cx.is_signed()).await;
    let outcomes = cx.engine().delete_objects(&input.bucket, &requests).await?;
    for (object, outcome) in permitted.into_iter().zip(outcomes) {
        let outcome = outcome.map_err(|failed| ErrorResponse::of(&failed));
        let code = outcome.as_ref().err().map(|response| response.code);
        cx.record.add_object(&object.key, version_of(&object), code);
        match outcome {
            Ok(_) if quiet => {}
            Ok(outcome) => deleted.push(document(object, outcome)),
            Err(response) => errors.push(error(object, response)),
        }
    }
    Ok(S3Response::new(DeleteObjectsOutput {
        deleted: (!deleted.is_empty()).then_some(deleted),
        errors: (!errors.is_empty()).then_some(errors),
        ..DeleteObjectsOutput::default()
    }))
}

async fn delete_of(
    caller: &Caller,
    bucket: &str,
    object: &ObjectIdentifier,
    bypass_governance: bool,
) -> Result<DeleteObject, ErrorResponse> {
    if object.key.is_empty() {
        return Err(ErrorResponse::coded(
            400,
            "UserKeyMustBeSpecified",
            "The key of an object must not be empty.",
        ));
    }
    let version = version_name(object.version_id.as_deref())?;
    let action = if version.is_some() {
        "s3:DeleteObjectVersion"
    } else {
        "s3:DeleteObject"
    };
    let bypasses = bypass_governance.then_some("s3:BypassGovernanceRetention");
    for action in [Some(action), bypasses].into_iter().flatten() {
        let access = AccessRequest {
            action,
            bucket,
            key: Some(&object.key),
            version,
            subject: Subject::Existing,
        };
        expect(caller, &access).await?;
    }
    Ok(DeleteObject {
        key: object.key.clone(),
        version,
        conditions: DeleteConditions {
            if_match: object.e_tag.clone().map(|etag| match etag.into_value() {
                any if any == "*" => EtagCondition::Any,
                etag => EtagCondition::OneOf(vec![etag]),
            }),
            modified: object.last_modified_time.as_ref().and_then(seconds),
            length: object.size.and_then(|size| u64::try_from(size).ok()),
        },
        bypass_governance,
    })
}

/// Returns the version that a request names, if it is the name of one.
fn version_of(object: &ObjectIdentifier) -> Option<VersionName> {
    object.version_id.as_deref().and_then(VersionName::read)
}

/// Describes a deleted object as AWS does: a delete marker that was created is not the version that was requested.
fn document(object: ObjectIdentifier, deleted: Deleted) -> DeletedObject {
    let version = deleted.version.map(|version| version.to_string());
    DeletedObject {
        delete_marker: deleted.is_marker.then_some(true),
        delete_marker_version_id: version.filter(|_| deleted.is_marker),
        key: Some(object.key),
        version_id: object.version_id,
    }
}

fn error(object: ObjectIdentifier, response: ErrorResponse) -> Error {
    Error {
        code: Some(response.code.to_owned()),
        key: Some(object.key),
        message: Some(response.message.into_owned()),
        version_id: object.version_id,
    }
}

fn seconds(time: &Timestamp) -> Option<i64> {
    i64::try_from(micros(time)? / 1_000_000).ok()
}
