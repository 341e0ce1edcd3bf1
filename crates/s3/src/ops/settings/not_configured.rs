//! Sub-resources that cannot be configured. Reads return what AWS returns for a bucket that was never configured;
//! requests that would configure something are refused.

use crate::ops::bucket_settings::{bucket_settings, not_set, settings_document};
use crate::request::context::Permitted;
use crate::response::error::{ErrorResponse, OperationResult};
use s3s::dto;
use s3s::{S3Request, S3Response};

macro_rules! nothing {
    ($($name:ident($input:ident) -> $output:ident = |$bucket:ident| $result:expr;)*) => {
        $(pub(crate) async fn $name(
            cx: &Permitted,
            request: S3Request<dto::$input>,
        ) -> OperationResult<dto::$output> {
            let $bucket = &request.input.bucket;
            bucket_settings(cx, $bucket).await?;
            $result
        })*
    };
}

nothing! {
    get_bucket_accelerate_configuration(GetBucketAccelerateConfigurationInput)
        -> GetBucketAccelerateConfigurationOutput = |_bucket| Ok(empty());
    get_bucket_logging(GetBucketLoggingInput) -> GetBucketLoggingOutput = |_bucket| Ok(empty());
    get_bucket_notification_configuration(GetBucketNotificationConfigurationInput)
        -> GetBucketNotificationConfigurationOutput = |_bucket| Ok(empty());
    get_bucket_website(GetBucketWebsiteInput) -> GetBucketWebsiteOutput = |bucket| Err(no_website(bucket));
    get_bucket_replication(GetBucketReplicationInput) -> GetBucketReplicationOutput = |bucket| {
        Err(not_set("ReplicationConfigurationNotFoundError", "The replication configuration was not found", bucket))
    };
    delete_bucket_website(DeleteBucketWebsiteInput) -> DeleteBucketWebsiteOutput = |_bucket| Ok(empty());
    delete_bucket_replication(DeleteBucketReplicationInput) -> DeleteBucketReplicationOutput = |_bucket| Ok(empty());

    get_bucket_analytics_configuration(GetBucketAnalyticsConfigurationInput)
        -> GetBucketAnalyticsConfigurationOutput = |bucket| Err(none(bucket));
    get_bucket_intelligent_tiering_configuration(GetBucketIntelligentTieringConfigurationInput)
        -> GetBucketIntelligentTieringConfigurationOutput = |bucket| Err(none(bucket));
    get_bucket_inventory_configuration(GetBucketInventoryConfigurationInput)
        -> GetBucketInventoryConfigurationOutput = |bucket| Err(none(bucket));
    get_bucket_metrics_configuration(GetBucketMetricsConfigurationInput)
        -> GetBucketMetricsConfigurationOutput = |bucket| Err(none(bucket));
    delete_bucket_analytics_configuration(DeleteBucketAnalyticsConfigurationInput)
        -> DeleteBucketAnalyticsConfigurationOutput = |bucket| Err(none(bucket));
    delete_bucket_intelligent_tiering_configuration(DeleteBucketIntelligentTieringConfigurationInput)
        -> DeleteBucketIntelligentTieringConfigurationOutput = |bucket| Err(none(bucket));
    delete_bucket_inventory_configuration(DeleteBucketInventoryConfigurationInput)
        -> DeleteBucketInventoryConfigurationOutput = |bucket| Err(none(bucket));
    delete_bucket_metrics_configuration(DeleteBucketMetricsConfigurationInput)
        -> DeleteBucketMetricsConfigurationOutput = |bucket| Err(none(bucket));
    list_bucket_analytics_configurations(ListBucketAnalyticsConfigurationsInput)
        -> ListBucketAnalyticsConfigurationsOutput = |_bucket| Ok(S3Response::new(dto::ListBucketAnalyticsConfigurationsOutput {
            is_truncated: Some(false),
            ..Default::default()
        }));
    list_bucket_intelligent_tiering_configurations(ListBucketIntelligentTieringConfigurationsInput)
        -> ListBucketIntelligentTieringConfigurationsOutput = |_bucket| Ok(S3Response::new(dto::ListBucketIntelligentTieringConfigurationsOutput {
            is_truncated: Some(false),
            ..Default::default()
        }));
    list_bucket_inventory_configurations(ListBucketInventoryConfigurationsInput)
        -> ListBucketInventoryConfigurationsOutput = |_bucket| Ok(S3Response::new(dto::ListBucketInventoryConfigurationsOutput {
            is_truncated: Some(false),
            ..Default::default()
        }));
    list_bucket_metrics_configurations(ListBucketMetricsConfigurationsInput)
        -> ListBucketMetricsConfigurationsOutput = |_bucket| Ok(S3Response::new(dto::ListBucketMetricsConfigurationsOutput {
            is_truncated: Some(false),
            ..Default::default()
        }));
}

