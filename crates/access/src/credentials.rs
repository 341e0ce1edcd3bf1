//! Access keys.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};
use zeroize::Zeroizing;

#[cfg(test)]
mod tests;

/// Letters of an access key id after its `SR`: those of base 32 (RFC 4648).
const ID_LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// Letters of a secret. None needs quoting anywhere, and none looks like an option at the beginning.
const SECRET_LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// A secret access key. Wiped on drop; cannot be printed.
#[derive(Clone)]
pub struct SecretAccessKey(Zeroizing<String>);

impl SecretAccessKey {
    /// Creates a secret from its text.
    pub fn new(secret: String) -> Self {
        Self(Zeroizing::new(secret))
    }

    /// Returns the text, for signing and for showing it to its owner.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// An access key: the public id and the secret that signs requests.
#[derive(Clone)]
pub struct Credentials {
    /// `SR` and 18 letters.
    pub access_key_id: String,
    /// 40 letters: 238 bits. (8 of 256 bytes make their letter slightly more likely, which costs less than a bit.)
    pub secret: SecretAccessKey,
}

impl Credentials {
    /// Creates credentials from 58 random bytes.
    pub fn from_random(random: &Zeroizing<[u8; 58]>) -> Self {
        let (id, secret) = random.split_at(18);
        let pick = |letters: &[u8], byte: &u8| char::from(letters[usize::from(*byte) % letters.len()]);
        Self {
            access_key_id: ["SR".to_owned(), id.iter().map(|b| pick(ID_LETTERS, b)).collect()].concat(),
            secret: SecretAccessKey::new(secret.iter().map(|b| pick(SECRET_LETTERS, b)).collect()),
        }
    }
}

/// The valid access keys.
pub struct AccessKeys {
    by_id: RwLock<HashMap<String, SecretAccessKey>>,
}

impl AccessKeys {
    /// Creates the set of valid keys.
    pub fn new(credentials: impl IntoIterator<Item = Credentials>) -> Self {
        let keys = Self {
            by_id: RwLock::default(),
        };
        keys.replace(credentials);
        keys
    }

    /// Replaces the valid keys; the previous ones stop working.
    pub fn replace(&self, credentials: impl IntoIterator<Item = Credentials>) {
        let by_id = credentials
            .into_iter()
            .map(|c| (c.access_key_id, c.secret))
            .collect();
        *self.by_id.write().unwrap_or_else(PoisonError::into_inner) = by_id;
    }

    /// Returns the secret of an access key; `None` if there is no such key.
    pub fn secret(&self, access_key_id: &str) -> Option<SecretAccessKey> {
        self.by_id
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(access_key_id)
            .cloned()
    }
}
