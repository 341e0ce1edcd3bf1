//! Object Lock settings of a bucket.

use minicbor::{Decode, Encode};

/// Object Lock, turned on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ObjectLock {
    /// Retention of new versions whose request names none.
    #[n(0)]
    pub default_retention: Option<DefaultRetention>,
}

/// Retention of new versions whose request names none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct DefaultRetention {
    /// Retention mode.
    #[n(0)]
    pub mode: RetentionMode,
    /// Length of the retention.
    #[n(1)]
    pub period: LockPeriod,
}

/// Strictness of a retention.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum RetentionMode {
    /// Callers with the permission to bypass governance can shorten the retention.
    #[n(0)]
    Governance,
    /// Nobody can shorten the retention.
    #[n(1)]
    Compliance,
}

impl RetentionMode {
    /// Returns the mode's name in S3.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Governance => "GOVERNANCE",
            Self::Compliance => "COMPLIANCE",
        }
    }

    /// Returns the mode with this name in S3.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Governance, Self::Compliance]
            .into_iter()
            .find(|mode| mode.name() == name)
    }
}

/// Length of a retention, counted from the creation of the version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum LockPeriod {
    /// Days of 24 hours.
    #[n(0)]
    Days(#[n(0)] u32),
    /// Years of 365 days.
    #[n(1)]
    Years(#[n(0)] u32),
}

impl LockPeriod {
    /// Returns the period in days. AWS counts a year as 365 days.
    pub const fn days(self) -> u64 {
        match self {
            // Widening, which `From` cannot do in a constant function.
            Self::Days(days) => days as u64,
            Self::Years(years) => years as u64 * 365,
        }
    }
}
