//! Ids of accounts.

use crate::account::{ROOT_ACCOUNT, ROOT_CANONICAL_ID};
use crate::arn::error::InvalidIdentifier;
use std::fmt;
use std::str;

/// Id of an account: twelve digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId([u8; 12]);

impl AccountId {
    /// The account that the first start creates: [`ROOT_ACCOUNT`].
    pub const ROOT: Self = Self(*b"000000000000");

    /// Parses an account id.
    ///
    /// # Errors
    /// [`InvalidIdentifier::AccountId`].
    pub fn parse(text: &str) -> Result<Self, InvalidIdentifier> {
        match <[u8; 12]>::try_from(text.as_bytes()) {
            Ok(digits) if digits.iter().all(u8::is_ascii_digit) => Ok(Self(digits)),
            _ => Err(InvalidIdentifier::AccountId(text.to_owned())),
        }
    }

    /// Creates an account id from a random number. Two of a million random ids are the same with a probability of one
    /// half, so the caller must check that the id is free.
    pub fn from_random(random: u64) -> Self {
        let mut digits = [0; 12];
        let mut rest = random;
        for digit in digits.iter_mut().rev() {
            *digit = b'0' + u8::try_from(rest % 10).unwrap_or_default();
            rest /= 10;
        }
        Self(digits)
    }

    /// Returns the twelve digits.
    pub fn as_str(&self) -> &str {
        // All bytes are ASCII digits, so the fallback is never taken.
        str::from_utf8(&self.0).unwrap_or(ROOT_ACCOUNT)
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Canonical id of an account, by which ACLs and listings of S3 name owners: 64 hex digits. Written in lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CanonicalId([u8; 64]);

impl CanonicalId {
    /// The canonical id of the account that the first start creates: [`ROOT_CANONICAL_ID`].
    pub const ROOT: Self = Self(*b"5374726f6e67726f6f6d20726f6f74206163636f756e74000000000000000000");

    /// Parses a canonical id, in upper or lower case.
    ///
    /// # Errors
    /// [`InvalidIdentifier::CanonicalId`].
    pub fn parse(text: &str) -> Result<Self, InvalidIdentifier> {
        match <[u8; 64]>::try_from(text.as_bytes()) {
            Ok(digits) if digits.iter().all(u8::is_ascii_hexdigit) => {
                Ok(Self(digits.map(|digit| digit.to_ascii_lowercase())))
            }
            _ => Err(InvalidIdentifier::CanonicalId(text.to_owned())),
        }
    }

    /// Creates a canonical id from 32 random bytes.
    pub fn from_random(random: &[u8; 32]) -> Self {
        let digit = |half: u8| match half {
            0..10 => b'0' + half,
            _ => b'a' - 10 + half,
        };
        let mut digits = [b'0'; 64];
        for (pair, byte) in digits.chunks_exact_mut(2).zip(random) {
            if let [high, low] = pair {
                (*high, *low) = (digit(byte >> 4), digit(byte & 15));
            }
        }
        Self(digits)
    }

    /// Returns the 64 digits.
    pub fn as_str(&self) -> &str {
        // All bytes are ASCII digits, so the fallback is never taken.
        str::from_utf8(&self.0).unwrap_or(ROOT_CANONICAL_ID)
    }
}

impl fmt::Display for CanonicalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
