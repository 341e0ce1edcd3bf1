//! Fingerprints of keys, and the authentication of a keyring's file.
//!
//! In the notation of RFC 5869:
//!
//! ```text
//! PRK         = HKDF-Extract(32 zero bytes, key)
//! fingerprint = HKDF-Expand(PRK, "fingerprint", 32), the first eight bytes
//! check       = HMAC-SHA-256(HKDF-Expand(PRK, "keyring", 32), text), with the PRK of the root key (RFC 2104)
//! ```

use crate::derive::{self, Label};
use crate::error::{Error, Result};
use crate::keys::OuterKey;
use crate::keys::Wrapped;
use crate::suite::SALT;
use aws_lc_rs::hmac;
use std::fmt;

#[cfg(test)]
mod tests;

/// Length of the check in bytes.
pub const CHECK: usize = 32;

/// Public identifier of a key: eight bytes, shown in hex. Its holder can verify a guess of the key, as the holder of an
/// envelope can, and learns nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fingerprint([u8; 8]);

impl Fingerprint {
    /// Returns the fingerprint of `key`.
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

    /// Returns the bytes to store.
    pub fn as_bytes(&self) -> &[u8; 8] {
        &self.0
    }

    /// Restores a stored fingerprint.
    pub fn from_bytes(bytes: [u8; 8]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Returns the check over `text`, the file of a keyring sealed by `root`.
///
/// # Errors
/// None that stored bytes can cause.
pub fn check(root: &OuterKey, text: &[u8]) -> Result<[u8; CHECK]> {
    let tag = hmac::sign(&check_key(root)?, text);
    tag.as_ref().try_into().map_err(|_| Error::Damaged("keyring"))
}

/// Verifies the check over `text` in constant time.
///
/// # Errors
/// [`Error::Damaged`] if the check was computed over another text or with another key.
pub fn verify(root: &OuterKey, text: &[u8], check: &[u8]) -> Result<()> {
    hmac::verify(&check_key(root)?, text, check).map_err(|_| Error::Damaged("keyring"))
}

fn check_key(root: &OuterKey) -> Result<hmac::Key> {
    let prk = derive::extract(&[0; SALT], root.expose());
    let key = derive::expand(&prk, Label::Keyring, &[])?;
    Ok(hmac::Key::new(hmac::HMAC_SHA256, &*key))
}
