//! Conditions of reads, from headers (RFC 9110 section 13.1). s3s does not accept lists of `ETag`s, and refuses
//! invalid dates, which HTTP says to ignore.

use http::header::{IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE};
use http::{HeaderMap, HeaderName};
use s3s::dto::{Timestamp, TimestampFormat};
use strongroom_engine::model::condition::{EtagCondition, RangeCondition, ReadConditions};
use time::OffsetDateTime;

#[cfg(test)]
mod tests;

/// Takes the conditions out of the headers of a request.
pub(crate) fn take(headers: &mut HeaderMap) -> ReadConditions {
    let if_range = range(headers);
    let conditions = take_named(
        headers,
        [
            &IF_MATCH,
            &IF_NONE_MATCH,
            &IF_MODIFIED_SINCE,
            &IF_UNMODIFIED_SINCE,
        ],
    );
    ReadConditions {
        if_range,
        ..conditions
    }
}

/// Parses `If-Range`: an `ETag`, or a date. A value that cannot be compared never matches, so that the client gets the
/// whole object, and not a piece of another one.
fn range(headers: &mut HeaderMap) -> Option<RangeCondition> {
    let value = headers.get(IF_RANGE)?.clone();
    let is_single = headers.get_all(IF_RANGE).iter().count() == 1;
    let date = date(headers, &IF_RANGE);
    Some(match (value.to_str().map(str::trim), date) {
        _ if !is_single => RangeCondition::Never,
        (_, Some(date)) => RangeCondition::Modified(date),
        (Ok(etag), None) if !etag.starts_with("W/") => {
            RangeCondition::Etag(etag.trim_matches('"').to_owned())
        }
        _ => RangeCondition::Never,
    })
}

/// Takes the conditions on the source of a copy out of the headers.
pub(crate) fn take_of_source(headers: &mut HeaderMap) -> ReadConditions {
    let name = |condition| HeaderName::from_static(condition);
    take_named(
        headers,
        [
            &name("x-amz-copy-source-if-match"),
            &name("x-amz-copy-source-if-none-match"),
            &name("x-amz-copy-source-if-modified-since"),
            &name("x-amz-copy-source-if-unmodified-since"),
        ],
    )
}

fn take_named(headers: &mut HeaderMap, names: [&HeaderName; 4]) -> ReadConditions {
    let [matches, none_matches, modified, unmodified] = names;
    ReadConditions {
        if_match: etags(headers, matches),
        if_none_match: etags(headers, none_matches),
        if_modified_since: date(headers, modified),
        if_unmodified_since: date(headers, unmodified),
        if_range: None,
    }
}

/// Parses `*`, or a list of `ETag`s, with or without quotes. Weak ones are compared like strong ones, as on AWS.
fn etags(headers: &mut HeaderMap, name: &HeaderName) -> Option<EtagCondition> {
    let values: Vec<String> = headers
        .get_all(name)
        .iter()
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        .collect();
    headers.remove(name);
    if values.is_empty() {
        return None;
    }
    // Our ETags contain no comma.
    let etags = values
        .iter()
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .filter(|etag| !etag.is_empty());
    let etags: Vec<String> = etags
        .map(|etag| {
            etag.strip_prefix("W/")
                .unwrap_or(etag)
                .trim_matches('"')
                .to_owned()
        })
        .collect();
    Some(if etags.iter().any(|etag| etag == "*") {
        EtagCondition::Any
    } else {
        EtagCondition::OneOf(etags)
    })
}

fn date(headers: &mut HeaderMap, name: &HeaderName) -> Option<i64> {
    let value = headers.remove(name)?;
    let date = Timestamp::parse(TimestampFormat::HttpDate, value.to_str().ok()?).ok()?;
    Some(OffsetDateTime::from(date).unix_timestamp())
}
