//! Object Lock: what keeps a version from being deleted
//! (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html>).

use crate::model::error::{Error, Result};
use crate::model::settings::lock::{ObjectLock, RetentionMode};
use minicbor::{Decode, Encode};

/// Microseconds of a day.
const DAY: u64 = 24 * 60 * 60 * 1_000_000;

/// What keeps a version from being deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Lock {
    /// Until when.
    #[n(0)]
    pub retention: Option<Retention>,
    /// Whether it is held until that is lifted; `None`: it was never asked.
    #[n(1)]
    pub legal_hold: Option<bool>,
}

/// Until when a version must be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Retention {
    /// How strictly.
    #[n(0)]
    pub mode: RetentionMode,
    /// Microseconds since 1970.
    #[n(1)]
    pub until: u64,
}

impl Lock {
    /// Whether the version may not be deleted at `now` by a request that bypasses governance, or does not.
    pub(crate) fn holds(&self, now: u64, bypass: bool) -> bool {
        let retained = self.retention.is_some_and(|retention| {
            retention.until > now && !(bypass && retention.mode == RetentionMode::Governance)
        });
        self.legal_hold == Some(true) || retained
    }

    /// The lock of a new version: what its request asks, or what the bucket retains by default.
    ///
    /// # Errors
    /// [`Error::NoObjectLock`] when the bucket has none and the request asks for it; [`Error::RetentionInPast`].
    pub(crate) fn of_new(asked: Self, object_lock: Option<&ObjectLock>, now: u64) -> Result<Self> {
        let Some(settings) = object_lock else {
            return if asked == Self::default() {
                Ok(asked)
            } else {
                Err(Error::NoObjectLock)
            };
        };
        if asked.retention.is_some_and(|retention| retention.until <= now) {
            return Err(Error::RetentionInPast);
        }
        let default = settings.default_retention.map(|default| Retention {
            mode: default.mode,
            until: now.saturating_add(default.period.days().saturating_mul(DAY)),
        });
        Ok(Self {
            retention: asked.retention.or(default),
            legal_hold: asked.legal_hold,
        })
    }

    /// Whether a retention may take the place of the one there is.
    pub(crate) fn admits(&self, new: Option<Retention>, now: u64, bypass: bool) -> bool {
        let Some(old) = self.retention.filter(|old| old.until > now) else {
            return true;
        };
        let stays = new.is_some_and(|new| {
            let as_strict = new.mode == old.mode || new.mode == RetentionMode::Compliance;
            new.until >= old.until && as_strict
        });
        stays || (bypass && old.mode == RetentionMode::Governance)
    }
}
