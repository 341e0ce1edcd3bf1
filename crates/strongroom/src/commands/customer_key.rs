//! Customer keys for SSE-C on the command line: generating, reading in any form, and checking for weakness.
//!
//! The server does not use this module: it reads keys from request headers.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use zeroize::Zeroizing;

use crate::randomness::NoRandomness;

pub(crate) mod check;
pub(crate) mod file;
mod form;
pub(crate) mod new;
mod weakness;

/// Length of an AES-256 key in bytes, independent of its written form.
const LENGTH: usize = 32;

/// Characters of a key that can be pasted directly: one byte each, and no shell needs to quote them.
const TEXT_ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Customer key of 32 bytes. Wiped on drop; has no `Debug`, so it is not printed by accident.
pub(crate) struct CustomerKey(Zeroizing<[u8; LENGTH]>);

impl CustomerKey {
    /// Generates 32 random bytes: 256 bits of strength.
    fn random(fill: impl FnOnce(&mut [u8]) -> Result<(), NoRandomness>) -> Result<Self, NoRandomness> {
        let mut bytes = Zeroizing::new([0; LENGTH]);
        fill(bytes.as_mut_slice())?;
        Ok(Self(bytes))
    }

    /// Generates 32 random letters and digits: 32 * log2(62) = 190 bits of strength.
    fn random_text(
        mut fill: impl FnMut(&mut [u8]) -> Result<(), NoRandomness>,
    ) -> Result<Self, NoRandomness> {
        let mut characters = Zeroizing::new([0; LENGTH]);
        let mut draw = Zeroizing::new([0_u8; 1]);
        for character in characters.iter_mut() {
            // Six bits give one of 64 values; draw again for the two beyond the alphabet, so that all characters are
            // equally likely.
            *character = loop {
                fill(draw.as_mut_slice())?;
                if let Some(drawn) = TEXT_ALPHABET.get(usize::from(draw[0] & 0x3f)) {
                    break *drawn;
                }
            };
        }
        Ok(Self(characters))
    }

    fn bytes(&self) -> &[u8; LENGTH] {
        &self.0
    }

    /// Returns the value of the key header.
    pub(crate) fn base64(&self) -> Zeroizing<String> {
        Zeroizing::new(STANDARD.encode(self.bytes()))
    }

    /// Returns the value of the key-MD5 header.
    pub(crate) fn md5(&self) -> String {
        STANDARD.encode(Md5::digest(self.bytes()))
    }

    fn hex(&self) -> Zeroizing<String> {
        Zeroizing::new(hex::encode(self.bytes()))
    }

    /// Returns the key as text. `None`: it contains bytes that cannot be typed and pasted.
    fn as_text(&self) -> Option<&str> {
        let bytes = self.bytes();
        if bytes.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ') {
            std::str::from_utf8(bytes).ok()
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests;
