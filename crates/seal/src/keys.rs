//! Key types. None can be printed, copied, compared or serialized; all are wiped when dropped.
//!
//! There is deliberately no `Debug`: a struct that contains a key cannot derive it either, so a key cannot reach a log
//! by accident.
//!
//! The bytes of a key stay in one place on the heap from creation to drop: moving or returning an array, or keeping it
//! in a future, would leave copies that nobody wipes.

use crate::derive::{self, Label};
use crate::error::Result;
use crate::random::Random;
use crate::secret::{Bytes, CleanStack};
use crate::suite::SALT;
use std::ops::Deref;

/// A key that wraps other keys: a customer's, a bucket's, a KMS's, a master key.
pub struct OuterKey(Bytes);

/// The random key of one object version (DEK). All data of the version is encrypted under keys derived from it.
pub struct DataKey(Bytes);

/// The key that encrypts a version's manifests, derived from its data key.
///
/// It is a separate key because a multipart upload with a customer's key is completed by a request that does not bring
/// that key. The manifest must be sealed at that time, so the upload's row keeps this key, wrapped under the bucket's
/// key, from the upload's creation to its completion. It opens no content: the data key cannot be derived from it, and
/// the types keep the two apart. With a data key, a part can be opened:
///
/// ```
/// # use strongroom_seal::{DataKey, ManifestKey, PartOpener, SystemRandom, keys::Wrapped};
/// let data_key = DataKey::generate(&SystemRandom::default())?;
/// PartOpener::new(&data_key, 1, &[0; 32])?;
/// # Ok::<(), strongroom_seal::Error>(())
/// ```
///
/// With a manifest key, this does not compile:
///
/// ```compile_fail,E0308
/// # use strongroom_seal::{DataKey, ManifestKey, PartOpener, SystemRandom, keys::Wrapped};
/// let data_key = DataKey::generate(&SystemRandom::default())?;
/// PartOpener::new(&ManifestKey::of(&data_key)?, 1, &[0; 32])?;
/// # Ok::<(), strongroom_seal::Error>(())
/// ```
pub struct ManifestKey(Bytes);

impl ManifestKey {
    /// Derives the manifest key of the version that `data_key` belongs to.
    ///
    /// `manifest key = HKDF-Expand(HKDF-Extract(32 zero bytes, data key), "of-manifests", 32)`. The salt is fixed, so
    /// that the data key alone suffices to derive it. Each manifest still gets a unique key by the salt of
    /// [`Manifest::seal`](crate::Manifest::seal).
    ///
    /// # Errors
    /// None that stored bytes can cause.
    pub fn of(data_key: &DataKey) -> Result<Self> {
        let _clean = CleanStack;
        let prk = derive::extract(&[0; SALT], data_key.expose());
        Ok(Self(derive::expand(&prk, Label::OfManifests, &[])?))
    }
}

/// The key that encrypts the index's values.
pub struct StoreKey(Bytes);

/// A key that can be wrapped in an envelope.
pub trait Wrapped: Sized {
    /// Creates a key from the bytes that `fill` writes. They are never stored anywhere else.
    ///
    /// # Errors
    /// The error of `fill`.
    fn filled<E>(fill: impl FnOnce(&mut [u8; 32]) -> Result<(), E>) -> Result<Self, E>;

    /// Creates a key by copying existing bytes.
    fn from_bytes(bytes: impl Deref<Target = [u8; 32]>) -> Self {
        let Ok(key) = Self::filled(|place| {
            place.copy_from_slice(&*bytes);
            Ok::<(), std::convert::Infallible>(())
        });
        key
    }

    /// Returns the bytes of the key, for wrapping and derivation only.
    fn expose(&self) -> &[u8; 32];

    /// Generates a random key.
    ///
    /// # Errors
    /// [`Error::Random`](crate::Error::Random) if the source of randomness fails.
    fn generate(random: &dyn Random) -> Result<Self> {
        Self::filled(|bytes| random.fill(bytes))
    }
}

macro_rules! wrapped {
    ($($key:ty),*) => {$(
        impl Wrapped for $key {
            fn filled<E>(fill: impl FnOnce(&mut [u8; 32]) -> Result<(), E>) -> Result<Self, E> {
                Bytes::filled(fill).map(Self)
            }
            fn expose(&self) -> &[u8; 32] {
                &self.0
            }
        }
    )*};
}
wrapped!(OuterKey, DataKey, ManifestKey, StoreKey);
