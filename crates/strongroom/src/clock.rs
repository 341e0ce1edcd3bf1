//! Reads the time of day, in one place.

use time::OffsetDateTime;

/// Returns the current time. Code that needs the time takes it, or this function, as an argument.
pub(crate) fn system() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}
