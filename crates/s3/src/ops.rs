//! The operations: from an S3 request to the engine and back. What is not here answers `NotImplemented`.

mod bucket;
mod delete;
mod get;
mod list;
mod put;
mod settings;

use crate::errors::Answer;
use crate::front::Settings;
use crate::reply::Details;
use http::Extensions;
use s3s::dto;
use s3s::dto::{
    CreateBucketInput, CreateBucketOutput, DeleteBucketInput, DeleteBucketOutput, DeleteObjectInput,
    DeleteObjectOutput, DeleteObjectsInput, DeleteObjectsOutput, GetBucketLocationInput,
    GetBucketLocationOutput, GetObjectInput, GetObjectOutput, HeadBucketInput, HeadBucketOutput,
    HeadObjectInput, HeadObjectOutput, ListBucketsInput, ListBucketsOutput, ListObjectsInput,
    ListObjectsOutput, ListObjectsV2Input, ListObjectsV2Output, PutObjectInput, PutObjectOutput, Timestamp,
};
use s3s::{S3, S3Error, S3Request, S3Response, S3Result};
use settings::{
    acl, cors, encryption, lifecycle, not_configured, object_lock, ownership, policy, public_access, tagging,
    versioning,
};
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
    list_objects(ListObjectsInput) -> ListObjectsOutput = list;
    list_objects_v2(ListObjectsV2Input) -> ListObjectsV2Output = list;
    put_object(PutObjectInput) -> PutObjectOutput = put;
    get_object(GetObjectInput) -> GetObjectOutput = get;
    head_object(HeadObjectInput) -> HeadObjectOutput = get;
    delete_object(DeleteObjectInput) -> DeleteObjectOutput = delete;
    delete_objects(DeleteObjectsInput) -> DeleteObjectsOutput = delete;

    get_bucket_acl(dto::GetBucketAclInput) -> dto::GetBucketAclOutput = acl;
    put_bucket_acl(dto::PutBucketAclInput) -> dto::PutBucketAclOutput = acl;
    get_object_acl(dto::GetObjectAclInput) -> dto::GetObjectAclOutput = acl;
    put_object_acl(dto::PutObjectAclInput) -> dto::PutObjectAclOutput = acl;

    get_bucket_cors(dto::GetBucketCorsInput) -> dto::GetBucketCorsOutput = cors;
    put_bucket_cors(dto::PutBucketCorsInput) -> dto::PutBucketCorsOutput = cors;
    delete_bucket_cors(dto::DeleteBucketCorsInput) -> dto::DeleteBucketCorsOutput = cors;

    get_bucket_encryption(dto::GetBucketEncryptionInput) -> dto::GetBucketEncryptionOutput = encryption;
    put_bucket_encryption(dto::PutBucketEncryptionInput) -> dto::PutBucketEncryptionOutput = encryption;
    delete_bucket_encryption(dto::DeleteBucketEncryptionInput) -> dto::DeleteBucketEncryptionOutput = encryption;

    get_bucket_lifecycle_configuration(dto::GetBucketLifecycleConfigurationInput) -> dto::GetBucketLifecycleConfigurationOutput = lifecycle;
    put_bucket_lifecycle_configuration(dto::PutBucketLifecycleConfigurationInput) -> dto::PutBucketLifecycleConfigurationOutput = lifecycle;
    delete_bucket_lifecycle(dto::DeleteBucketLifecycleInput) -> dto::DeleteBucketLifecycleOutput = lifecycle;

    get_object_lock_configuration(dto::GetObjectLockConfigurationInput) -> dto::GetObjectLockConfigurationOutput = object_lock;
    put_object_lock_configuration(dto::PutObjectLockConfigurationInput) -> dto::PutObjectLockConfigurationOutput = object_lock;

    get_bucket_ownership_controls(dto::GetBucketOwnershipControlsInput) -> dto::GetBucketOwnershipControlsOutput = ownership;
    put_bucket_ownership_controls(dto::PutBucketOwnershipControlsInput) -> dto::PutBucketOwnershipControlsOutput = ownership;
    delete_bucket_ownership_controls(dto::DeleteBucketOwnershipControlsInput) -> dto::DeleteBucketOwnershipControlsOutput = ownership;

    get_bucket_policy(dto::GetBucketPolicyInput) -> dto::GetBucketPolicyOutput = policy;
    get_bucket_policy_status(dto::GetBucketPolicyStatusInput) -> dto::GetBucketPolicyStatusOutput = policy;
    put_bucket_policy(dto::PutBucketPolicyInput) -> dto::PutBucketPolicyOutput = policy;
    delete_bucket_policy(dto::DeleteBucketPolicyInput) -> dto::DeleteBucketPolicyOutput = policy;

    get_public_access_block(dto::GetPublicAccessBlockInput) -> dto::GetPublicAccessBlockOutput = public_access;
    put_public_access_block(dto::PutPublicAccessBlockInput) -> dto::PutPublicAccessBlockOutput = public_access;
    delete_public_access_block(dto::DeletePublicAccessBlockInput) -> dto::DeletePublicAccessBlockOutput = public_access;

    get_bucket_tagging(dto::GetBucketTaggingInput) -> dto::GetBucketTaggingOutput = tagging;
    put_bucket_tagging(dto::PutBucketTaggingInput) -> dto::PutBucketTaggingOutput = tagging;
    delete_bucket_tagging(dto::DeleteBucketTaggingInput) -> dto::DeleteBucketTaggingOutput = tagging;

    get_bucket_versioning(dto::GetBucketVersioningInput) -> dto::GetBucketVersioningOutput = versioning;
    put_bucket_versioning(dto::PutBucketVersioningInput) -> dto::PutBucketVersioningOutput = versioning;

    get_bucket_accelerate_configuration(dto::GetBucketAccelerateConfigurationInput) -> dto::GetBucketAccelerateConfigurationOutput = not_configured;
    put_bucket_accelerate_configuration(dto::PutBucketAccelerateConfigurationInput) -> dto::PutBucketAccelerateConfigurationOutput = not_configured;
    get_bucket_logging(dto::GetBucketLoggingInput) -> dto::GetBucketLoggingOutput = not_configured;
    put_bucket_logging(dto::PutBucketLoggingInput) -> dto::PutBucketLoggingOutput = not_configured;
    get_bucket_notification_configuration(dto::GetBucketNotificationConfigurationInput) -> dto::GetBucketNotificationConfigurationOutput = not_configured;
    put_bucket_notification_configuration(dto::PutBucketNotificationConfigurationInput) -> dto::PutBucketNotificationConfigurationOutput = not_configured;
    get_bucket_request_payment(dto::GetBucketRequestPaymentInput) -> dto::GetBucketRequestPaymentOutput = not_configured;
    put_bucket_request_payment(dto::PutBucketRequestPaymentInput) -> dto::PutBucketRequestPaymentOutput = not_configured;
    get_bucket_website(dto::GetBucketWebsiteInput) -> dto::GetBucketWebsiteOutput = not_configured;
    delete_bucket_website(dto::DeleteBucketWebsiteInput) -> dto::DeleteBucketWebsiteOutput = not_configured;
    get_bucket_replication(dto::GetBucketReplicationInput) -> dto::GetBucketReplicationOutput = not_configured;
    delete_bucket_replication(dto::DeleteBucketReplicationInput) -> dto::DeleteBucketReplicationOutput = not_configured;
    get_bucket_analytics_configuration(dto::GetBucketAnalyticsConfigurationInput) -> dto::GetBucketAnalyticsConfigurationOutput = not_configured;
    delete_bucket_analytics_configuration(dto::DeleteBucketAnalyticsConfigurationInput) -> dto::DeleteBucketAnalyticsConfigurationOutput = not_configured;
    list_bucket_analytics_configurations(dto::ListBucketAnalyticsConfigurationsInput) -> dto::ListBucketAnalyticsConfigurationsOutput = not_configured;
    get_bucket_intelligent_tiering_configuration(dto::GetBucketIntelligentTieringConfigurationInput) -> dto::GetBucketIntelligentTieringConfigurationOutput = not_configured;
    delete_bucket_intelligent_tiering_configuration(dto::DeleteBucketIntelligentTieringConfigurationInput) -> dto::DeleteBucketIntelligentTieringConfigurationOutput = not_configured;
    list_bucket_intelligent_tiering_configurations(dto::ListBucketIntelligentTieringConfigurationsInput) -> dto::ListBucketIntelligentTieringConfigurationsOutput = not_configured;
    get_bucket_inventory_configuration(dto::GetBucketInventoryConfigurationInput) -> dto::GetBucketInventoryConfigurationOutput = not_configured;
    delete_bucket_inventory_configuration(dto::DeleteBucketInventoryConfigurationInput) -> dto::DeleteBucketInventoryConfigurationOutput = not_configured;
    list_bucket_inventory_configurations(dto::ListBucketInventoryConfigurationsInput) -> dto::ListBucketInventoryConfigurationsOutput = not_configured;
    get_bucket_metrics_configuration(dto::GetBucketMetricsConfigurationInput) -> dto::GetBucketMetricsConfigurationOutput = not_configured;
    delete_bucket_metrics_configuration(dto::DeleteBucketMetricsConfigurationInput) -> dto::DeleteBucketMetricsConfigurationOutput = not_configured;
    list_bucket_metrics_configurations(dto::ListBucketMetricsConfigurationsInput) -> dto::ListBucketMetricsConfigurationsOutput = not_configured;
}
