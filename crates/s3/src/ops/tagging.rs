//! Tags of objects.

use crate::request::context::Permitted;
use crate::request::target::version_name;
use crate::response::error::{ErrorResponse, OperationResult};
use s3s::dto::{
    DeleteObjectTaggingInput, DeleteObjectTaggingOutput, GetObjectTaggingInput, GetObjectTaggingOutput,
    PutObjectTaggingInput, PutObjectTaggingOutput, Tag,
};
use s3s::{S3Request, S3Response};
use strongroom_engine::VersionName;
use strongroom_engine::model::tags::{MAX_OBJECT_TAGS, Tags};

pub(super) async fn get_object_tagging(
    cx: &Permitted,
    request: S3Request<GetObjectTaggingInput>,
) -> OperationResult<GetObjectTaggingOutput> {
    let input = request.input;
    let version = version_name(input.version_id.as_deref())?;
    let (tags, version) = cx
        .engine()
        .object_tags(&input.bucket, &input.key, version)
        .await?;
    let tag_set = tags.iter().map(|(key, value)| Tag {
        key: Some(key.to_owned()),
        value: Some(value.to_owned()),
    });
    Ok(S3Response::new(GetObjectTaggingOutput {
        tag_set: tag_set.collect(),
        version_id: version.map(|version| version.to_string()),
    }))
}

pub(super) async fn put_object_tagging(
    cx: &Permitted,
    request: S3Request<PutObjectTaggingInput>,
) -> OperationResult<PutObjectTaggingOutput> {
    let input = request.input;
    let version = version_name(input.version_id.as_deref())?;
    let pairs: Option<Vec<_>> = input
        .tagging
        .tag_set
        .into_iter()
        .map(|tag| Some((tag.key?, tag.value.unwrap_or_default())))
        .collect();
    let pairs = pairs.ok_or_else(ErrorResponse::malformed_xml)?;
    let tags = Tags::new(pairs, MAX_OBJECT_TAGS).map_err(|error| ErrorResponse::of_tags(&error))?;
    let version = set(cx, &input.bucket, &input.key, version, &tags).await?;
    Ok(S3Response::new(PutObjectTaggingOutput { version_id: version }))
}

pub(super) async fn delete_object_tagging(
    cx: &Permitted,
    request: S3Request<DeleteObjectTaggingInput>,
) -> OperationResult<DeleteObjectTaggingOutput> {
    let input = request.input;
    let version = version_name(input.version_id.as_deref())?;
    let version = set(cx, &input.bucket, &input.key, version, &Tags::default()).await?;
    Ok(S3Response::new(DeleteObjectTaggingOutput { version_id: version }))
}

async fn set(
    cx: &Permitted,
    bucket: &str,
    key: &str,
    version: Option<VersionName>,
    tags: &Tags,
) -> Result<Option<String>, ErrorResponse> {
    let version = cx.engine().tag_object(bucket, key, version, tags).await?;
    Ok(version.map(|version| version.to_string()))
}
