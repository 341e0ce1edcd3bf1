//! Key types. None can be printed, copied, compared or serialized; all are wiped when dropped.
//!
//! There is deliberately no `Debug`: a struct that holds a key cannot derive it either, so a key cannot reach a
//! log by accident.

use crate::{Random, Result};
use zeroize::Zeroizing;

/// The 32 bytes behind every key type.
type Bytes = Zeroizing<[u8; 32]>;

/// A key that wraps other keys: a customer's, a bucket's, a KMS's, a master key.
pub struct OuterKey(Bytes);

/// The random key of one object version (DEK). Everything of the version is sealed under keys derived from it.
pub struct DataKey(Bytes);

/// The key that the index's values are sealed under.
pub struct StoreKey(Bytes);

/// A key that an envelope can hold.
pub trait Wrapped: Sized {
    /// Takes the bytes of the key.
    fn from_bytes(bytes: Zeroizing<[u8; 32]>) -> Self;

    /// The bytes of the key, for wrapping and derivation only.
    fn expose(&self) -> &[u8; 32];

    /// Makes a new random key.
    ///
    /// # Errors
    /// [`crate::Error::Random`] when the source of randomness fails.
    fn generate(random: &dyn Random) -> Result<Self> {
        let mut bytes = Zeroizing::new([0; 32]);
        random.fill(&mut *bytes)?;
        Ok(Self::from_bytes(bytes))
    }
}

macro_rules! wrapped {
    ($($key:ty),*) => {$(
        impl Wrapped for $key {
            fn from_bytes(bytes: Zeroizing<[u8; 32]>) -> Self {
                Self(bytes)
            }
            fn expose(&self) -> &[u8; 32] {
                &self.0
            }
        }
    )*};
}
wrapped!(OuterKey, DataKey, StoreKey);
