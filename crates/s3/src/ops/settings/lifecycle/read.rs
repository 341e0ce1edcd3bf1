//! Parser of lifecycle rules, with the checks of AWS.

use crate::ops::settings::bucket_tagging;
use crate::request::document::Element;
use crate::response::error::ErrorResponse;
use std::collections::HashSet;
use strongroom_engine::model::settings::{Expiration, LifecycleFilter, LifecycleRule, NoncurrentExpiration};
use strongroom_engine::model::tags::MAX_BUCKET_TAGS;
use time::format_description::well_known::Iso8601;
use time::{Date, OffsetDateTime, Time};

/// Maximum number of rules of a bucket.
const MAX_RULES: usize = 1000;
/// Maximum length of the ID of a rule, in characters.
const MAX_ID: usize = 255;
/// Maximum number of noncurrent versions that a rule can keep.
const MAX_KEPT: i64 = 100;

pub(super) fn rules(document: &Element) -> Result<Vec<LifecycleRule>, ErrorResponse> {
    let rules: Vec<_> = document.expect_only(&["Rule"])?.each("Rule").collect();
    if rules.is_empty() {
        return Err(document.malformed("Rule", "is missing"));
    }
    if rules.len() > MAX_RULES {
        return Err(ErrorResponse::invalid_request(
            "The number of lifecycle rules must not exceed the allowed limit of 1000 rules",
        ));
    }
    let mut rules: Vec<_> = rules.into_iter().map(rule).collect::<Result<_, _>>()?;
    let mut names = HashSet::new();
    if !rules
        .iter()
        .filter(|rule| !rule.id.is_empty())
        .all(|rule| names.insert(rule.id.clone()))
    {
        return Err(ErrorResponse::invalid_argument(
            "Rule ID must be unique. Found same ID for more than one rule",
        ));
    }
    // Rules without an ID get one, as on AWS.
    for (number, rule) in (1..).zip(&mut rules) {
        let mut name = format!("rule-{number}");
        while rule.id.is_empty() && !names.insert(name.clone()) {
            name.push('x');
        }
        if rule.id.is_empty() {
            rule.id = name;
        }
    }
    Ok(rules)
}

fn rule(element: &Element) -> Result<LifecycleRule, ErrorResponse> {
    for name in ["Transition", "NoncurrentVersionTransition"] {
        if element.each(name).next().is_some() {
            return Err(transitions());
        }
    }
    element.expect_only(&[
        "ID",
        "Status",
        "Prefix",
        "Filter",
        "Expiration",
        "NoncurrentVersionExpiration",
        "AbortIncompleteMultipartUpload",
    ])?;
    let id = element.text_of("ID")?.unwrap_or_default();
    if id.chars().count() > MAX_ID {
        return Err(ErrorResponse::invalid_argument(
            "ID length should not exceed allowed limit of 255",
        ));
    }
    let enabled = match element.word_of("Status")? {
        Some("Enabled") => true,
        Some("Disabled") => false,
        _ => return Err(element.malformed("Status", "must be Enabled or Disabled")),
    };
    let (filter, without_filter) = match (element.find("Filter")?, element.text_of("Prefix")?) {
        (Some(filter), None) => (self::filter(filter)?, false),
        (None, Some(prefix)) => {
            let prefix = Some(prefix.to_owned());
            (
                LifecycleFilter {
                    prefix,
                    ..LifecycleFilter::default()
                },
                true,
            )
        }
        (Some(_), Some(_)) => return Err(element.malformed("Prefix", "and Filter must not both be present")),
        (None, None) => return Err(element.malformed("Filter", "is missing")),
    };
    let abort = element.find("AbortIncompleteMultipartUpload")?;
    let rule = LifecycleRule {
        id: id.to_owned(),
        enabled,
        filter,
        without_filter,
        expiration: element.find("Expiration")?.map(expiration).transpose()?,
        noncurrent: element
            .find("NoncurrentVersionExpiration")?
            .map(noncurrent)
            .transpose()?,
        abort_uploads_after: abort.map(abort_uploads_after).transpose()?,
    };
    check(&rule)?;
    Ok(rule)
}

/// Refuses contradictory rules.
fn check(rule: &LifecycleRule) -> Result<(), ErrorResponse> {
    if rule.expiration.is_none() && rule.noncurrent.is_none() && rule.abort_uploads_after.is_none() {
        return Err(ErrorResponse::invalid_request(
            "At least one action needs to be specified in a rule",
        ));
    }
    let by_tags = !rule.filter.tags.is_empty();
    let by_size = rule.filter.larger_than.is_some() || rule.filter.smaller_than.is_some();
    let markers = matches!(rule.expiration, Some(Expiration::DeleteMarkers(_)));
    for (is_action, action) in [
        (markers, "ExpiredObjectDeleteMarker"),
        (
            rule.abort_uploads_after.is_some(),
            "AbortIncompleteMultipartUpload",
        ),
    ] {
        for (is_filter, filter) in [(by_tags, "Tags"), (by_size, "Object Size")] {
            if is_action && is_filter {
                return Err(ErrorResponse::invalid_request(format!(
                    "{action} cannot be specified with {filter}."
                )));
            }
        }
    }
    Ok(())
}

