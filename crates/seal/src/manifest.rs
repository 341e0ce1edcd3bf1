//! The manifest: the parts, headers and metadata of a version, sealed under its [`ManifestKey`].
//!
//! ```text
//! 0    1   suite
//! 1    32  salt
//! 33       ciphertext and tag of the CBOR (RFC 8949) encoding of [`Manifest`]
//! ```
//!
//! `key = HKDF-Expand(HKDF-Extract(salt, manifest key), "manifest", 32)`, zero nonce. Associated data: the 33 bytes
//! before the ciphertext, and the bytes that are stored in clear beside the manifest (for listings) together with the
//! envelope, so that neither can be exchanged.

use crate::aead;
use crate::derive::{self, Label};
use crate::error::{Error, Result};
use crate::keys::ManifestKey;
use crate::keys::Wrapped as _;
use crate::random::{self, Random};
use crate::secret::CleanStack;
use crate::suite::{SALT, Suite};
use minicbor::{Decode, Encode};
use std::collections::BTreeMap;

#[cfg(test)]
mod tests;

const CIPHERTEXT_AT: usize = 1 + SALT;

/// Description of a version. Encoded as a CBOR map with the numbers below as keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Manifest {
    /// The parts in order. An object that was put whole has one, with number 1.
    #[n(0)]
    pub parts: Vec<ManifestPart>,
    /// Content headers by lower-case name: `content-type`, `cache-control` and the like.
    #[n(1)]
    pub headers: BTreeMap<String, String>,
    /// User metadata by name, without `x-amz-meta-`.
    #[n(2)]
    pub metadata: BTreeMap<String, String>,
    /// Checksums of the plaintext that the client requested or sent.
    #[n(3)]
    pub checksums: Vec<Checksum>,
    /// True if the version's `ETag` is the MD5 of its content although its mode does not imply it: it was once
    /// encrypted with SSE-S3, and its data has not moved since. Omitted from the encoding if unknown.
    #[n(4)]
    pub etag_is_md5: Option<bool>,
}

/// One part of a version.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ManifestPart {
    /// Number of the part as sent by the client, 1 to 10,000.
    #[n(0)]
    pub number: u32,
    /// Length of the plaintext in bytes.
    #[n(1)]
    pub length: u64,
    /// Salt that the part was sealed under, so that no other sealing of the same part can replace it.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub salt: [u8; SALT],
    /// Checksum of the part, in the algorithm of the manifest's checksum: for a GET by part number and for
    /// `GetObjectAttributes`. Omitted from the encoding if there is none.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub checksum: Option<Vec<u8>>,
}

/// A checksum over plaintext, named as in S3.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Checksum {
    /// `CRC32`, `CRC32C`, `CRC64NVME`, `SHA1` or `SHA256`.
    #[n(0)]
    pub algorithm: String,
    /// The checksum, big endian.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub value: Vec<u8>,
    /// True: over the parts' checksums (`COMPOSITE`). False: over the whole object (`FULL_OBJECT`).
    #[n(2)]
    pub composite: bool,
}

impl Manifest {
    /// Returns the length of the version's plaintext in bytes.
    pub fn length(&self) -> u64 {
        self.parts.iter().map(|part| part.length).sum()
    }

    /// Seals the manifest under `key`, bound to the associated data `aad`.
    ///
    /// # Errors
    /// [`Error::Random`].
    pub fn seal(&self, key: &ManifestKey, aad: &[u8], random: &dyn Random) -> Result<Vec<u8>> {
        let salt = random::bytes::<SALT>(random)?;
        let plain = minicbor::to_vec(self).map_err(|_| Error::Damaged("manifest"))?;
        let mut sealed = Vec::with_capacity(CIPHERTEXT_AT + plain.len() + crate::suite::TAG);
        sealed.push(Suite::One as u8);
        sealed.extend_from_slice(&salt);
        let aad = [&sealed[..], aad].concat();
        let _clean = CleanStack;
        let prk = derive::extract(&salt, key.expose());
        aead::seal_once(
            &*derive::expand(&prk, Label::Manifest, &[])?,
            &aad,
            &plain,
            &mut sealed,
        )?;
        Ok(sealed)
    }

    /// Opens a sealed manifest that is bound to the associated data `aad`.
    ///
    /// # Errors
    /// [`Error::UnknownSuite`]; [`Error::Damaged`] if the manifest or `aad` was changed.
    pub fn open(sealed: &[u8], key: &ManifestKey, aad: &[u8]) -> Result<Self> {
        Suite::read(*sealed.first().ok_or(Error::Damaged("manifest"))?)?;
        let (head, ciphertext) = sealed
            .split_at_checked(CIPHERTEXT_AT)
            .ok_or(Error::Damaged("manifest"))?;
        let salt = head[1..].try_into().map_err(|_| Error::Damaged("manifest"))?;
        let _clean = CleanStack;
        let prk = derive::extract(salt, key.expose());
        let key = derive::expand(&prk, Label::Manifest, &[])?;
        let plain = aead::open_once(&key, &[head, aad].concat(), ciphertext, "manifest")?;
        minicbor::decode(&plain).map_err(|_| Error::Damaged("manifest"))
    }
}
