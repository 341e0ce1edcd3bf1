//! Tags of a bucket; and how tags stand in documents.

use crate::ops::operations::{Operations, Outcome, not_set};
use crate::request::document::Element;
use crate::response::error::ErrorResponse;
use s3s::dto::{
    DeleteBucketTaggingInput, DeleteBucketTaggingOutput, GetBucketTaggingInput, GetBucketTaggingOutput,
    PutBucketTaggingInput, PutBucketTaggingOutput, Tag,
};
use s3s::{S3Request, S3Response};
use strongroom_engine::tags::{MAX_BUCKET_TAGS, Tags};

pub(crate) async fn get_bucket_tagging(
    operations: &Operations,
    request: S3Request<GetBucketTaggingInput>,
) -> Outcome<GetBucketTaggingOutput> {
    let bucket = &request.input.bucket;
    let settings = operations.settings(bucket).await?;
    if settings.tags.is_empty() {
        return Err(not_set("NoSuchTagSet", "The TagSet does not exist", bucket));
    }
    Ok(S3Response::new(GetBucketTaggingOutput {
        tag_set: told(&settings.tags),
    }))
}

pub(crate) async fn put_bucket_tagging(
    operations: &Operations,
    request: S3Request<PutBucketTaggingInput>,
) -> Outcome<PutBucketTaggingOutput> {
    let bucket = &request.input.bucket;
    let document = operations
        .document(bucket, &request.extensions, "Tagging")
        .await?;
    let set = document.knows(&["TagSet"])?.need("TagSet")?;
    let tags = read(set.knows(&["Tag"])?, MAX_BUCKET_TAGS)?;
    let set = operations.change(bucket, |settings| {
        settings.tags = tags.clone();
        Ok(())
    });
    set.await
}

pub(crate) async fn delete_bucket_tagging(
    operations: &Operations,
    request: S3Request<DeleteBucketTaggingInput>,
) -> Outcome<DeleteBucketTaggingOutput> {
    let set = operations.change(&request.input.bucket, |settings| {
        settings.tags = Tags::default();
        Ok(())
    });
    set.await
}

/// The tags in an element, of which there may be `most`.
pub(crate) fn read(element: &Element, most: usize) -> Result<Tags, ErrorResponse> {
    let pairs = element.each("Tag").map(|tag| {
        tag.knows(&["Key", "Value"])?;
        let text = |name| Ok(tag.need(name)?.text()?.to_owned());
        Ok((text("Key")?, text("Value")?))
    });
    let pairs: Vec<_> = pairs.collect::<Result<_, ErrorResponse>>()?;
    Tags::new(pairs, most).map_err(|error| ErrorResponse::of_tags(&error))
}

/// Tags as s3s writes them.
pub(crate) fn told(tags: &Tags) -> Vec<Tag> {
    let tag = |(key, value): (&str, &str)| Tag {
        key: Some(key.to_owned()),
        value: Some(value.to_owned()),
    };
    tags.iter().map(tag).collect()
}
