//! Names of versions.

use std::fmt;

/// Name of a version in requests and responses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum VersionName {
    /// `null`: the version that was written while the bucket kept no versions.
    Null,
    /// 32 hex digits.
    Id([u8; 16]),
}

impl VersionName {
    /// Parses a name. `None`: not a valid name.
    pub fn read(text: &str) -> Option<Self> {
        if text == "null" {
            return Some(Self::Null);
        }
        // Only lower case is accepted: policies compare names literally.
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
