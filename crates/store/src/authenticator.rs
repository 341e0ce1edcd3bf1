//! The trait for keyed functions that a store needs without seeing a key.

use crate::error::Result;

/// Purpose of a MAC. Each purpose has a key of its own, so that a MAC of one kind never passes as one of another kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MacPurpose {
    /// Links the groups of the commit log.
    Log,
    /// Authenticates the note of the last acknowledged group.
    Mark,
    /// Authenticates the list of the index's tables.
    Tables,
    /// Stands for one row in the sum over a partition's rows.
    Row,
}

/// Keyed functions of one store. Whoever opens the store provides them, after it has opened the store's key.
pub trait Authenticator: Send + Sync + 'static {
    /// Returns HMAC-SHA-256 over `parts`, one after the other, under the key of `purpose`. The parts are not separated:
    /// the caller makes sure that different lists give different bytes.
    fn mac(&self, purpose: MacPurpose, parts: &[&[u8]]) -> [u8; 32];

    /// Encrypts `plain`, bound to `context`.
    ///
    /// # Errors
    /// [`crate::StoreError::Failed`] if there is no randomness.
    fn seal(&self, context: &[u8], plain: &[u8]) -> Result<Vec<u8>>;

    /// Decrypts the output of [`Self::seal`]. `None`: it was changed, or belongs to another context or store.
    fn open(&self, context: &[u8], sealed: &[u8]) -> Option<Vec<u8>>;
}
