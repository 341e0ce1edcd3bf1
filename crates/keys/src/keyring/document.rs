//! The file of a keyring, version 2: TOML, with a check over all of it at the end.

use crate::base64_text;
use crate::created::Created;
use crate::keyring::state::{MasterState, NamedState};
use crate::root::record::{Root, RootRecord};
use serde::{Deserialize, Serialize};
use strongroom_seal::keyring::{self, CHECK};

pub(crate) const VERSION: u32 = 2;
const HEAD: &str = "# Strongroom's keyring: the keys that seal everything but what a customer's own key seals. Each is\n\
                    # sealed by the root key, which lies elsewhere. Changed by `strongroom keys` alone: the check at the\n\
                    # end is over every byte before it.\n";
/// What stands around the check, which is the end of the file.
const BEFORE_CHECK: &str = "\n[check]\nmac = \"";
const AFTER_CHECK: &str = "\"\n";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Document {
    pub(crate) version: u32,
    pub(crate) root: RootRecord,
    pub(crate) master: Vec<MasterEntry>,
    #[serde(default)]
    pub(crate) kms: Vec<NamedEntry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MasterEntry {
    pub(crate) id: String,
    pub(crate) state: MasterState,
    pub(crate) created: Created,
    #[serde(with = "hex::serde")]
    pub(crate) fingerprint: [u8; 8],
    #[serde(with = "base64_text")]
    pub(crate) sealed: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NamedEntry {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) state: NamedState,
    pub(crate) created: Created,
    pub(crate) version: Vec<VersionEntry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct VersionEntry {
    pub(crate) number: u32,
    pub(crate) created: Created,
    #[serde(with = "hex::serde")]
    pub(crate) fingerprint: [u8; 8],
    #[serde(with = "base64_text")]
    pub(crate) sealed: Vec<u8>,
}

/// What of a file tells which version it is of.
#[derive(Deserialize)]
struct Versioned {
    version: u32,
}

/// The version of a keyring's file; the error says what is wrong with it.
pub(crate) fn version(text: &str) -> Result<u32, &'static str> {
    let versioned: Versioned = toml::from_str(text).map_err(|_| "it is not the TOML of a keyring")?;
    Ok(versioned.version)
}

impl Document {
    /// Reads a file, whose check is yet to be looked at: that takes the root key, which the file tells of.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let (body, _) = split(text).ok_or("its check is missing")?;
        toml::from_str(body).map_err(|_| "it is not the TOML of a keyring")
    }

    /// The text of the file, with its check.
    pub(crate) fn text(&self, root: &Root) -> Result<String, WriteError> {
        let body = format!("{HEAD}{}", toml::to_string(self)?);
        let check = keyring::check(&root.key, body.as_bytes())?;
        Ok(format!("{body}{BEFORE_CHECK}{}{AFTER_CHECK}", hex::encode(check)))
    }
}

/// Whether the check fits the text, in constant time.
pub(crate) fn is_as_written(text: &str, root: &Root) -> bool {
    let Some((body, check)) = split(text) else {
        return false;
    };
    let mut bytes = [0; CHECK];
    // Hex in capitals would be another text with the same check.
    hex::decode_to_slice(check, &mut bytes).is_ok()
        && hex::encode(bytes) == check
        && keyring::verify(&root.key, body.as_bytes(), &bytes).is_ok()
}

/// What the check is over, and the check.
fn split(text: &str) -> Option<(&str, &str)> {
    let text = text.strip_suffix(AFTER_CHECK)?;
    let (body, check) = text.split_at_checked(text.len().checked_sub(2 * CHECK)?)?;
    Some((body.strip_suffix(BEFORE_CHECK)?, check))
}

/// Why a file could not be put together. What is in it is ours, so it never comes to this.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WriteError {
    #[error(transparent)]
    Toml(#[from] toml::ser::Error),
    #[error(transparent)]
    Seal(#[from] strongroom_seal::Error),
}
