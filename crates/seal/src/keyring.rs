//! What a keyring needs beside envelopes: fingerprints of its keys, and a check over its file.
//!
//! `prk = HKDF-Extract(32 zero bytes, key)` in both. `fingerprint = HKDF-Expand(prk, "fingerprint")`, the first eight
//! bytes. `check = HMAC-SHA-256(HKDF-Expand(prk of the root key, "keyring"), text)` (RFC 2104).

use crate::derive::{self, Label};
use crate::error::{Error, Result};
use crate::keys::OuterKey;
use crate::keys::Wrapped;
use crate::suite::SALT;
use aws_lc_rs::hmac;
use std::fmt;

#[cfg(test)]
mod tests;

/// Bytes of the check.
pub const CHECK: usize = 32;

/// What tells two keys apart without a word about either: eight bytes, shown in hex. Whoever has it can test a guess of
/// the key, as whoever has an envelope can, and learns nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fingerprint([u8; 8]);

impl Fingerprint {
    /// The fingerprint of `key`.
    ///
    /// # Errors
    /// None that stored bytes can cause.
    pub fn of<K: Wrapped>(key: &K) -> Result<Self> {
        let prk = derive::extract(&[0; SALT], key.expose());
        let whole = derive::expand(&prk, Label::Fingerprint, &[])?;
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&whole[..8]);
        Ok(Self(bytes))
    }

    /// The bytes, to store.
    pub fn as_bytes(&self) -> &[u8; 8] {
        &self.0
    }

    /// A fingerprint that was stored.
    pub fn from_bytes(bytes: [u8; 8]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The check over `text`, the file of a keyring that `root` seals.
///
/// # Errors
/// None that stored bytes can cause.
pub fn check(root: &OuterKey, text: &[u8]) -> Result<[u8; CHECK]> {
    let tag = hmac::sign(&check_key(root)?, text);
    tag.as_ref().try_into().map_err(|_| Error::Damaged("keyring"))
}

/// Compares the check over `text` with the one that stands behind it, in constant time.
///
/// # Errors
/// [`Error::Damaged`] when the text is not the one that the check was made over.
pub fn verify(root: &OuterKey, text: &[u8], check: &[u8]) -> Result<()> {
    hmac::verify(&check_key(root)?, text, check).map_err(|_| Error::Damaged("keyring"))
}

fn check_key(root: &OuterKey) -> Result<hmac::Key> {
    let prk = derive::extract(&[0; SALT], root.expose());
    let key = derive::expand(&prk, Label::Keyring, &[])?;
    Ok(hmac::Key::new(hmac::HMAC_SHA256, &*key))
}
