//! All key derivations of the format: HKDF-SHA-256 (RFC 5869), one label each.
//!
//! Notation as in RFC 5869: `PRK = HKDF-Extract(salt, IKM)`, `OKM = HKDF-Expand(PRK, info, L)`, with L = 32 bytes
//! throughout. `info` is the label followed by its fields, each field preceded by its length as four bytes, big endian.
//! No two different lists of fields give the same `info`, and no label is a prefix of another one.

use crate::error::{Error, Result};
use crate::secret::Bytes;
use crate::suite::SALT;
use aws_lc_rs::hkdf::{HKDF_SHA256, Prk, Salt};

#[cfg(test)]
mod tests;

/// Purpose of a derived key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Label {
    /// Commits to an outer key and reveals nothing else about it. No fields.
    Commitment,
    /// Wraps a key in an envelope. Fields: suite, mode, bucket id, object key, content id.
    Wrap,
    /// Encrypts the chunks of a part. Fields: part number.
    Part,
    /// Is the [`ManifestKey`](crate::keys::ManifestKey) of a version. No fields.
    OfManifests,
    /// Encrypts a manifest. No fields.
    Manifest,
    /// Encrypts one value of a row. Fields: salt.
    Row,
    /// Authenticates the groups of a commit log ([`Purpose::Log`](crate::authenticator::Purpose::Log)). No fields.
    Log,
    /// Authenticates the note of the last acknowledged group ([`Purpose::Mark`](crate::authenticator::Purpose::Mark)).
    /// No fields.
    Mark,
    /// Authenticates the list of the index's tables ([`Purpose::Tables`](crate::authenticator::Purpose::Tables)). No
    /// fields.
    Tables,
    /// Authenticates one row ([`Purpose::Tag`](crate::authenticator::Purpose::Tag)). No fields.
    Tag,
    /// Encrypts what describes the index
    /// ([`StoreAuthenticator::seal`](crate::authenticator::StoreAuthenticator::seal)). Fields: salt.
    Note,
    /// Identifies a key ([`Fingerprint`](crate::keyring::Fingerprint)). No fields.
    Fingerprint,
    /// Authenticates a keyring's file ([`check`](crate::keyring::check)). No fields.
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
            Self::Log => b"strongroom/1/log",
            Self::Mark => b"strongroom/1/mark",
            Self::Tables => b"strongroom/1/tables",
            Self::Tag => b"strongroom/1/tag",
            Self::Note => b"strongroom/1/note",
            Self::Fingerprint => b"strongroom/1/fingerprint",
            Self::Keyring => b"strongroom/1/keyring",
        }
    }
}

/// Returns PRK = HKDF-Extract(`salt`, `ikm`).
pub(crate) fn extract(salt: &[u8; SALT], ikm: &[u8; 32]) -> Prk {
    Salt::new(HKDF_SHA256, salt).extract(ikm)
}

/// Returns HKDF-Expand(`prk`, info, 32), with `info` built from `label` and `fields`.
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
