//! The envelope: an outer key wraps one other key, bound to one place.
//!
//! ```text
//! offset  bytes
//! 0       1      suite
//! 1       1      mode
//! 2       2      n, big endian
//! 4       n      id of the outer key (empty for a customer's key, which is stored nowhere)
//! 4+n     32     salt
//! 36+n    32     commitment
//! 68+n    48     the wrapped key: ciphertext 32, tag 16
//! ```
//!
//! In the notation of RFC 5869, with labels and fields as in [`mod@crate::derive`]:
//!
//! ```text
//! PRK        = HKDF-Extract(salt, outer key)
//! commitment = HKDF-Expand(PRK, "commitment", 32)
//! wrap key   = HKDF-Expand(PRK, "wrap" | suite, mode, bucket id, object key, content id, 32)
//! ```
//!
//! The commitment does not include the place, so that a wrong key and a moved envelope can be told apart. The key is
//! wrapped with AES-256-GCM and a zero nonce (the salt is fresh, so the wrap key is used once). Associated data: all
//! bytes before the wrapped key.

use crate::aead;
use crate::derive::{self, Label};
use crate::error::{Error, Result};
use crate::keys::OuterKey;
use crate::keys::Wrapped;
use crate::random::{self, Random};
use crate::secret::{Bytes, CleanStack};
use crate::suite::{SALT, Suite, TAG};
use aws_lc_rs::constant_time::verify_slices_are_equal;

#[cfg(test)]
mod tests;

const SUITE_AT: usize = 0;
const MODE_AT: usize = 1;
const ID_LENGTH_AT: usize = 2;
const ID_AT: usize = 4;
const COMMITMENT: usize = 32;
const WRAPPED: usize = 32 + TAG;
/// Length in bytes of an envelope whose key id is empty.
const FIXED: usize = ID_AT + SALT + COMMITMENT + WRAPPED;

/// Owner of an envelope's outer key, and kind of the wrapped key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Mode {
    /// SSE-S3: a bucket's key wraps a version's data key.
    S3 = 1,
    /// SSE-C: the customer's key wraps a version's data key.
    Customer = 2,
    /// SSE-KMS: a key of a key management service wraps a version's data key.
    Kms = 3,
    /// A master key wraps a bucket's key.
    Bucket = 16,
    /// A master key wraps the store's key.
    Store = 17,
    /// A master key wraps the key that encrypts credentials.
    Credentials = 18,
    /// A bucket's key wraps the manifest key of a multipart upload in progress.
    Manifest = 19,
    /// A root key wraps a key of the keyring.
    Keyring = 20,
    /// A named key of the keyring wraps a key for SSE-KMS.
    Named = 21,
    /// A passphrase wraps the key that encrypts a backup of the keyring.
    Backup = 22,
}

impl Mode {
    fn read(byte: u8) -> Result<Self> {
        [
            Self::S3,
            Self::Customer,
            Self::Kms,
            Self::Bucket,
            Self::Store,
            Self::Credentials,
            Self::Manifest,
            Self::Keyring,
            Self::Named,
            Self::Backup,
        ]
        .into_iter()
        .find(|mode| *mode as u8 == byte)
        .ok_or(Error::Damaged("envelope"))
    }
}

/// The place that a wrapped key belongs to. An envelope opens in no other place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// The bucket's random id. Zero for keys that belong to the store as a whole.
    pub bucket: [u8; 16],
    /// The object key. Empty for a bucket's own key. For a key of the keyring: its id, so that two of them cannot be
    /// exchanged. Under a named key: the encryption context.
    pub key: &'a str,
    /// The version's content id: random, generated before its content is written. For a multipart upload: the upload's
    /// id. Zero for a bucket's own key.
    ///
    /// This is not the id that orders versions. A multipart version gets that one on completion, by a request that does
    /// not bring the customer's key, so no envelope could be created then. The manifest binds the ordering id.
    pub content: [u8; 16],
}

impl Place<'static> {
    /// The place of keys that belong to the store as a whole.
    pub const STORE: Self = Self {
        bucket: [0; 16],
        key: "",
        content: [0; 16],
    };

    /// Returns the place of a bucket's own key.
    pub fn bucket(bucket: [u8; 16]) -> Self {
        Self {
            bucket,
            ..Self::STORE
        }
    }
}

/// A wrapped key and everything needed to open it except the outer key. Contains no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    bytes: Vec<u8>,
    mode: Mode,
    id_length: usize,
}

