//! Customer keys for SSE-C on the command line: generating, reading in any form, and checking for weakness.
//!
//! The server does not use this module: it reads keys from request headers.

use strongroom_keys::customer_key::{CustomerKey, LENGTH};
use zeroize::Zeroizing;

use crate::randomness::NoRandomness;

pub(crate) mod check;
pub(crate) mod file;
pub(crate) mod fingerprint;
pub(crate) mod new;
mod weakness;

/// Characters of a key that can be pasted directly: one byte each, and no shell needs to quote them.
const TEXT_ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Generates 32 random bytes: 256 bits of strength.
fn random(fill: impl FnOnce(&mut [u8]) -> Result<(), NoRandomness>) -> Result<CustomerKey, NoRandomness> {
    let mut bytes = Zeroizing::new([0; LENGTH]);
    fill(bytes.as_mut_slice())?;
    Ok(CustomerKey::new(bytes))
}

/// Generates 32 random letters and digits: 32 * log2(62) = 190 bits of strength.
fn random_text(
    mut fill: impl FnMut(&mut [u8]) -> Result<(), NoRandomness>,
) -> Result<CustomerKey, NoRandomness> {
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
    Ok(CustomerKey::new(characters))
}

#[cfg(test)]
mod tests;
