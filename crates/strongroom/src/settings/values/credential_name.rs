//! Name of a systemd credential.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;

use crate::settings::value::{ValueError, text_values};

/// Name of a systemd credential.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct CredentialName(String);

impl CredentialName {
    /// Returns the default name of the root key's credential.
    pub(crate) fn built_in() -> Self {
        Self("strongroom-root".to_owned())
    }
}

impl FromStr for CredentialName {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        // The name is a file name in the credentials directory and must not lead out of it.
        if !(1..=255).contains(&text.len()) || !text.bytes().all(allowed) || text.starts_with('.') {
            return Err(ValueError(
                "write the name of a systemd credential: letters, digits, '.', '_' and '-', at most 255, such as strongroom-root",
            ));
        }
        Ok(Self(text.to_owned()))
    }
}

impl AsRef<str> for CredentialName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CredentialName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

text_values!(CredentialName);
