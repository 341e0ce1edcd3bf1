//! Keyed functions over a store's log and tables, under keys derived from the store's key.
//!
//! In the notation of RFC 5869:
//!
//! ```text
//! PRK     = HKDF-Extract(32 zero bytes, store key)
//! mac key = HKDF-Expand(PRK, label, 32), with a label for each purpose
//! mac     = HMAC-SHA-256(mac key, bytes) (RFC 2104)
//! ```
//!
//! Sealed bytes:
//!
//! ```text
//! 0    1   suite
//! 1    32  salt
//! 33       ciphertext, tag 16
//! ```
//!
//! `key = HKDF-Expand(PRK, "note" | salt, 32)`, zero nonce: a fresh key for each. Associated data: the 33 bytes before
//! the ciphertext, and the context.

use crate::aead;
use crate::derive::{self, Label};
use crate::error::{Error, Result};
use crate::keys::{StoreKey, Wrapped as _};
use crate::random::{self, Random};
use crate::secret::CleanStack;
use crate::suite::{SALT, Suite, TAG};
use aws_lc_rs::hkdf::Prk;
use aws_lc_rs::hmac::{Context, HMAC_SHA256, Key};

#[cfg(test)]
mod tests;

const CIPHERTEXT_AT: usize = 1 + SALT;

/// Purpose of a MAC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Links the groups of the commit log.
    Log,
    /// Authenticates the note of the last acknowledged group.
    Mark,
    /// Authenticates the list of the index's tables.
    Tables,
    /// Stands for one row in the sum over a partition's rows.
    Tag,
}

/// MACs and encryption of what describes the index: the state shared by all calls.
pub struct StoreAuthenticator {
    prk: Prk,
    log: Key,
    mark: Key,
    tables: Key,
    tag: Key,
}

impl StoreAuthenticator {
    /// Derives the keys of the store that `key` belongs to.
    ///
    /// # Errors
    /// None that stored bytes can cause.
    pub fn new(key: &StoreKey) -> Result<Box<Self>> {
        let _clean = CleanStack;
        let prk = derive::extract(&[0; SALT], key.expose());
        let mac_key =
            |label| -> Result<Key> { Ok(Key::new(HMAC_SHA256, &*derive::expand(&prk, label, &[])?)) };
        Ok(Box::new(Self {
            log: mac_key(Label::Log)?,
            mark: mac_key(Label::Mark)?,
            tables: mac_key(Label::Tables)?,
            tag: mac_key(Label::Tag)?,
            prk,
        }))
    }

    /// Returns the MAC over `parts`, one after the other. Allocates nothing.
    pub fn mac(&self, purpose: Purpose, parts: &[&[u8]]) -> [u8; 32] {
        let mut state = Context::with_key(match purpose {
            Purpose::Log => &self.log,
            Purpose::Mark => &self.mark,
            Purpose::Tables => &self.tables,
            Purpose::Tag => &self.tag,
        });
        for part in parts {
            state.update(part);
        }
        let mut mac = [0; 32];
        // HMAC-SHA-256 has 32 bytes.
        mac.copy_from_slice(state.sign().as_ref());
        mac
    }

    /// Encrypts `plain`, bound to `context`.
    ///
    /// # Errors
    /// [`Error::Random`].
    pub fn seal(&self, context: &[u8], plain: &[u8], random: &dyn Random) -> Result<Vec<u8>> {
        let salt = random::bytes::<SALT>(random)?;
        let mut sealed = Vec::with_capacity(CIPHERTEXT_AT + plain.len() + TAG);
        sealed.push(Suite::One as u8);
        sealed.extend_from_slice(&salt);
        let aad = [&sealed, context].concat();
        let key = derive::expand(&self.prk, Label::Note, &[&salt])?;
        aead::seal_once(&key, &aad, plain, &mut sealed)?;
        Ok(sealed)
    }

    /// Decrypts the output of [`Self::seal`].
    ///
    /// # Errors
    /// [`Error::UnknownSuite`]; [`Error::Damaged`] if it was changed, or belongs to another context or store.
    pub fn open(&self, context: &[u8], sealed: &[u8]) -> Result<Vec<u8>> {
        let damaged = || Error::Damaged("note");
        Suite::read(*sealed.first().ok_or_else(damaged)?)?;
        let (head, ciphertext) = sealed.split_at_checked(CIPHERTEXT_AT).ok_or_else(damaged)?;
        let key = derive::expand(&self.prk, Label::Note, &[&head[1..]])?;
        let aad = [head, context].concat();
        let mut plain = aead::open_once(&key, &aad, ciphertext, "note")?;
        Ok(std::mem::take(&mut *plain))
    }
}
