//! The operations: from an S3 request to the engine and back. What is not here answers `NotImplemented`.

mod attributes;
mod bucket;
mod copy;
mod delete;
mod get;
mod list;
mod object_lock;
mod put;
mod tagging;
mod upload;
mod uploads;
mod versions;

use crate::errors::Answer;
use crate::front::Settings;
use crate::reply::Details;
use http::Extensions;
#[allow(
    clippy::wildcard_imports,
    reason = "the list of operations below would stand here a second time"
)]
use s3s::dto::*;
use s3s::{S3, S3Error, S3Request, S3Response, S3Result};
use std::sync::Arc;
use strongroom_engine::{Engine, VersionName};
use time::OffsetDateTime;

/// The engine, as s3s calls it.
pub(crate) struct Operations {
    engine: Arc<Engine>,
    settings: Settings,
}

impl Operations {
    pub(crate) fn new(engine: Arc<Engine>, settings: Settings) -> Self {
        Self { engine, settings }
    }
}

/// Makes an operation's outcome one of s3s's.
fn done<T>(outcome: Result<S3Response<T>, Answer>, details: &Details) -> S3Result<S3Response<T>> {
    outcome.map_err(|answer| failed(answer, details))
}

fn failed(answer: Answer, details: &Details) -> S3Error {
    answer.into_s3(details)
}

fn details(extensions: &Extensions) -> Details {
    extensions.get::<Details>().cloned().unwrap_or_default()
}

/// A time of the engine's, as s3s writes it.
pub(crate) fn timestamp(micros: u64) -> Timestamp {
    let nanos = i128::from(micros) * 1000;
    Timestamp::from(OffsetDateTime::from_unix_timestamp_nanos(nanos).unwrap_or(OffsetDateTime::UNIX_EPOCH))
}

/// The version that a request names.
fn version_name(version: Option<&str>) -> Result<Option<VersionName>, Answer> {
    let Some(version) = version else {
        return Ok(None);
    };
    let invalid = |message: &'static str| {
        Answer::invalid_argument(message)
            .with("ArgumentName", "versionId")
            .with("ArgumentValue", version)
    };
    if version.is_empty() {
        return Err(invalid("Version id cannot be the empty string"));
    }
    VersionName::read(version)
        .map(Some)
        .ok_or_else(|| invalid("Invalid version id specified"))
}

macro_rules! operations {
    ($($name:ident($input:ty) -> $output:ty = $module:ident;)*) => {
        #[async_trait::async_trait]
        impl S3 for Operations {
            $(async fn $name(&self, request: S3Request<$input>) -> S3Result<S3Response<$output>> {
                let details = details(&request.extensions);
                done($module::$name(self, request).await, &details)
            })*
        }
    };
}

operations! {
    list_buckets(ListBucketsInput) -> ListBucketsOutput = bucket;
    create_bucket(CreateBucketInput) -> CreateBucketOutput = bucket;
    head_bucket(HeadBucketInput) -> HeadBucketOutput = bucket;
    delete_bucket(DeleteBucketInput) -> DeleteBucketOutput = bucket;
    get_bucket_location(GetBucketLocationInput) -> GetBucketLocationOutput = bucket;
    get_bucket_versioning(GetBucketVersioningInput) -> GetBucketVersioningOutput = bucket;
    get_bucket_encryption(GetBucketEncryptionInput) -> GetBucketEncryptionOutput = bucket;
    list_objects(ListObjectsInput) -> ListObjectsOutput = list;
    list_objects_v2(ListObjectsV2Input) -> ListObjectsV2Output = list;
    list_object_versions(ListObjectVersionsInput) -> ListObjectVersionsOutput = versions;
    put_object(PutObjectInput) -> PutObjectOutput = put;
    copy_object(CopyObjectInput) -> CopyObjectOutput = copy;
    get_object(GetObjectInput) -> GetObjectOutput = get;
    head_object(HeadObjectInput) -> HeadObjectOutput = get;
    delete_object(DeleteObjectInput) -> DeleteObjectOutput = delete;
    delete_objects(DeleteObjectsInput) -> DeleteObjectsOutput = delete;
    get_object_attributes(GetObjectAttributesInput) -> GetObjectAttributesOutput = attributes;
    get_object_tagging(GetObjectTaggingInput) -> GetObjectTaggingOutput = tagging;
    put_object_tagging(PutObjectTaggingInput) -> PutObjectTaggingOutput = tagging;
    delete_object_tagging(DeleteObjectTaggingInput) -> DeleteObjectTaggingOutput = tagging;
    get_object_retention(GetObjectRetentionInput) -> GetObjectRetentionOutput = object_lock;
    put_object_retention(PutObjectRetentionInput) -> PutObjectRetentionOutput = object_lock;
    get_object_legal_hold(GetObjectLegalHoldInput) -> GetObjectLegalHoldOutput = object_lock;
    put_object_legal_hold(PutObjectLegalHoldInput) -> PutObjectLegalHoldOutput = object_lock;
    create_multipart_upload(CreateMultipartUploadInput) -> CreateMultipartUploadOutput = upload;
    upload_part(UploadPartInput) -> UploadPartOutput = upload;
    upload_part_copy(UploadPartCopyInput) -> UploadPartCopyOutput = upload;
    complete_multipart_upload(CompleteMultipartUploadInput) -> CompleteMultipartUploadOutput = upload;
    abort_multipart_upload(AbortMultipartUploadInput) -> AbortMultipartUploadOutput = upload;
    list_parts(ListPartsInput) -> ListPartsOutput = uploads;
    list_multipart_uploads(ListMultipartUploadsInput) -> ListMultipartUploadsOutput = uploads;
}
