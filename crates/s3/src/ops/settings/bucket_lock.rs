//! Object Lock of a bucket.

use crate::ops::bucket_settings::{bucket_settings, change_settings, not_set, settings_document};
use crate::request::context::Permitted;
use crate::request::document::Element;
use crate::response::error::{ErrorResponse, OperationResult};
use s3s::dto::{
    DefaultRetention as DefaultRetentionDto, GetObjectLockConfigurationInput,
    GetObjectLockConfigurationOutput, ObjectLockConfiguration, ObjectLockEnabled, ObjectLockRetentionMode,
    ObjectLockRule, PutObjectLockConfigurationInput, PutObjectLockConfigurationOutput,
};
use s3s::{S3Request, S3Response};
use strongroom_engine::settings::{DefaultRetention, LockPeriod, ObjectLock, RetentionMode};

/// Maximum retention, in years.
const MAX_YEARS: u32 = 100;
/// Maximum retention, in days.
const MAX_DAYS: u32 = MAX_YEARS * 365;

pub(crate) async fn get_object_lock_configuration(
    cx: &Permitted,
    request: S3Request<GetObjectLockConfigurationInput>,
) -> OperationResult<GetObjectLockConfigurationOutput> {
    let bucket = &request.input.bucket;
    let settings = bucket_settings(cx, bucket).await?;
    let Some(lock) = settings.object_lock else {
        return Err(not_set(
            "ObjectLockConfigurationNotFoundError",
            "Object Lock configuration does not exist for this bucket",
            bucket,
        ));
    };
    let rule = lock.default_retention.map(|retention| {
        let (days, years) = match retention.period {
            LockPeriod::Days(days) => (Some(days), None),
            LockPeriod::Years(years) => (None, Some(years)),
        };
        let number = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
        ObjectLockRule {
            default_retention: Some(DefaultRetentionDto {
                days: days.map(number),
                mode: Some(ObjectLockRetentionMode::from_static(retention.mode.name())),
                years: years.map(number),
            }),
        }
    });
    Ok(S3Response::new(GetObjectLockConfigurationOutput {
        object_lock_configuration: Some(ObjectLockConfiguration {
            object_lock_enabled: Some(ObjectLockEnabled::from_static(ObjectLockEnabled::ENABLED)),
            rule,
        }),
    }))
}

pub(crate) async fn put_object_lock_configuration(
    cx: &Permitted,
    request: S3Request<PutObjectLockConfigurationInput>,
) -> OperationResult<PutObjectLockConfigurationOutput> {
    let bucket = &request.input.bucket;
    let root = "ObjectLockConfiguration";
    let document = settings_document(cx, bucket, root).await?;
    let lock = read(document)?;
    let set = change_settings(cx, bucket, |settings| Ok(settings.set_object_lock(lock)?));
    set.await
}

fn read(document: &Element) -> Result<ObjectLock, ErrorResponse> {
    document.knows(&["ObjectLockEnabled", "Rule"])?;
    if document.word_of("ObjectLockEnabled")? != Some("Enabled") {
        return Err(document.malformed("ObjectLockEnabled", "must be Enabled"));
    }
    let Some(rule) = document.find("Rule")? else {
        return Ok(ObjectLock::default());
    };
    let retention = rule.knows(&["DefaultRetention"])?.need("DefaultRetention")?;
    retention.knows(&["Mode", "Days", "Years"])?;
    let mode = retention.word_of("Mode")?.and_then(RetentionMode::named);
    let mode = mode.ok_or_else(|| retention.malformed("Mode", "must be GOVERNANCE or COMPLIANCE"))?;
    let period = match (retention.number_of("Days")?, retention.number_of("Years")?) {
        (Some(days), None) => LockPeriod::Days(within(days, MAX_DAYS)?),
        (None, Some(years)) => LockPeriod::Years(within(years, MAX_YEARS)?),
        (Some(_), Some(_)) => return Err(retention.malformed("Days", "goes without Years")),
        (None, None) => return Err(retention.malformed("Days", "or Years is missing")),
    };
    Ok(ObjectLock {
        default_retention: Some(DefaultRetention { mode, period }),
    })
}

fn within(number: i64, max: u32) -> Result<u32, ErrorResponse> {
    let positive = u32::try_from(number).ok().filter(|number| *number > 0);
    match positive {
        None if number <= 0 => Err(ErrorResponse::invalid_argument(
            "Default retention period must be a positive integer value.",
        )),
        Some(number) if number <= max => Ok(number),
        _ => Err(
            ErrorResponse::invalid_argument("Default retention period is too large.")
                .with("Hint", format!("The maximum is {max}.")),
        ),
    }
}
