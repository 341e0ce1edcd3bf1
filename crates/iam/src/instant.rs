//! Times in documents and condition keys.

use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

const ISO_8601: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");

/// Converts a time in microseconds since 1970.
pub(crate) fn of_micros(micros: u64) -> OffsetDateTime {
    let nanos = i128::from(micros) * 1000;
    OffsetDateTime::from_unix_timestamp_nanos(nanos).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// Writes a time in microseconds since 1970 by ISO 8601, to the second.
pub(crate) fn iso_8601(micros: u64) -> String {
    shown(of_micros(micros))
}

/// Writes a time by ISO 8601, to the second. Writing to memory does not fail.
pub(crate) fn shown(time: OffsetDateTime) -> String {
    time.format(ISO_8601).unwrap_or_default()
}
