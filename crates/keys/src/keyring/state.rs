//! States of keys.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What a master key is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MasterState {
    /// It wraps and opens. Exactly one is current.
    Current,
    /// It opens what it wrapped while it was current.
    Active,
    /// It opens still; the operator is about to part with it.
    Retired,
}

/// What a named key is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NamedState {
    /// It wraps and opens.
    Enabled,
    /// It does neither, until it is enabled again.
    Disabled,
}

impl MasterState {
    /// The state in a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Active => "active",
            Self::Retired => "retired",
        }
    }
}

impl NamedState {
    /// The state in a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
        }
    }
}

impl fmt::Display for MasterState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl fmt::Display for NamedState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