impl Envelope {
    /// Wraps `inner` under `outer`, bound to `mode` and `place`.
    ///
    /// `outer_id` names the outer key, so that it can be found when the envelope is opened. It must be empty for a
    /// customer's key.
    ///
    /// # Errors
    /// [`Error::Random`]; [`Error::Damaged`] for an id of 64 KiB or more.
    pub fn wrap<K: Wrapped>(
        outer: &OuterKey,
        outer_id: &str,
        inner: &K,
        mode: Mode,
        place: Place<'_>,
        random: &dyn Random,
    ) -> Result<Self> {
        let _clean = CleanStack;
        let salt = random::bytes::<SALT>(random)?;
        let prk = derive::extract(&salt, outer.expose());
        let commitment = derive::expand(&prk, Label::Commitment, &[])?;
        let wrap_key = wrap_key(&prk, mode, place)?;

        let id_length = u16::try_from(outer_id.len()).map_err(|_| Error::Damaged("key id"))?;
        let mut bytes = Vec::with_capacity(FIXED + outer_id.len());
        bytes.extend_from_slice(&[Suite::One as u8, mode as u8]);
        bytes.extend_from_slice(&id_length.to_be_bytes());
        bytes.extend_from_slice(outer_id.as_bytes());
        bytes.extend_from_slice(&salt);
        bytes.extend_from_slice(&*commitment);
        let aad = bytes.clone();
        aead::seal_once(&wrap_key, &aad, inner.expose(), &mut bytes)?;
        Ok(Self {
            bytes,
            mode,
            id_length: outer_id.len(),
        })
    }

    /// Opens the envelope and returns the wrapped key.
    ///
    /// # Errors
    /// [`Error::WrongKey`] if `outer` is not the key it was wrapped with (detected by the commitment, in constant
    /// time); [`Error::Damaged`] if the key is right, but the envelope was changed or belongs to another place.
    pub fn open<K: Wrapped>(&self, outer: &OuterKey, place: Place<'_>) -> Result<K> {
        let _clean = CleanStack;
        let salt_at = ID_AT + self.id_length;
        let commitment_at = salt_at + SALT;
        let wrapped_at = commitment_at + COMMITMENT;
        let salt = self.bytes[salt_at..commitment_at]
            .try_into()
            .map_err(|_| Error::Damaged("envelope"))?;

        let prk = derive::extract(salt, outer.expose());
        let commitment = derive::expand(&prk, Label::Commitment, &[])?;
        verify_slices_are_equal(&*commitment, &self.bytes[commitment_at..wrapped_at])
            .map_err(|_| Error::WrongKey)?;

        let wrap_key = wrap_key(&prk, self.mode, place)?;
        let (aad, wrapped) = self.bytes.split_at(wrapped_at);
        let opened = aead::open_once(&wrap_key, aad, wrapped, "envelope")?;
        let inner = <&[u8; 32]>::try_from(opened.as_slice());
        inner.map(K::from_bytes).map_err(|_| Error::Damaged("envelope"))
    }

    /// Rewraps the key under another outer key: rotation without touching any data.
    ///
    /// # Errors
    /// As [`Self::open`] and [`Self::wrap`].
    pub fn rewrap<K: Wrapped>(
        &self,
        outer: &OuterKey,
        new_outer: &OuterKey,
        new_outer_id: &str,
        new_mode: Mode,
        place: Place<'_>,
        random: &dyn Random,
    ) -> Result<Self> {
        let inner: K = self.open(outer, place)?;
        Self::wrap(new_outer, new_outer_id, &inner, new_mode, place, random)
    }

    /// Parses an envelope.
    ///
    /// # Errors
    /// [`Error::UnknownSuite`]; [`Error::Damaged`] if the bytes are not an envelope.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        Suite::read(*bytes.get(SUITE_AT).ok_or(Error::Damaged("envelope"))?)?;
        if bytes.len() < FIXED {
            return Err(Error::Damaged("envelope"));
        }
        let mode = Mode::read(bytes[MODE_AT])?;
        let id_length = usize::from(u16::from_be_bytes([bytes[ID_LENGTH_AT], bytes[ID_LENGTH_AT + 1]]));
        if bytes.len() != FIXED + id_length || std::str::from_utf8(&bytes[ID_AT..ID_AT + id_length]).is_err()
        {
            return Err(Error::Damaged("envelope"));
        }
        Ok(Self {
            bytes: bytes.to_vec(),
            mode,
            id_length,
        })
    }

    /// Returns the bytes to store.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the mode.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Returns the id of the outer key; empty for a customer's key.
    pub fn outer_id(&self) -> &str {
        std::str::from_utf8(&self.bytes[ID_AT..ID_AT + self.id_length]).unwrap_or_default()
    }
}

fn wrap_key(prk: &aws_lc_rs::hkdf::Prk, mode: Mode, place: Place<'_>) -> Result<Bytes> {
    derive::expand(
        prk,
        Label::Wrap,
        &[
            &[Suite::One as u8],
            &[mode as u8],
            &place.bucket,
            place.key.as_bytes(),
            &place.content,
        ],
    )
}