/// Returns the payer, which is always the owner.
pub(crate) async fn get_bucket_request_payment(
    cx: &Permitted,
    request: S3Request<dto::GetBucketRequestPaymentInput>,
) -> OperationResult<dto::GetBucketRequestPaymentOutput> {
    bucket_settings(cx, &request.input.bucket).await?;
    Ok(S3Response::new(dto::GetBucketRequestPaymentOutput {
        payer: Some(dto::Payer::from_static(dto::Payer::BUCKET_OWNER)),
    }))
}

pub(crate) async fn put_bucket_request_payment(
    cx: &Permitted,
    request: S3Request<dto::PutBucketRequestPaymentInput>,
) -> OperationResult<dto::PutBucketRequestPaymentOutput> {
    let root = "RequestPaymentConfiguration";
    let document = settings_document(cx, &request.input.bucket, root).await?;
    match document.knows(&["Payer"])?.word_of("Payer")? {
        Some("BucketOwner") => Ok(empty()),
        Some("Requester") => Err(ErrorResponse::not_implemented(
            "Buckets for whose requests the requester pays are not implemented.",
        )),
        _ => Err(document.malformed("Payer", "must be BucketOwner")),
    }
}

pub(crate) async fn put_bucket_accelerate_configuration(
    cx: &Permitted,
    request: S3Request<dto::PutBucketAccelerateConfigurationInput>,
) -> OperationResult<dto::PutBucketAccelerateConfigurationOutput> {
    bucket_settings(cx, &request.input.bucket).await?;
    Err(ErrorResponse::not_implemented(
        "Transfer acceleration is not implemented.",
    ))
}

/// Accepts an empty configuration: it turns off what is off already.
pub(crate) async fn put_bucket_logging(
    cx: &Permitted,
    request: S3Request<dto::PutBucketLoggingInput>,
) -> OperationResult<dto::PutBucketLoggingOutput> {
    let document = settings_document(cx, &request.input.bucket, "BucketLoggingStatus").await?;
    if document.is_empty() {
        Ok(empty())
    } else {
        Err(ErrorResponse::not_implemented(
            "Server access logging is not implemented.",
        ))
    }
}

/// Accepts an empty configuration: it turns off what is off already.
pub(crate) async fn put_bucket_notification_configuration(
    cx: &Permitted,
    request: S3Request<dto::PutBucketNotificationConfigurationInput>,
) -> OperationResult<dto::PutBucketNotificationConfigurationOutput> {
    let root = "NotificationConfiguration";
    let document = settings_document(cx, &request.input.bucket, root).await?;
    if document.is_empty() {
        Ok(empty())
    } else {
        Err(ErrorResponse::not_implemented(
            "Event notifications are not implemented.",
        ))
    }
}

/// Returns an empty output.
fn empty<T: Default>() -> S3Response<T> {
    S3Response::new(T::default())
}

fn no_website(bucket: &str) -> ErrorResponse {
    not_set(
        "NoSuchWebsiteConfiguration",
        "The specified bucket does not have a website configuration",
        bucket,
    )
}

fn none(bucket: &str) -> ErrorResponse {
    not_set(
        "NoSuchConfiguration",
        "The specified configuration does not exist.",
        bucket,
    )
}
