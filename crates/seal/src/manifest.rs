//! The manifest: what a version is made of and what its owner said of it, sealed under its
//! [`ManifestKey`].
//!
//! ```text
//! 0    1   suite
//! 1    32  salt
//! 33       ciphertext and tag of the CBOR (RFC 8949) encoding of [`Manifest`]
//! ```
//!
//! `key = HKDF(salt, manifest key, "manifest")`, zero nonce. Associated data: the 33 bytes before the ciphertext, and
//! what stands *outside* in clear for listings, with the envelope: neither can be exchanged.

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

/// What a version is made of. Encoded as a CBOR map with the numbers below as keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Manifest {
    /// The parts in order; an object put whole has one, with number 1.
    #[n(0)]
    pub parts: Vec<ManifestPart>,
    /// Content headers by lower-case name: `content-type`, `cache-control`, and their like.
    #[n(1)]
    pub headers: BTreeMap<String, String>,
    /// User metadata by name, without `x-amz-meta-`.
    #[n(2)]
    pub metadata: BTreeMap<String, String>,
    /// Checksums of the plaintext that S3 clients asked for or sent.
    #[n(3)]
    pub checksums: Vec<Checksum>,
    /// The version's `ETag` is the MD5 of its content though its mode does not tell: it was under SSE-S3 once, and moved
    /// no data since. Not encoded at all where that is not known.
    #[n(4)]
    pub etag_is_md5: Option<bool>,
}

/// One part of a version.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ManifestPart {
    /// The part's number as the client gave it, 1 to 10,000.
    #[n(0)]
    pub number: u32,
    /// Plain bytes.
    #[n(1)]
    pub length: u64,
    /// The salt it was sealed under: no other sealing of the part can stand in for it.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub salt: [u8; SALT],
    /// The part's own checksum, in the algorithm of the manifest's: for a GET by part number and for
    /// `GetObjectAttributes`. Not encoded at all where there is none.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub checksum: Option<Vec<u8>>,
}

/// A checksum over plaintext, as S3 names it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Checksum {
    /// `CRC32`, `CRC32C`, `CRC64NVME`, `SHA1` or `SHA256`.
    #[n(0)]
    pub algorithm: String,
    /// The checksum's bytes, big endian.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub value: Vec<u8>,
    /// Over the parts' checksums (COMPOSITE) instead of the whole object (`FULL_OBJECT`).
    #[n(2)]
    pub composite: bool,
}

impl Manifest {
    /// Plain bytes of the version.
    pub fn length(&self) -> u64 {
        self.parts.iter().map(|part| part.length).sum()
    }

    /// Seals the manifest under `key`, bound to `outside`.
    ///
    /// # Errors
    /// [`Error::Random`].
    pub fn seal(&self, key: &ManifestKey, outside: &[u8], random: &dyn Random) -> Result<Vec<u8>> {
        let salt = random::bytes::<SALT>(random)?;
        let plain = minicbor::to_vec(self).map_err(|_| Error::Damaged("manifest"))?;
        let mut sealed = Vec::with_capacity(CIPHERTEXT_AT + plain.len() + crate::suite::TAG);
        sealed.push(Suite::One as u8);
        sealed.extend_from_slice(&salt);
        let aad = [&sealed[..], outside].concat();
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

    /// Opens a sealed manifest that belongs with `outside`.
    ///
    /// # Errors
    /// [`Error::UnknownSuite`]; [`Error::Damaged`] when it, or anything of `outside`, was changed.
    pub fn open(sealed: &[u8], key: &ManifestKey, outside: &[u8]) -> Result<Self> {
        Suite::read(*sealed.first().ok_or(Error::Damaged("manifest"))?)?;
        let (head, ciphertext) = sealed
            .split_at_checked(CIPHERTEXT_AT)
            .ok_or(Error::Damaged("manifest"))?;
        let salt = head[1..].try_into().map_err(|_| Error::Damaged("manifest"))?;
        let _clean = CleanStack;
        let prk = derive::extract(salt, key.expose());
        let key = derive::expand(&prk, Label::Manifest, &[])?;
        let plain = aead::open_once(&key, &[head, outside].concat(), ciphertext, "manifest")?;
        minicbor::decode(&plain).map_err(|_| Error::Damaged("manifest"))
    }
}
