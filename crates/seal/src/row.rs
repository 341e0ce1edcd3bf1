//! Values of the index, sealed under the store's key.
//!
//! ```text
//! 0    1   suite
//! 1    32  salt
//! 33       ciphertext, tag 16
//! ```
//!
//! `row key = HKDF-Expand(HKDF-Extract(32 zero bytes, store key), "row" | salt, 32)`, zero nonce: a fresh key for each
//! value written, so the number of values is unlimited. Associated data: the 33 bytes before the ciphertext, the
//! partition's id and the row's key, so that a value opens only in the row it was written to.

use crate::aead;
use crate::derive::{self, Label};
use crate::error::{Error, Result};
use crate::keys::StoreKey;
use crate::keys::Wrapped as _;
use crate::random::{self, Random};
use crate::suite::{SALT, Suite, TAG};
use aws_lc_rs::hkdf::Prk;

#[cfg(test)]
mod tests;

const CIPHERTEXT_AT: usize = 1 + SALT;

/// Seals and opens values of rows.
pub struct RowSeal {
    prk: Prk,
}

impl RowSeal {
    /// Derives the state shared by all rows of the store that `key` belongs to.
    pub fn new(key: &StoreKey) -> Self {
        Self {
            prk: derive::extract(&[0; SALT], key.expose()),
        }
    }

    /// Seals `value` for the row `row` of `partition`.
    ///
    /// # Errors
    /// [`Error::Random`].
    pub fn seal(
        &self,
        partition: [u8; 16],
        row: &[u8],
        value: &[u8],
        random: &dyn Random,
    ) -> Result<Vec<u8>> {
        let salt = random::bytes::<SALT>(random)?;
        let mut sealed = Vec::with_capacity(CIPHERTEXT_AT + value.len() + TAG);
        sealed.push(Suite::One as u8);
        sealed.extend_from_slice(&salt);
        let aad = aad(&sealed, partition, row);
        let key = derive::expand(&self.prk, Label::Row, &[&salt])?;
        aead::seal_once(&key, &aad, value, &mut sealed)?;
        Ok(sealed)
    }

    /// Opens a value that was sealed for the row `row` of `partition`.
    ///
    /// # Errors
    /// [`Error::UnknownSuite`]; [`Error::Damaged`] if it was changed or moved.
    pub fn open(&self, partition: [u8; 16], row: &[u8], sealed: &[u8]) -> Result<Vec<u8>> {
        Suite::read(*sealed.first().ok_or(Error::Damaged("row"))?)?;
        let (head, ciphertext) = sealed
            .split_at_checked(CIPHERTEXT_AT)
            .ok_or(Error::Damaged("row"))?;
        let key = derive::expand(&self.prk, Label::Row, &[&head[1..]])?;
        let mut plain = aead::open_once(&key, &aad(head, partition, row), ciphertext, "row")?;
        Ok(std::mem::take(&mut *plain))
    }
}

fn aad(head: &[u8], partition: [u8; 16], row: &[u8]) -> Vec<u8> {
    [head, &partition, row].concat()
}
