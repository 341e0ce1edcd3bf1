//! Formats times and modes.

use strongroom_engine::Mode;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Formats a time, given in microseconds since 1970, as RFC 3339 in UTC. A damaged value may be outside any calendar.
pub(super) fn time(microseconds: u64) -> String {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(microseconds) * 1000)
        .ok()
        .and_then(|time| time.format(&Rfc3339).ok())
        .unwrap_or_else(|| format!("{microseconds} us"))
}

/// Returns the name of the encryption mode.
pub(super) fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Customer => "SSE-C",
        Mode::Kms => "SSE-KMS",
        _ => "SSE-S3",
    }
}
