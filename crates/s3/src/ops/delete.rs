//! DELETE of objects.

use super::{Operations, check_version};
use crate::errors::Answer;
use s3s::dto::{
    DeleteObjectInput, DeleteObjectOutput, DeleteObjectsInput, DeleteObjectsOutput, DeletedObject, Error,
    ObjectIdentifier,
};
use s3s::{S3Request, S3Response};

/// The most objects of one request.
const MOST_OBJECTS: usize = 1000;

pub(super) async fn delete_object(
    operations: &Operations,
    request: S3Request<DeleteObjectInput>,
) -> Result<S3Response<DeleteObjectOutput>, Answer> {
    let input = request.input;
    check_version(input.version_id.as_deref())?;
    if input.if_match.is_some()
        || input.if_match_last_modified_time.is_some()
        || input.if_match_size.is_some()
    {
        return Err(conditional());
    }
    operations
        .engine
        .delete_object(&input.bucket, &input.key)
        .await
        .map_err(|error| Answer::of(&error))?;
    Ok(S3Response::new(DeleteObjectOutput::default()))
}

pub(super) async fn delete_objects(
    operations: &Operations,
    request: S3Request<DeleteObjectsInput>,
) -> Result<S3Response<DeleteObjectsOutput>, Answer> {
    let input = request.input;
    let objects = input.delete.objects;
    if objects.is_empty() || objects.len() > MOST_OBJECTS {
        return Err(Answer::coded(
            400,
            "MalformedXML",
            "The XML you provided was not well-formed or did not validate against our published schema",
        ));
    }
    operations
        .engine
        .head_bucket(&input.bucket)
        .await
        .map_err(|error| Answer::of(&error))?;
    let quiet = input.delete.quiet == Some(true);
    let (mut deleted, mut errors) = (Vec::new(), Vec::new());
    for object in objects {
        match delete_one(operations, &input.bucket, &object).await {
            Ok(()) if quiet => {}
            Ok(()) => deleted.push(DeletedObject {
                key: Some(object.key),
                version_id: object.version_id,
                ..DeletedObject::default()
            }),
            Err(answer) => errors.push(Error {
                code: Some(answer.code.to_owned()),
                key: Some(object.key),
                message: Some(answer.message.into_owned()),
                version_id: object.version_id,
            }),
        }
    }
    Ok(S3Response::new(DeleteObjectsOutput {
        deleted: (!deleted.is_empty()).then_some(deleted),
        errors: (!errors.is_empty()).then_some(errors),
        ..DeleteObjectsOutput::default()
    }))
}

async fn delete_one(operations: &Operations, bucket: &str, object: &ObjectIdentifier) -> Result<(), Answer> {
    check_version(object.version_id.as_deref())?;
    if object.e_tag.is_some() || object.last_modified_time.is_some() || object.size.is_some() {
        return Err(conditional());
    }
    operations
        .engine
        .delete_object(bucket, &object.key)
        .await
        .map_err(|error| Answer::of(&error))
}

fn conditional() -> Answer {
    Answer::not_implemented("Conditional deletes are not implemented.")
}
