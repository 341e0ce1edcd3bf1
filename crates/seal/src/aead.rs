//! Encryption with AES-256-GCM (NIST SP 800-38D).

use crate::error::{Error, Result};
use crate::suite::TAG;
use aws_lc_rs::aead::{self, AES_256_GCM, Aad, LessSafeKey, UnboundKey};
use aws_lc_rs::error::Unspecified;
use zeroize::Zeroizing;

/// A nonce for one message. It can only be one of the two kinds that the format defines, and is consumed by use.
pub(crate) struct Nonce([u8; 12]);

impl Nonce {
    /// Returns the nonce of a key that encrypts exactly one message: all zero. Such keys are derived from a fresh
    /// random salt.
    pub(crate) fn of_single_message() -> Self {
        Self([0; 12])
    }

    /// Returns the nonce of a part's chunk: three zero bytes, `index` as eight bytes big endian, and 1 for the last
    /// chunk or 0 for any other.
    pub(crate) fn of_chunk(index: u64, last: bool) -> Self {
        let mut nonce = [0; 12];
        nonce[3..11].copy_from_slice(&index.to_be_bytes());
        nonce[11] = u8::from(last);
        Self(nonce)
    }

    fn into_inner(self) -> aead::Nonce {
        aead::Nonce::assume_unique_for_key(self.0)
    }
}

/// An AES-256-GCM key with its schedule expanded.
pub(crate) struct AeadKey(LessSafeKey);

impl AeadKey {
    /// Expands the schedule of `key`.
    pub(crate) fn new(key: &[u8; 32]) -> Result<Self> {
        let key = UnboundKey::new(&AES_256_GCM, key).map_err(|_| Error::Damaged("key"))?;
        Ok(Self(LessSafeKey::new(key)))
    }

    /// Encrypts `buffer` in place and returns the tag.
    pub(crate) fn seal(&self, nonce: Nonce, aad: &[u8], buffer: &mut [u8]) -> Result<[u8; TAG], Unspecified> {
        let tag = self
            .0
            .seal_in_place_separate_tag(nonce.into_inner(), Aad::from(aad), buffer)?;
        tag.as_ref().try_into().map_err(|_| Unspecified)
    }

    /// Decrypts `buffer`, ciphertext followed by tag, in place and returns the plaintext.
    pub(crate) fn open<'a>(
        &self,
        nonce: Nonce,
        aad: &[u8],
        buffer: &'a mut [u8],
    ) -> Result<&'a mut [u8], Unspecified> {
        self.0.open_in_place(nonce.into_inner(), Aad::from(aad), buffer)
    }
}

/// Encrypts `plain` under `key`, which must encrypt nothing else, and appends ciphertext and tag to `out`.
pub(crate) fn seal_once(key: &[u8; 32], aad: &[u8], plain: &[u8], out: &mut Vec<u8>) -> Result<()> {
    let start = out.len();
    out.extend_from_slice(plain);
    let tag = AeadKey::new(key)?
        .seal(Nonce::of_single_message(), aad, &mut out[start..])
        .map_err(|_| Error::Damaged("input"))?;
    out.extend_from_slice(&tag);
    Ok(())
}

/// Decrypts the output of [`seal_once`]. `what` names it in the error.
pub(crate) fn open_once(
    key: &[u8; 32],
    aad: &[u8],
    sealed: &[u8],
    what: &'static str,
) -> Result<Zeroizing<Vec<u8>>> {
    let mut buffer = Zeroizing::new(sealed.to_vec());
    let length = AeadKey::new(key)?
        .open(Nonce::of_single_message(), aad, &mut buffer)
        .map_err(|_| Error::Damaged(what))?
        .len();
    buffer.truncate(length);
    Ok(buffer)
}
