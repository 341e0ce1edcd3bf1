//! The time of day, read in one place.

use time::OffsetDateTime;

/// The time now. What needs the time takes it as an argument, or takes this function.
pub(crate) fn system() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}
