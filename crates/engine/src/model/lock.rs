//! Object Lock: retention and legal holds of versions
//! (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html>).

use crate::model::error::{Error, Result};
use crate::model::settings::lock::{ObjectLock, RetentionMode};
use minicbor::{Decode, Encode};

/// Microseconds of a day.
const DAY: u64 = 24 * 60 * 60 * 1_000_000;

/// Retention and legal hold that protect a version from deletion.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Lock {
    /// Retention of the version.
    #[n(0)]
    pub retention: Option<Retention>,
    /// Legal hold. `None`: never configured.
    #[n(1)]
    pub legal_hold: Option<bool>,
}

/// Time until which a version must be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Retention {
    /// Strictness of the retention.
    #[n(0)]
    pub mode: RetentionMode,
    /// End of the retention, in microseconds since 1970.
    #[n(1)]
    pub until: u64,
}

impl Lock {
    /// Returns whether the version may not be deleted at `now`. `bypass`: the request bypasses governance.
    pub(crate) fn holds(&self, now: u64, bypass: bool) -> bool {
        let retained = self.retention.is_some_and(|retention| {
            retention.until > now && !(bypass && retention.mode == RetentionMode::Governance)
        });
        self.legal_hold == Some(true) || retained
    }

    /// Returns the lock of a new version: the one in its request, or the bucket's default retention.
    ///
    /// # Errors
    /// [`Error::NoObjectLock`] if the request has a lock and the bucket has no Object Lock; [`Error::RetentionInPast`].
    pub(crate) fn of_new(requested: Self, object_lock: Option<&ObjectLock>, now: u64) -> Result<Self> {
        let Some(settings) = object_lock else {
            return if requested == Self::default() {
                Ok(requested)
            } else {
                Err(Error::NoObjectLock)
            };
        };
        if requested
            .retention
            .is_some_and(|retention| retention.until <= now)
        {
            return Err(Error::RetentionInPast);
        }
        let default = settings.default_retention.map(|default| Retention {
            mode: default.mode,
            until: now.saturating_add(default.period.days().saturating_mul(DAY)),
        });
        Ok(Self {
            retention: requested.retention.or(default),
            legal_hold: requested.legal_hold,
        })
    }

    /// Returns whether a retention may replace the current one. A change from governance to compliance needs `bypass` too:
    /// it makes a lock that nobody can lift of one that some callers can.
    pub(crate) fn admits(&self, new: Option<Retention>, now: u64, bypass: bool) -> bool {
        let Some(old) = self.retention.filter(|old| old.until > now) else {
            return true;
        };
        let stays = new.is_some_and(|new| new.until >= old.until && new.mode == old.mode);
        stays || (bypass && old.mode == RetentionMode::Governance)
    }
}
