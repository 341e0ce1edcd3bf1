//! Encoded words (RFC 2047) in metadata: `=?charset?encoding?text?=`. Clients write text that is not ASCII so.

use crate::response::error::ErrorResponse;
use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use encoding_rs::Encoding;
use http::{HeaderMap, HeaderName};
use std::collections::BTreeMap;

#[cfg(test)]
mod tests;

/// Prefix of the headers that hold metadata.
const METADATA: &str = "x-amz-meta-";
/// Base64 with or without padding: mail programs omit it.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Takes the metadata out of the headers and decodes it. A value that cannot be decoded stays as it was sent.
///
/// # Errors
/// `InvalidArgument` for a value that is not UTF-8.
pub(crate) fn take_metadata(headers: &mut HeaderMap) -> Result<BTreeMap<String, String>, ErrorResponse> {
    let names = headers.keys().filter(|name| name.as_str().starts_with(METADATA));
    let names: Vec<HeaderName> = names.cloned().collect();
    let mut metadata = BTreeMap::new();
    for name in names {
        let Some(value) = headers.remove(&name) else {
            continue;
        };
        let value = std::str::from_utf8(value.as_bytes())
            .map_err(|_| ErrorResponse::invalid_argument(format!("The header {name} must be UTF-8 text.")))?;
        let key = &name.as_str()[METADATA.len()..];
        if !key.is_empty() {
            let value = value.trim();
            metadata.insert(key.to_owned(), decode(value).unwrap_or_else(|| value.to_owned()));
        }
    }
    Ok(metadata)
}

/// Decodes the encoded words in a text. `None`: there are none. White space between two of them separates them only
/// (RFC 2047 section 6.2).
fn decode(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let (mut rest, mut found) = (text, false);
    while let Some(at) = rest.find("=?") {
        let (before, from) = rest.split_at(at);
        if let Some((word, after)) = word(from) {
            if !(found && before.chars().all(char::is_whitespace)) {
                out.push_str(before);
            }
            out.push_str(&word);
            found = true;
            rest = after;
        } else {
            out.push_str(before);
            out.push_str("=?");
            rest = &from[2..];
        }
    }
    out.push_str(rest);
    found.then_some(out)
}

/// Decodes the encoded word that a text begins with. Returns it and the text behind it.
fn word(text: &str) -> Option<(String, &str)> {
    let (charset, rest) = text.strip_prefix("=?")?.split_once('?')?;
    let (encoding, rest) = rest.split_once('?')?;
    let (content, after) = rest.split_once("?=")?;
    // The language may follow the charset (RFC 2231 section 5).
    let charset = charset.split('*').next()?;
    let charset = Encoding::for_label(charset.as_bytes())?;
    let bytes = match encoding {
        "B" | "b" => BASE64.decode(content).ok()?,
        "Q" | "q" => quoted(content)?,
        _ => return None,
    };
    let word = charset.decode_without_bom_handling_and_without_replacement(&bytes)?;
    Some((word.into_owned(), after))
}

/// Decodes the encoding Q (RFC 2047 section 4.2).
fn quoted(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'_' => b' ',
            b'=' => {
                let digits = [bytes.next()?, bytes.next()?];
                hex::decode(digits).ok()?.first().copied()?
            }
            b'?' => return None,
            other => other,
        });
    }
    Some(out)
}
