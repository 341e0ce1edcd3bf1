//! Bytes as base64 in text files, for `#[serde(with = ...)]`.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

pub(crate) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&BASE64_STANDARD.encode(bytes))
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    // The decoder's error could quote the text.
    BASE64_STANDARD
        .decode(text)
        .map_err(|_| D::Error::custom("not base64"))
}
