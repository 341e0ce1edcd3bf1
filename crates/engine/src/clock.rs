//! Time, passed in so that tests can fix it.

/// Source of the current time.
pub trait Clock: Send + Sync + 'static {
    /// Returns microseconds since 1970-01-01 00:00 UTC.
    fn now(&self) -> u64;
}

/// Clock of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> u64 {
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the one place where the system's clock is read"
        )]
        let now = std::time::SystemTime::now();
        let since = now.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
    }
}
