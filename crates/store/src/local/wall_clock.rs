//! The system's clock. Nothing in the store depends on it: it serves people who restore the state of a time, and limits the
//! age of the history.

use std::time::{SystemTime, UNIX_EPOCH};

/// Returns the time in seconds since 1970.
#[expect(
    clippy::disallowed_methods,
    reason = "the store has no injected clock, and needs none: see above"
)]
pub(super) fn seconds() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap_or_default().as_secs()
}
