//! Passwords of users, for the console.

use minicbor::{Decode, Encode};
use zeroize::Zeroize as _;

/// Password of a user, hashed. Has no `Debug`.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Login {
    /// Time of creation, in microseconds since 1970.
    #[n(0)]
    pub created: u64,
    /// True if the user must set another password when signing in.
    #[n(1)]
    pub reset_required: bool,
    /// Hash of the password.
    #[n(2)]
    pub(crate) hash: PasswordHash,
    /// Epoch in which the password was set or confirmed. In a later epoch it is void until it is confirmed.
    #[cbor(n(3), default)]
    pub(crate) epoch: u64,
}

/// Hash of a password by Argon2id (RFC 9106), with its parameters.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct PasswordHash {
    /// Memory in KiB.
    #[n(0)]
    pub(crate) memory: u32,
    /// Number of passes.
    #[n(1)]
    pub(crate) passes: u32,
    /// Random salt.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub(crate) salt: [u8; 16],
    /// Hash.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub(crate) hash: [u8; 32],
}

impl Drop for PasswordHash {
    fn drop(&mut self) {
        self.hash.zeroize();
    }
}
