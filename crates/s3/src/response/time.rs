//! Conversion of times between the engine and S3.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use s3s::dto::{Timestamp, TimestampFormat};
use strongroom_engine::version::expiry::Expiry;
use time::OffsetDateTime;

/// Converts a time of the engine, in microseconds since 1970.
pub(crate) fn timestamp(micros: u64) -> Timestamp {
    let nanos = i128::from(micros) * 1000;
    Timestamp::from(OffsetDateTime::from_unix_timestamp_nanos(nanos).unwrap_or(OffsetDateTime::UNIX_EPOCH))
}

/// Formats a time of the engine as a header.
pub(crate) fn http_date(micros: u64) -> String {
    let mut date = Vec::new();
    // Writing to memory does not fail, and the engine's times can be written as dates.
    let _ = timestamp(micros).format(TimestampFormat::HttpDate, &mut date);
    String::from_utf8_lossy(&date).into_owned()
}

/// Formats the expiration of an object for `x-amz-expiration`.
pub(crate) fn expiration(expiry: Option<&Expiry>) -> Option<String> {
    let expiry = expiry?;
    let mut date = Vec::new();
    timestamp(expiry.at)
        .format(TimestampFormat::HttpDate, &mut date)
        .ok()?;
    let rule = utf8_percent_encode(&expiry.rule, NON_ALPHANUMERIC);
    Some(format!(
        "expiry-date=\"{}\", rule-id=\"{rule}\"",
        String::from_utf8(date).ok()?
    ))
}

/// Parses a time in ISO 8601 to microseconds since 1970.
pub(crate) fn instant(text: &str) -> Option<u64> {
    micros(&Timestamp::parse(TimestampFormat::DateTime, text).ok()?)
}

/// Converts a time of s3s to microseconds since 1970. `None`: it is earlier.
pub(crate) fn micros(time: &Timestamp) -> Option<u64> {
    let nanos = OffsetDateTime::from(time.clone()).unix_timestamp_nanos();
    u64::try_from(nanos / 1000).ok()
}
