//! Reads a key in any of the forms that clients use, and reports which form it was.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::{CustomerKey, LENGTH};

/// Form in which a key was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
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
    pub(super) fn describe(self) -> &'static str {
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
pub(super) struct ReadKey {
    pub(super) key: CustomerKey,
    pub(super) form: Form,
    /// True if a line end followed the key.
    pub(super) line_end: bool,
}

/// Error for input that is not a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "{length} bytes are not a customer key: a key is 32 raw bytes or characters, \
     44 characters of base64, or 64 hex digits{}", self.hint()
)]
pub(crate) struct NotAKey {
    length: usize,
}

impl NotAKey {
    fn hint(self) -> &'static str {
        match self.length {
            0 => "; the input is empty",
            16 => "; 16 bytes are an AES-128 key, but SSE-C accepts only AES-256",
            44 => "; these 44 characters are not the base64 of 32 bytes",
            64 => "; these 64 characters are not all hex digits",
            _ => "",
        }
    }
}

/// Parses `given`; one line end after the key is ignored.
pub(super) fn read(given: &[u8]) -> Result<ReadKey, NotAKey> {
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
        44 => {
            let decoded = Zeroizing::new(STANDARD.decode(body).map_err(|_| not_a_key)?);
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
