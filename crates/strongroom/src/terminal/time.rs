//! Times in output.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Formats a time in seconds since 1970 (RFC 3339, UTC).
pub(crate) fn of_seconds(seconds: u64) -> String {
    let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
    let time = OffsetDateTime::from_unix_timestamp(seconds).ok();
    time.and_then(|time| time.format(&Rfc3339).ok())
        .unwrap_or_else(|| "an unknown time".to_owned())
}
