//! Limits of what accounts and buckets hold.

use crate::model::usage::Usage;
use minicbor::{Decode, Encode};
use std::fmt;
use std::ops::{AddAssign, SubAssign};
use strongroom_access::arn::AccountId;

/// Limits of a bucket, or of all buckets of an account together. `None`: no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Quota {
    /// Maximum plaintext bytes of versions and of parts of uploads in progress.
    #[n(0)]
    pub bytes: Option<u64>,
    /// Maximum number of versions, without delete markers.
    #[n(1)]
    pub objects: Option<u64>,
}

/// Limits of an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccountQuota {
    /// Limits of the contents of all its buckets together.
    pub contents: Quota,
    /// Maximum number of buckets.
    pub buckets: Option<u64>,
}

/// Source of the limits of accounts, which the engine does not store.
pub trait AccountLimits: Send + Sync + 'static {
    /// Returns the limits of an account. Called for every write, so it must be quick.
    fn quota(&self, account: AccountId) -> AccountQuota;
}

/// Amount that quotas limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Amount {
    pub(crate) bytes: i64,
    pub(crate) objects: i64,
}

/// Refusal of a write that would exceed a quota.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuotaExceeded {
    /// Owner of the quota.
    pub of: QuotaOwner,
    /// Limited amount.
    pub measure: Measure,
    /// Limit.
    pub limit: u64,
    /// Amount in use.
    pub used: u64,
    /// Amount that requests in progress have reserved.
    pub reserved: u64,
    /// Amount that the request needs.
    pub requested: u64,
}

/// Owner of a quota.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QuotaOwner {
    /// Account.
    Account(AccountId),
    /// Bucket.
    Bucket(String),
}

/// Amount that a quota limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Plaintext bytes.
    Bytes,
    /// Versions.
    Objects,
}

impl Quota {
    /// Returns whether nothing is limited.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// Checks that `requested` fits beside what is used and reserved. Only what is requested is checked: a request that
    /// needs no more bytes is never refused because of bytes.
    pub(crate) fn check(
        &self,
        used: Amount,
        reserved: Amount,
        requested: Amount,
        of: impl Fn() -> QuotaOwner,
    ) -> Result<(), QuotaExceeded> {
        for (measure, limit, [used, reserved, requested]) in [
            (
                Measure::Bytes,
                self.bytes,
                [used.bytes, reserved.bytes, requested.bytes],
            ),
            (
                Measure::Objects,
                self.objects,
                [used.objects, reserved.objects, requested.objects],
            ),
        ] {
            let [used, reserved, requested] = [used, reserved, requested].map(not_negative);
            let sum = used.saturating_add(reserved).saturating_add(requested);
            if let Some(limit) = limit
                && requested > 0
                && sum > limit
            {
                return Err(QuotaExceeded {
                    of: of(),
                    measure,
                    limit,
                    used,
                    reserved,
                    requested,
                });
            }
        }
        Ok(())
    }
}

impl Amount {
    pub(crate) fn new(bytes: u64, objects: i64) -> Self {
        Self {
            bytes: i64::try_from(bytes).unwrap_or(i64::MAX),
            objects,
        }
    }

    /// Returns the amount that a new version of this length needs, if it replaces one of the length `replaced`.
    pub(crate) fn of_put(length: u64, replaced: Option<u64>) -> Self {
        let mut amount = Self::new(length, 1);
        if let Some(replaced) = replaced {
            amount -= Self::new(replaced, 1);
        }
        amount
    }

    /// Returns the amount of a usage.
    pub(crate) fn of(usage: Usage) -> Self {
        let total = usage.total();
        Self {
            bytes: total.bytes + total.part_bytes,
            objects: total.versions,
        }
    }

    /// Returns what this exceeds `other` by, in each number.
    pub(crate) fn beyond(self, other: Self) -> Self {
        Self {
            bytes: self.bytes.saturating_sub(other.bytes).max(0),
            objects: self.objects.saturating_sub(other.objects).max(0),
        }
    }
}

impl AddAssign for Amount {
    fn add_assign(&mut self, other: Self) {
        self.bytes += other.bytes;
        self.objects += other.objects;
    }
}

impl SubAssign for Amount {
    fn sub_assign(&mut self, other: Self) {
        self.bytes -= other.bytes;
        self.objects -= other.objects;
    }
}

impl fmt::Display for QuotaExceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.of {
            QuotaOwner::Account(id) => write!(f, "The account {id} may hold ")?,
            QuotaOwner::Bucket(name) => write!(f, "The bucket {name} may hold ")?,
        }
        let unit = match self.measure {
            Measure::Bytes => "bytes",
            Measure::Objects => "objects",
        };
        let Self {
            limit,
            used,
            reserved,
            requested,
            ..
        } = self;
        write!(f, "{limit} {unit}: {used} are used")?;
        if *reserved > 0 {
            write!(f, ", {reserved} are reserved by requests in progress")?;
        }
        write!(f, ", and the request needs {requested} more.")
    }
}

impl std::error::Error for QuotaExceeded {}

fn not_negative(amount: i64) -> u64 {
    u64::try_from(amount).unwrap_or(0)
}
