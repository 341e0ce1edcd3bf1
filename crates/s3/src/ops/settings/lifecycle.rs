//! Lifecycle rules of a bucket.

mod read;
#[cfg(test)]
mod tests;

use crate::ops::bucket_settings::{bucket_settings, change_settings, not_set, settings_document};
use crate::ops::settings::bucket_tagging;
use crate::ops::settings::lifecycle::read::transitions;
use crate::request::context::Permitted;
use crate::response::error::OperationResult;
use s3s::dto::{
    AbortIncompleteMultipartUpload, DeleteBucketLifecycleInput, DeleteBucketLifecycleOutput,
    ExpirationStatus, GetBucketLifecycleConfigurationInput, GetBucketLifecycleConfigurationOutput,
    LifecycleExpiration, LifecycleRule as RuleDto, LifecycleRuleAndOperator, LifecycleRuleFilter,
    NoncurrentVersionExpiration, PutBucketLifecycleConfigurationInput, PutBucketLifecycleConfigurationOutput,
    Timestamp, TransitionDefaultMinimumObjectSize,
};
use s3s::{S3Request, S3Response};
use strongroom_engine::model::settings::{Expiration, LifecycleFilter, LifecycleRule};
use time::OffsetDateTime;

/// Minimum object size for transitions. There are no transitions, so this is always AWS's default.
const MINIMUM_SIZE: &str = TransitionDefaultMinimumObjectSize::ALL_STORAGE_CLASSES_128K;

pub(crate) async fn get_bucket_lifecycle_configuration(
    cx: &Permitted,
    request: S3Request<GetBucketLifecycleConfigurationInput>,
) -> OperationResult<GetBucketLifecycleConfigurationOutput> {
    let bucket = &request.input.bucket;
    let settings = bucket_settings(cx, bucket).await?;
    if settings.lifecycle.is_empty() {
        return Err(not_set(
            "NoSuchLifecycleConfiguration",
            "The lifecycle configuration does not exist",
            bucket,
        ));
    }
    Ok(S3Response::new(GetBucketLifecycleConfigurationOutput {
        rules: Some(settings.lifecycle.iter().map(rule_dto).collect()),
        transition_default_minimum_object_size: Some(TransitionDefaultMinimumObjectSize::from_static(
            MINIMUM_SIZE,
        )),
    }))
}

pub(crate) async fn put_bucket_lifecycle_configuration(
    cx: &Permitted,
    request: S3Request<PutBucketLifecycleConfigurationInput>,
) -> OperationResult<PutBucketLifecycleConfigurationOutput> {
    let bucket = &request.input.bucket;
    let root = "LifecycleConfiguration";
    let document = settings_document(cx, bucket, root).await?;
    let minimum = &request.input.transition_default_minimum_object_size;
    if minimum.as_ref().is_some_and(|size| size.as_str() != MINIMUM_SIZE) {
        return Err(transitions());
    }
    let rules = read::rules(document)?;
    let set = change_settings(cx, bucket, |settings| {
        settings.lifecycle.clone_from(&rules);
        Ok(())
    });
    let mut response: S3Response<PutBucketLifecycleConfigurationOutput> = set.await?;
    response.output.transition_default_minimum_object_size =
        Some(TransitionDefaultMinimumObjectSize::from_static(MINIMUM_SIZE));
    Ok(response)
}

pub(crate) async fn delete_bucket_lifecycle(
    cx: &Permitted,
    request: S3Request<DeleteBucketLifecycleInput>,
) -> OperationResult<DeleteBucketLifecycleOutput> {
    let set = change_settings(cx, &request.input.bucket, |settings| {
        settings.lifecycle.clear();
        Ok(())
    });
    set.await
}

fn rule_dto(rule: &LifecycleRule) -> RuleDto {
    let (filter, prefix) = if rule.without_filter {
        (None, rule.filter.prefix.clone())
    } else {
        (Some(filter(&rule.filter)), None)
    };
    let status = if rule.enabled {
        ExpirationStatus::ENABLED
    } else {
        ExpirationStatus::DISABLED
    };
    RuleDto {
        abort_incomplete_multipart_upload: rule.abort_uploads_after.map(|days| {
            AbortIncompleteMultipartUpload {
                days_after_initiation: Some(number(days)),
            }
        }),
        expiration: rule.expiration.map(expiration),
        filter,
        id: Some(rule.id.clone()),
        noncurrent_version_expiration: rule.noncurrent.map(|noncurrent| NoncurrentVersionExpiration {
            newer_noncurrent_versions: noncurrent.keep.map(number),
            noncurrent_days: Some(number(noncurrent.days)),
        }),
        noncurrent_version_transitions: None,
        prefix,
        status: ExpirationStatus::from_static(status),
        transitions: None,
    }
}

fn expiration(expiration: Expiration) -> LifecycleExpiration {
    let mut dto = LifecycleExpiration::default();
    match expiration {
        Expiration::Days(days) => dto.days = Some(number(days)),
        Expiration::Date(seconds) => {
            let date = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
            dto.date = Some(Timestamp::from(date));
        }
        Expiration::DeleteMarkers(expired) => dto.expired_object_delete_marker = Some(expired),
    }
    dto
}

/// Converts a filter. A single condition is an element of its own, several are within `And`.
fn filter(filter: &LifecycleFilter) -> LifecycleRuleFilter {
    let size = |size: Option<u64>| size.map(|size| i64::try_from(size).unwrap_or(i64::MAX));
    let (prefix, tags) = (filter.prefix.clone(), bucket_tagging::tag_set(&filter.tags));
    let (larger, smaller) = (size(filter.larger_than), size(filter.smaller_than));
    let conditions = [prefix.is_some(), larger.is_some(), smaller.is_some()];
    let mut dto = LifecycleRuleFilter::default();
    if conditions.into_iter().filter(|is| *is).count() + tags.len() > 1 {
        dto.and = Some(LifecycleRuleAndOperator {
            object_size_greater_than: larger,
            object_size_less_than: smaller,
            prefix,
            tags: (!tags.is_empty()).then_some(tags),
        });
    } else {
        dto.object_size_greater_than = larger;
        dto.object_size_less_than = smaller;
        dto.prefix = prefix;
        dto.tag = tags.into_iter().next();
    }
    dto
}

fn number(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
