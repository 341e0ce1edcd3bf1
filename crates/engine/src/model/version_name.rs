//! Names of versions.

use std::fmt;

/// The name of a version in requests and answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum VersionName {
    /// `null`: the version that was written while the bucket kept none.
    Null,
    /// 32 hex digits.
    Id([u8; 16]),
}

impl VersionName {
    /// Reads a name; `None` when it cannot be one.
    pub fn read(text: &str) -> Option<Self> {
        if text == "null" {
            return Some(Self::Null);
        }
        // In one spelling: policies compare names as they are written.
        if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return None;
        }
        let mut id = [0; 16];
        hex::decode_to_slice(text, &mut id).ok()?;
        Some(Self::Id(id))
    }
}

impl fmt::Display for VersionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Id(id) => f.write_str(&hex::encode(id)),
        }
    }
}
