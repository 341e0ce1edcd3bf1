//! States of keys.

use serde::{Deserialize, Serialize};
use std::fmt;

/// State of a master key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MasterState {
    /// Wraps and opens. Exactly one master key is current.
    Current,
    /// Opens what it wrapped while it was current.
    Active,
    /// Still opens; the operator is about to delete it.
    Retired,
}

/// State of a named key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NamedState {
    /// Wraps and unwraps.
    Enabled,
    /// Does neither until it is enabled again.
    Disabled,
}

impl MasterState {
    /// Returns the name of the state.
    pub fn word(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Active => "active",
            Self::Retired => "retired",
        }
    }
}

impl NamedState {
    /// Returns the name of the state.
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
