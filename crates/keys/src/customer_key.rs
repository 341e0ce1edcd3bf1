//! Customer keys for SSE-C as people have them: read in any form that clients use, and named by a fingerprint.
//!
//! `vectors/customer-keys.json` has the forms and fingerprints. The console's scripts follow the same rules.

use aws_lc_rs::digest::{Context, SHA256};
use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::engine::{DecodePaddingMode, general_purpose};
use md5::{Digest as _, Md5};
use zeroize::Zeroizing;

#[cfg(test)]
mod tests;

/// Length of an AES-256 key in bytes, independent of its written form.
pub const LENGTH: usize = 32;

/// Text that is hashed before the key for its fingerprint, so that the fingerprint is no other digest of the key.
const LABEL: &[u8] = b"strongroom customer key fingerprint 1\0";

/// Base64 with or without the `=` at its end: some programs drop it.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Customer key of 32 bytes. Wiped on drop; has no `Debug`, so it is not printed by accident.
pub struct CustomerKey(Zeroizing<[u8; LENGTH]>);

impl CustomerKey {
    /// Creates a key of its bytes.
    pub fn new(bytes: Zeroizing<[u8; LENGTH]>) -> Self {
        Self(bytes)
    }

    /// Returns the bytes.
    pub fn bytes(&self) -> &[u8; LENGTH] {
        &self.0
    }

    /// Returns the value of the key header.
    pub fn base64(&self) -> Zeroizing<String> {
        Zeroizing::new(general_purpose::STANDARD.encode(self.bytes()))
    }

    /// Returns the value of the key-MD5 header.
    pub fn md5(&self) -> String {
        general_purpose::STANDARD.encode(Md5::digest(self.bytes()))
    }

    /// Returns the key as hex digits.
    pub fn hex(&self) -> Zeroizing<String> {
        Zeroizing::new(hex::encode(self.bytes()))
    }

    /// Returns the key as text. `None`: it contains bytes that cannot be typed and pasted.
    pub fn as_text(&self) -> Option<&str> {
        let bytes = self.bytes();
        if bytes.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ') {
            std::str::from_utf8(bytes).ok()
        } else {
            None
        }
    }

    /// Returns the fingerprint: the first 8 bytes of the SHA-256 of a fixed text and the key, as hex digits in groups of
    /// four. It tells keys apart and reveals nothing of a random one.
    pub fn fingerprint(&self) -> String {
        let mut digest = Context::new(&SHA256);
        digest.update(LABEL);
        digest.update(self.bytes());
        let digest = digest.finish();
        let pairs = digest.as_ref().chunks(2).take(4).map(hex::encode);
        pairs.collect::<Vec<_>>().join(" ")
    }
}

/// Form in which a key was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// 32 bytes that are not all printable.
    RawBytes,
    /// 32 printable characters, each a byte of the key.
    Characters,
    /// The base64 of 32 bytes, as in the HTTP header.
    Base64,
    /// 64 hex digits.
    Hex,
}

impl Form {
    /// Returns the form in words.
    pub fn describe(self) -> &'static str {
        match self {
            Self::RawBytes => "32 raw bytes",
            Self::Characters => {
                "32 characters, each a byte of the key (the form that the AWS CLI accepts as --sse-customer-key)"
            }
            Self::Base64 => "base64 of 32 bytes (the form in the HTTP header)",
            Self::Hex => "64 hex digits",
        }
    }
}

/// A key and the form in which it was given.
pub struct ReadKey {
    /// The key.
    pub key: CustomerKey,
    /// Form in which it was given.
    pub form: Form,
    /// True if a line end followed the key.
    pub line_end: bool,
}

/// Error for input that is not a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "{length} bytes are not a customer key: a key is 32 raw bytes or characters, \
     44 characters of base64, or 64 hex digits{}", self.hint()
)]
pub struct NotAKey {
    length: usize,
}

impl NotAKey {
    fn hint(self) -> &'static str {
        match self.length {
            0 => "; the input is empty",
            16 => "; 16 bytes are an AES-128 key, but SSE-C accepts only AES-256",
            43 | 44 => "; these characters are not the base64 of 32 bytes",
            64 => "; these 64 characters are not all hex digits",
            _ => "",
        }
    }
}

/// Reads a key in any of its forms; one line end after it is ignored.
///
/// # Errors
/// [`NotAKey`].
pub fn read(given: &[u8]) -> Result<ReadKey, NotAKey> {
    // Input of 32 bytes is all key: a raw key may end in 0x0a.
    let body = if given.len() == LENGTH {
        given
    } else {
        without_line_end(given)
    };
    let line_end = body.len() != given.len();
    let not_a_key = NotAKey { length: body.len() };
    let mut bytes = Zeroizing::new([0; LENGTH]);
    let form = match body.len() {
        LENGTH => {
            bytes.copy_from_slice(body);
            Form::RawBytes
        }
        43 | 44 => {
            let decoded = Zeroizing::new(LENIENT.decode(body).map_err(|_| not_a_key)?);
            if decoded.len() != LENGTH {
                return Err(not_a_key);
            }
            bytes.copy_from_slice(&decoded);
            Form::Base64
        }
        64 => {
            hex::decode_to_slice(body, bytes.as_mut_slice()).map_err(|_| not_a_key)?;
            Form::Hex
        }
        _ => return Err(not_a_key),
    };
    let key = CustomerKey(bytes);
    let form = if form == Form::RawBytes && key.as_text().is_some() {
        Form::Characters
    } else {
        form
    };
    Ok(ReadKey { key, form, line_end })
}

fn without_line_end(given: &[u8]) -> &[u8] {
    given
        .strip_suffix(b"\r\n")
        .or_else(|| given.strip_suffix(b"\n"))
        .unwrap_or(given)
}
