//! Clock of the log, passed in so that tests can control it.

use std::sync::Arc;

/// Returns the time in microseconds since 1970-01-01 00:00 UTC.
pub type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;
