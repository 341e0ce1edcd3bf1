//! Key types. None can be printed, copied, compared or serialized; all are wiped when dropped.
//!
//! There is deliberately no `Debug`: a struct that holds a key cannot derive it either, so a key cannot reach a
//! log by accident.
//!
//! The bytes of a key lie in one place from its making to its end: behind a pointer, as whatever is moved, returned or
//! kept in a future leaves copies behind that nobody wipes.

use crate::derive::{self, Label};
use crate::error::Result;
use crate::random::Random;
use crate::secret::{Bytes, CleanStack};
use crate::suite::SALT;
use std::ops::Deref;

/// A key that wraps other keys: a customer's, a bucket's, a KMS's, a master key.
pub struct OuterKey(Bytes);

/// The random key of one object version (DEK). Everything of the version is sealed under keys derived from it.
pub struct DataKey(Bytes);

/// The key that a version's manifests are sealed under, derived from its data key.
///
/// It is a key of its own because a multipart upload with a customer's key is completed by a request that does not
/// bring that key. The manifest must be sealed then, so the upload's row keeps this key, wrapped under the bucket's,
/// from the upload's creation to its completion. It opens no content: the data key cannot be found from it, and the
/// types keep the two apart. With a data key, a part can be opened:
///
/// ```
/// # use strongroom_seal::{DataKey, ManifestKey, PartOpener, SystemRandom, keys::Wrapped};
/// let data_key = DataKey::generate(&SystemRandom::default())?;
/// PartOpener::new(&data_key, 1, &[0; 32])?;
/// # Ok::<(), strongroom_seal::Error>(())
/// ```
///
/// With a manifest key, this does not even compile:
///
/// ```compile_fail,E0308
/// # use strongroom_seal::{DataKey, ManifestKey, PartOpener, SystemRandom, keys::Wrapped};
/// let data_key = DataKey::generate(&SystemRandom::default())?;
/// PartOpener::new(&ManifestKey::of(&data_key)?, 1, &[0; 32])?;
/// # Ok::<(), strongroom_seal::Error>(())
/// ```
pub struct ManifestKey(Bytes);

impl ManifestKey {
    /// The manifest key of the version that `data_key` belongs to.
    ///
    /// The salt is fixed, so that whoever has the data key needs nothing else; what makes each manifest's own key
    /// one of a kind is the salt of [`crate::Manifest::seal`].
    ///
    /// # Errors
    /// None that stored bytes can cause.
    pub fn of(data_key: &DataKey) -> Result<Self> {
        let _clean = CleanStack;
        let prk = derive::extract(&[0; SALT], data_key.expose());
        Ok(Self(derive::expand(&prk, Label::OfManifests, &[])?))
    }
}

/// The key that the index's values are sealed under.
pub struct StoreKey(Bytes);

/// A key that an envelope can hold.
pub trait Wrapped: Sized {
    /// Makes a key of the bytes that `fill` writes. They never lie anywhere else.
    ///
    /// # Errors
    /// That of `fill`.
    fn filled<E>(fill: impl FnOnce(&mut [u8; 32]) -> Result<(), E>) -> Result<Self, E>;

    /// Makes a key of bytes that lie somewhere already.
    fn from_bytes(bytes: impl Deref<Target = [u8; 32]>) -> Self {
        let Ok(key) = Self::filled(|place| {
            place.copy_from_slice(&*bytes);
            Ok::<(), std::convert::Infallible>(())
        });
        key
    }

    /// The bytes of the key, for wrapping and derivation only.
    fn expose(&self) -> &[u8; 32];

    /// Makes a new random key.
    ///
    /// # Errors
    /// [`crate::Error::Random`] when the source of randomness fails.
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
