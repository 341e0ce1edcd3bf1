//! Size of one audit log file, and number of files to keep.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;

use super::ValueError;

/// Size in MiB at which a new audit log file is started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u64")]
pub(crate) struct RotateMib(u64);

/// Number of audit log files to keep besides the current one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "KeepText")]
pub(crate) enum AuditKeep {
    All,
    /// At least 1.
    Files(usize),
}

/// Value as written in the settings file: a number or a word.
#[derive(Deserialize)]
#[serde(untagged)]
enum KeepText {
    Number(u64),
    Word(String),
}

impl RotateMib {
    /// One tebibyte: more than anybody wants to read.
    pub(crate) const LARGEST: u64 = 1 << 20;
    pub(crate) const DEFAULT: Self = Self(64);

    pub(crate) fn bytes(self) -> u64 {
        self.0 << 20
    }
}

impl TryFrom<u64> for RotateMib {
    type Error = ValueError;

    fn try_from(mib: u64) -> Result<Self, ValueError> {
        if (1..=Self::LARGEST).contains(&mib) {
            Ok(Self(mib))
        } else {
            Err(ValueError::RotateMib)
        }
    }
}

impl FromStr for RotateMib {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        text.parse::<u64>().map_err(|_| ValueError::RotateMib)?.try_into()
    }
}

impl fmt::Display for RotateMib {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl AuditKeep {
    /// Returns the maximum number of old files. `None`: all are kept.
    pub(crate) fn files(self) -> Option<usize> {
        match self {
            Self::All => None,
            Self::Files(count) => Some(count),
        }
    }
}

impl TryFrom<KeepText> for AuditKeep {
    type Error = ValueError;

    fn try_from(text: KeepText) -> Result<Self, ValueError> {
        match text {
            KeepText::Number(count) => count.to_string().parse(),
            KeepText::Word(word) => word.parse(),
        }
    }
}

impl FromStr for AuditKeep {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        match text.parse() {
            Ok(count @ 1..) => Ok(Self::Files(count)),
            Err(_) if text == "all" => Ok(Self::All),
            _ => Err(ValueError::AuditKeep),
        }
    }
}

impl fmt::Display for AuditKeep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Files(count) => count.fmt(f),
        }
    }
}
