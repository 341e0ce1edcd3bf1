//! Keys out of bytes that came in clear. They are written where they stay: whatever is moved leaves copies behind.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use strongroom_seal::OuterKey;
use strongroom_seal::keys::Wrapped as _;
use zeroize::Zeroizing;

/// The key of 32 bytes; none, if there are not as many.
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

/// The key of 32 bytes in base64; none, if it is something else.
pub(crate) fn key_of_base64(text: &str) -> Option<OuterKey> {
    // Decoding wants a little more room than 32 bytes take.
    let mut room = Zeroizing::new([0; 64]);
    let length = BASE64_STANDARD.decode_slice(text.as_bytes(), &mut *room).ok()?;
    key_of(room.get(..length)?)
}

#[cfg(test)]
mod tests;
