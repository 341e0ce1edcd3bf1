//! Every key derivation of the format: HKDF-SHA-256 (RFC 5869), one label each.
//!
//! `info` is the label followed by its fields, each field preceded by its length as four bytes, big endian. No two
//! different lists of fields give the same `info`, and no label is the beginning of another one.

use crate::error::{Error, Result};
use crate::secret::Bytes;
use crate::suite::SALT;
use aws_lc_rs::hkdf::{HKDF_SHA256, Prk, Salt};

#[cfg(test)]
mod tests;

/// What a derived key is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Label {
    /// Shows that an outer key is the right one, and reveals nothing else of it.
    Commitment,
    /// Wraps a key in an envelope. Fields: suite, mode, bucket id, object key, content id.
    Wrap,
    /// Seals the chunks of a part. Fields: part number.
    Part,
    /// Gives the [`crate::ManifestKey`] of a version. No fields.
    OfManifests,
    /// Seals a manifest. No fields.
    Manifest,
    /// Seals one value of a row. Fields: salt.
    Row,
    /// Tells a key from others ([`crate::keyring::Fingerprint`]). No fields.
    Fingerprint,
    /// Makes the check over a keyring's file ([`crate::keyring::check`]). No fields.
    Keyring,
}

impl Label {
    fn text(self) -> &'static [u8] {
        match self {
            Self::Commitment => b"strongroom/1/commitment",
            Self::Wrap => b"strongroom/1/wrap",
            Self::Part => b"strongroom/1/part",
            Self::OfManifests => b"strongroom/1/of-manifests",
            Self::Manifest => b"strongroom/1/manifest",
            Self::Row => b"strongroom/1/row",
            Self::Fingerprint => b"strongroom/1/fingerprint",
            Self::Keyring => b"strongroom/1/keyring",
        }
    }
}

/// HKDF-Extract: `salt` and the input key give a pseudorandom key that [`expand`] draws from.
pub(crate) fn extract(salt: &[u8; SALT], key: &[u8; 32]) -> Prk {
    Salt::new(HKDF_SHA256, salt).extract(key)
}

/// HKDF-Expand for `label` and `fields`: 32 bytes.
pub(crate) fn expand(prk: &Prk, label: Label, fields: &[&[u8]]) -> Result<Bytes> {
    let mut info = Vec::with_capacity(96);
    info.extend_from_slice(label.text());
    for field in fields {
        let length = u32::try_from(field.len()).map_err(|_| Error::Damaged("name"))?;
        info.extend_from_slice(&length.to_be_bytes());
        info.extend_from_slice(field);
    }
    Bytes::filled(|out| {
        prk.expand(&[&info], HKDF_SHA256)
            .and_then(|okm| okm.fill(out))
            .map_err(|_| Error::Damaged("key derivation"))
    })
}
