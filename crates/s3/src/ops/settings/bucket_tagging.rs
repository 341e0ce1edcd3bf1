//! Tags of a bucket, and tags in documents.

use crate::ops::bucket_settings::{bucket_settings, change_settings, not_set, settings_document};
use crate::request::context::Permitted;
use crate::request::document::Element;
use crate::response::error::{ErrorResponse, OperationResult};
use s3s::dto::{
    DeleteBucketTaggingInput, DeleteBucketTaggingOutput, GetBucketTaggingInput, GetBucketTaggingOutput,
    PutBucketTaggingInput, PutBucketTaggingOutput, Tag,
};
use s3s::{S3Request, S3Response};
use strongroom_engine::tags::{MAX_BUCKET_TAGS, Tags};

pub(crate) async fn get_bucket_tagging(
    cx: &Permitted,
    request: S3Request<GetBucketTaggingInput>,
) -> OperationResult<GetBucketTaggingOutput> {
    let bucket = &request.input.bucket;
    let settings = bucket_settings(cx, bucket).await?;
    if settings.tags.is_empty() {
        return Err(not_set("NoSuchTagSet", "The TagSet does not exist", bucket));
    }
    Ok(S3Response::new(GetBucketTaggingOutput {
        tag_set: tag_set(&settings.tags),
    }))
}

pub(crate) async fn put_bucket_tagging(
    cx: &Permitted,
    request: S3Request<PutBucketTaggingInput>,
) -> OperationResult<PutBucketTaggingOutput> {
    let bucket = &request.input.bucket;
    let document = settings_document(cx, bucket, "Tagging").await?;
    let set = document.knows(&["TagSet"])?.need("TagSet")?;
    let tags = read(set.knows(&["Tag"])?, MAX_BUCKET_TAGS)?;
    let set = change_settings(cx, bucket, |settings| {
        settings.tags = tags.clone();
        Ok(())
    });
    set.await
}

pub(crate) async fn delete_bucket_tagging(
    cx: &Permitted,
    request: S3Request<DeleteBucketTaggingInput>,
) -> OperationResult<DeleteBucketTaggingOutput> {
    let set = change_settings(cx, &request.input.bucket, |settings| {
        settings.tags = Tags::default();
        Ok(())
    });
    set.await
}

/// Returns the tags in an element, at most `max`.
pub(crate) fn read(element: &Element, max: usize) -> Result<Tags, ErrorResponse> {
    let pairs = element.each("Tag").map(|tag| {
        tag.knows(&["Key", "Value"])?;
        let text = |name| Ok(tag.need(name)?.text()?.to_owned());
        Ok((text("Key")?, text("Value")?))
    });
    let pairs: Vec<_> = pairs.collect::<Result<_, ErrorResponse>>()?;
    Tags::new(pairs, max).map_err(|error| ErrorResponse::of_tags(&error))
}

/// Converts tags to the type of s3s.
pub(crate) fn tag_set(tags: &Tags) -> Vec<Tag> {
    let tag = |(key, value): (&str, &str)| Tag {
        key: Some(key.to_owned()),
        value: Some(value.to_owned()),
    };
    tags.iter().map(tag).collect()
}
