//! Arguments of `strongroom audit`: hashes and times.

use std::str::FromStr;

use strongroom_audit::log::line::{BEFORE_ALL, Hash, of_time};
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, Duration, OffsetDateTime};

#[cfg(test)]
mod tests;

/// Hash of a line, from the output of an earlier check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotedHash(pub(crate) Hash);

/// Start of a time range: a time or an age.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Since {
    Time(OffsetDateTime),
    Ago(Duration),
}

/// Reasons why an argument was rejected, with what to write instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ArgumentError {
    #[error("write the 64 hex digits that `strongroom audit verify` prints as the head")]
    Hash,
    #[error(
        "write a time such as 2026-11-23T14:30:00Z, a day such as 2026-11-23, or an age such as 90s, 15m, 6h, 7d"
    )]
    Since,
}

impl FromStr for NotedHash {
    type Err = ArgumentError;

    fn from_str(text: &str) -> Result<Self, ArgumentError> {
        let mut hash = BEFORE_ALL;
        hex::decode_to_slice(text.trim(), &mut hash).map_err(|_| ArgumentError::Hash)?;
        Ok(Self(hash))
    }
}

impl FromStr for Since {
    type Err = ArgumentError;

    fn from_str(text: &str) -> Result<Self, ArgumentError> {
        let age = |unit: char, seconds: i64| {
            let count: u32 = text.strip_suffix(unit)?.parse().ok()?;
            Some(Self::Ago(Duration::seconds(i64::from(count) * seconds)))
        };
        if let Some(ago) = age('s', 1)
            .or_else(|| age('m', 60))
            .or_else(|| age('h', 3600))
            .or_else(|| age('d', 86_400))
        {
            return Ok(ago);
        }
        if let Ok(time) = OffsetDateTime::parse(text, &Rfc3339) {
            return Ok(Self::Time(time));
        }
        let day = Date::parse(text, format_description!("[year]-[month]-[day]"));
        day.map(|day| Self::Time(day.midnight().assume_utc()))
            .map_err(|_| ArgumentError::Since)
    }
}

impl Since {
    /// Formats the time as in the log.
    pub(crate) fn written(self, now: OffsetDateTime) -> String {
        of_time(match self {
            Self::Time(time) => time,
            Self::Ago(ago) => now.checked_sub(ago).unwrap_or(OffsetDateTime::UNIX_EPOCH),
        })
    }
}
