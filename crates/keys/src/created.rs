//! Creation time of keys.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::fmt;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Creation time of a key, to the second, in UTC. For display only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Created(OffsetDateTime);

impl Created {
    /// Returns the second of `moment`.
    pub fn at(moment: OffsetDateTime) -> Self {
        Self::from_seconds(moment.unix_timestamp()).unwrap_or(Self(OffsetDateTime::UNIX_EPOCH))
    }

    /// Converts seconds since 1970-01-01 UTC; `None` outside of the years 0 to 9999.
    pub(crate) fn from_seconds(seconds: i64) -> Option<Self> {
        let moment = OffsetDateTime::from_unix_timestamp(seconds).ok()?;
        (0..=9999).contains(&moment.year()).then_some(Self(moment))
    }

    pub(crate) fn seconds(self) -> i64 {
        self.0.unix_timestamp()
    }
}

impl fmt::Display for Created {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.format(&Rfc3339).map_err(|_| fmt::Error)?)
    }
}

impl Serialize for Created {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Created {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let moment = OffsetDateTime::parse(&text, &Rfc3339).map_err(|_| D::Error::custom("not a time"))?;
        Self::from_seconds(moment.unix_timestamp()).ok_or_else(|| D::Error::custom("not a time"))
    }
}