fn filter(element: &Element) -> Result<LifecycleFilter, ErrorResponse> {
    const CONDITIONS: [&str; 4] = ["Prefix", "Tag", "ObjectSizeGreaterThan", "ObjectSizeLessThan"];
    let given = |element: &Element| {
        CONDITIONS
            .map(|name| element.each(name).count())
            .iter()
            .sum::<usize>()
    };
    let conditions = match element.find("And")? {
        Some(and) => {
            element.expect_only(&["And"])?;
            if given(and) < 2 {
                return Err(and.malformed("And", "must have at least two conditions"));
            }
            and
        }
        None if given(element) > 1 => return Err(element.malformed("And", "is missing")),
        None => element,
    };
    conditions.expect_only(&CONDITIONS)?;
    let filter = LifecycleFilter {
        prefix: conditions.text_of("Prefix")?.map(str::to_owned),
        tags: bucket_tagging::read(conditions, MAX_BUCKET_TAGS)?,
        larger_than: conditions.number_of("ObjectSizeGreaterThan")?,
        smaller_than: conditions.number_of("ObjectSizeLessThan")?,
    };
    if let (Some(larger), Some(smaller)) = (filter.larger_than, filter.smaller_than)
        && larger >= smaller
    {
        return Err(ErrorResponse::invalid_request(
            "'ObjectSizeLessThan' has to be a value greater than 'ObjectSizeGreaterThan'.",
        ));
    }
    Ok(filter)
}

fn expiration(element: &Element) -> Result<Expiration, ErrorResponse> {
    element.expect_only(&["Days", "Date", "ExpiredObjectDeleteMarker"])?;
    let days = element.number_of("Days")?;
    let date = element.word_of("Date")?;
    let markers = element.flag_of("ExpiredObjectDeleteMarker")?;
    match (days, date, markers) {
        (Some(days), None, None) => positive(days, "'Days' for Expiration action").map(Expiration::Days),
        (None, Some(date), None) => midnight(date)
            .ok_or_else(|| element.malformed("Date", "is not a date in ISO 8601"))?
            .map(Expiration::Date),
        (None, None, Some(markers)) => Ok(Expiration::DeleteMarkers(markers)),
        _ => Err(ErrorResponse::malformed_xml().with(
            "Hint",
            "An Expiration must have exactly one of Days, Date and ExpiredObjectDeleteMarker.",
        )),
    }
}

/// Parses a date to seconds since 1970. `None`: it is not a date.
fn midnight(text: &str) -> Option<Result<i64, ErrorResponse>> {
    let time = OffsetDateTime::parse(text, &Iso8601::PARSING).ok();
    let date = || Date::parse(text, &Iso8601::DATE).ok();
    let time = time.or_else(|| Some(date()?.midnight().assume_utc()))?;
    let utc = time.to_offset(time::UtcOffset::UTC);
    Some(if utc.time() == Time::MIDNIGHT {
        Ok(utc.unix_timestamp())
    } else {
        Err(ErrorResponse::invalid_argument("'Date' must be at midnight GMT"))
    })
}

fn noncurrent(element: &Element) -> Result<NoncurrentExpiration, ErrorResponse> {
    element.expect_only(&["NoncurrentDays", "NewerNoncurrentVersions"])?;
    let days = element.number_of("NoncurrentDays")?;
    let days = days.ok_or_else(|| element.malformed("NoncurrentDays", "is missing"))?;
    let keep = element.number_of("NewerNoncurrentVersions")?;
    if keep.is_some_and(|keep| !(1..=MAX_KEPT).contains(&keep)) {
        return Err(ErrorResponse::invalid_argument(
            "'NewerNoncurrentVersions' for NoncurrentVersionExpiration action must be between 1 and 100",
        ));
    }
    Ok(NoncurrentExpiration {
        days: positive(days, "'NoncurrentDays' for NoncurrentVersionExpiration action")?,
        keep: keep.and_then(|keep| u32::try_from(keep).ok()),
    })
}

fn abort_uploads_after(element: &Element) -> Result<u32, ErrorResponse> {
    let days = element
        .expect_only(&["DaysAfterInitiation"])?
        .number_of("DaysAfterInitiation")?;
    let days = days.ok_or_else(|| element.malformed("DaysAfterInitiation", "is missing"))?;
    positive(
        days,
        "'DaysAfterInitiation' for AbortIncompleteMultipartUpload action",
    )
}

/// Checks a number of days: at least one, and at most what S3 can write.
fn positive(days: i64, what: &str) -> Result<u32, ErrorResponse> {
    let days = i32::try_from(days).ok().and_then(|days| u32::try_from(days).ok());
    days.filter(|days| *days > 0)
        .ok_or_else(|| ErrorResponse::invalid_argument(format!("{what} must be a positive integer")))
}

pub(super) fn transitions() -> ErrorResponse {
    ErrorResponse::not_implemented("Transitions are not implemented: there is one storage class.")
}
