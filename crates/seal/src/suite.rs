//! Suites: the algorithms of sealed data, identified by its first byte.

use crate::error::{Error, Result};

/// Length in bytes of the salt of every derivation: that of the hash (RFC 5869 section 3.1).
pub const SALT: usize = 32;
/// Length of the GCM tag in bytes (NIST SP 800-38D, the full length).
pub const TAG: usize = 16;

/// The algorithms of sealed data. Its first byte on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Suite {
    /// AES-256-GCM (NIST SP 800-38D) and HKDF-SHA-256 (RFC 5869).
    One = 1,
}

impl Suite {
    /// Reads the first byte of sealed data.
    ///
    /// # Errors
    /// [`Error::UnknownSuite`] for any byte but 1: unknown data is refused, never guessed at.
    pub fn read(byte: u8) -> Result<Self> {
        match byte {
            1 => Ok(Self::One),
            other => Err(Error::UnknownSuite(other)),
        }
    }
}
