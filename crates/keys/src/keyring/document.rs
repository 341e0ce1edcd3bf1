//! The file of a keyring, version 2: TOML, with a check over all of it at the end.

use crate::base64_text;
use crate::created::Created;
use crate::keyring::state::{MasterState, NamedState};
use crate::root::record::{Root, RootRecord};
use serde::{Deserialize, Serialize};
use strongroom_seal::keyring::{self, CHECK};

pub(crate) const VERSION: u32 = 2;
const HEAD: &str = "# Strongroom's keyring: the keys that encrypt everything except what a customer's own key encrypts. Each\n\
                    # is encrypted under the root key, which is stored elsewhere. Change it only with `strongroom keys`:\n\
                    # the check at the end covers every byte before it.\n";
/// Text before the check. The check and the text around it form the end of the file.
const BEFORE_CHECK: &str = "\n[check]\nmac = \"";
const AFTER_CHECK: &str = "\"\n";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Document {
    pub(crate) version: u32,
    /// Ids of stores, in hex.
    #[serde(default)]
    pub(crate) stores: Vec<String>,
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

/// The part of a file that all versions share.
#[derive(Deserialize)]
struct Versioned {
    version: u32,
}

/// Returns the version of a keyring's file. The error describes the fault.
pub(crate) fn version(text: &str) -> Result<u32, &'static str> {
    let versioned: Versioned = toml::from_str(text).map_err(|_| "it is not the TOML of a keyring")?;
    Ok(versioned.version)
}

impl Document {
    /// Parses a file without verifying its check, which needs the root key that the file describes.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let (body, _) = split(text).ok_or("its check is missing")?;
        toml::from_str(body).map_err(|_| "it is not the TOML of a keyring")
    }

    /// Returns the text of the file, with its check.
    pub(crate) fn text(&self, root: &Root) -> Result<String, WriteError> {
        let body = format!("{HEAD}{}", toml::to_string(self)?);
        let check = keyring::check(&root.key, body.as_bytes())?;
        Ok(format!("{body}{BEFORE_CHECK}{}{AFTER_CHECK}", hex::encode(check)))
    }
}

/// Returns whether the check matches the text; compares in constant time.
pub(crate) fn is_as_written(text: &str, root: &Root) -> bool {
    let Some((body, check)) = split(text) else {
        return false;
    };
    let mut bytes = [0; CHECK];
    // Upper-case hex would be another text with the same check.
    hex::decode_to_slice(check, &mut bytes).is_ok()
        && hex::encode(bytes) == check
        && keyring::verify(&root.key, body.as_bytes(), &bytes).is_ok()
}

/// Splits a file into the text under the check, and the check.
fn split(text: &str) -> Option<(&str, &str)> {
    let text = text.strip_suffix(AFTER_CHECK)?;
    let (body, check) = text.split_at_checked(text.len().checked_sub(2 * CHECK)?)?;
    Some((body.strip_suffix(BEFORE_CHECK)?, check))
}

/// Reason why a file could not be serialized. Does not occur in practice, as all values are our own.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WriteError {
    #[error(transparent)]
    Toml(#[from] toml::ser::Error),
    #[error(transparent)]
    Seal(#[from] strongroom_seal::Error),
}
