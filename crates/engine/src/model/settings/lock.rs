//! Object Lock as it is set for a bucket.

use minicbor::{Decode, Encode};

/// Object Lock, which is on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ObjectLock {
    /// How long new versions are retained that do not say.
    #[n(0)]
    pub default_retention: Option<DefaultRetention>,
}

/// How long new versions are retained that do not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct DefaultRetention {
    /// How strictly.
    #[n(0)]
    pub mode: RetentionMode,
    /// How long.
    #[n(1)]
    pub period: LockPeriod,
}

/// How strictly a version is retained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum RetentionMode {
    /// Who has the right to it can shorten the retention.
    #[n(0)]
    Governance,
    /// Nobody can.
    #[n(1)]
    Compliance,
}

impl RetentionMode {
    /// As S3 writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Governance => "GOVERNANCE",
            Self::Compliance => "COMPLIANCE",
        }
    }

    /// The mode of this name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Governance, Self::Compliance]
            .into_iter()
            .find(|mode| mode.name() == name)
    }
}

/// How long a version is retained from when it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum LockPeriod {
    /// So many days of 24 hours.
    #[n(0)]
    Days(#[n(0)] u32),
    /// So many years of 365 days.
    #[n(1)]
    Years(#[n(0)] u32),
}

impl LockPeriod {
    /// In days. AWS counts a year as 365 of them.
    pub const fn days(self) -> u64 {
        match self {
            // Widening, which `From` cannot do in a constant function.
            Self::Days(days) => days as u64,
            Self::Years(years) => years as u64 * 365,
        }
    }
}
