//! The operations: from an S3 request to the engine and back. What is not here answers `NotImplemented`.

mod bucket;
mod delete;
mod get;
mod list;
mod put;

use crate::errors::Answer;
use crate::front::Settings;
use crate::reply::Details;
use http::Extensions;
use s3s::dto::{
    CreateBucketInput, CreateBucketOutput, DeleteBucketInput, DeleteBucketOutput, DeleteObjectInput,
    DeleteObjectOutput, DeleteObjectsInput, DeleteObjectsOutput, GetBucketEncryptionInput,
    GetBucketEncryptionOutput, GetBucketLocationInput, GetBucketLocationOutput, GetBucketVersioningInput,
    GetBucketVersioningOutput, GetObjectInput, GetObjectOutput, HeadBucketInput, HeadBucketOutput,
    HeadObjectInput, HeadObjectOutput, ListBucketsInput, ListBucketsOutput, ListObjectsInput,
    ListObjectsOutput, ListObjectsV2Input, ListObjectsV2Output, PutObjectInput, PutObjectOutput, Timestamp,
};
use s3s::{S3, S3Error, S3Request, S3Response, S3Result};
use std::sync::Arc;
use strongroom_engine::Engine;
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

/// Only the null version exists while versioning is not offered.
fn check_version(version: Option<&str>) -> Result<(), Answer> {
    match version {
        None | Some("null") => Ok(()),
        Some(_) => Err(Answer::invalid_argument("Invalid version id specified")),
    }
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
    put_object(PutObjectInput) -> PutObjectOutput = put;
    get_object(GetObjectInput) -> GetObjectOutput = get;
    head_object(HeadObjectInput) -> HeadObjectOutput = get;
    delete_object(DeleteObjectInput) -> DeleteObjectOutput = delete;
    delete_objects(DeleteObjectsInput) -> DeleteObjectsOutput = delete;
}
