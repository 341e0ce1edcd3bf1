//! Conversion of cleartext bytes to keys. They are copied once, to the key's own place: moves would leave copies
//! behind.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use strongroom_seal::OuterKey;
use strongroom_seal::keys::Wrapped as _;
use zeroize::Zeroizing;

/// Creates a key; `None` if `bytes` is not 32 bytes long.
pub(crate) fn key_of(bytes: &[u8]) -> Option<OuterKey> {
    let filled = OuterKey::filled(|key| {
        if bytes.len() != key.len() {
            return Err(());
        }
        key.copy_from_slice(bytes);
        Ok(())
    });
    filled.ok()
}

/// Decodes a key from base64; `None` if `text` is not the base64 of 32 bytes.
pub(crate) fn key_of_base64(text: &str) -> Option<OuterKey> {
    // The decoder needs a little more room than 32 bytes.
    let mut room = Zeroizing::new([0; 64]);
    let length = BASE64_STANDARD.decode_slice(text.as_bytes(), &mut *room).ok()?;
    key_of(room.get(..length)?)
}

#[cfg(test)]
mod tests;
