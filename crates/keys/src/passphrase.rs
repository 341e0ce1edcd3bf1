//! Passphrases, and the derivation of keys from them: Argon2id (RFC 9106), with its parameters stored beside the data
//! it protects.

use crate::private::{self, ReadError};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use strongroom_seal::keys::Wrapped as _;
use strongroom_seal::{OuterKey, Random, random};
use zeroize::Zeroizing;

#[cfg(test)]
mod tests;

/// Minimum number of characters of a passphrase that is to encrypt something new.
const MIN_CHARS: usize = 12;
/// Maximum length of a passphrase in bytes: far more than anybody types, far less than a file named by mistake has.
const MAX_BYTES: u64 = 1024;

/// Text that a key is derived from.
pub struct Passphrase(Zeroizing<String>);

/// Reason why a passphrase could not be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PassphraseError {
    /// The passphrase is empty.
    #[error("the passphrase is empty")]
    Empty,
    /// The passphrase is too short to encrypt with.
    #[error("the passphrase is too short: use at least {MIN_CHARS} characters, better six random words")]
    Short,
    /// The passphrase is longer than 1024 bytes, or is not UTF-8.
    #[error("the passphrase is not one line of text of at most {MAX_BYTES} bytes")]
    NotText,
    /// The passphrase file does not exist.
    #[error("there is no passphrase file {}", .0.display())]
    Missing(PathBuf),
    /// Users other than the owner may read the passphrase file.
    #[error(
        "the passphrase file {path} can be read by other users (mode {mode:o}); run: chmod 600 {path}",
        path = path.display()
    )]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits, in octal.
        mode: u32,
    },
    /// The passphrase file could not be read.
    #[error("the passphrase file {} cannot be read: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Error of the operating system.
        source: std::io::Error,
    },
    /// The stored parameters require too much memory or time, or exceed the algorithm's bounds.
    #[error("the parameters of argon2id are out of range")]
    Parameters,
    /// There is not enough memory for the derivation.
    #[error("argon2id needs {0} KiB of memory, which are not available")]
    Memory(u32),
    /// There is no randomness for a salt.
    #[error(transparent)]
    Seal(#[from] strongroom_seal::Error),
}

impl Passphrase {
    /// Creates a passphrase from typed text, without the end of its line.
    ///
    /// # Errors
    /// [`PassphraseError::Empty`], [`PassphraseError::NotText`].
    pub fn new(text: Zeroizing<String>) -> Result<Self, PassphraseError> {
        match text.len() as u64 {
            0 => Err(PassphraseError::Empty),
            length if length > MAX_BYTES || text.contains(['\n', '\r', '\0']) => {
                Err(PassphraseError::NotText)
            }
            _ => Ok(Self(text)),
        }
    }

    /// Reads a passphrase file: one line of text that only its owner may read.
    ///
    /// # Errors
    /// [`PassphraseError::Missing`], [`PassphraseError::Exposed`], [`PassphraseError::Io`] and those of [`Self::new`].
    pub fn read(path: &Path) -> Result<Self, PassphraseError> {
        Self::from_file(path, private::read(path, MAX_BYTES + 2))
    }

    /// Reads a passphrase that systemd passes to a service as a credential. The file may have any mode, as systemd
    /// chooses it.
    ///
    /// # Errors
    /// As [`Self::read`], except [`PassphraseError::Exposed`].
    pub fn read_credential(path: &Path) -> Result<Self, PassphraseError> {
        Self::from_file(path, private::read_any_mode(path, MAX_BYTES + 2))
    }

    fn from_file(path: &Path, read: Result<Zeroizing<Vec<u8>>, ReadError>) -> Result<Self, PassphraseError> {
        let path = || path.to_owned();
        let bytes = read.map_err(|error| match error {
            ReadError::Missing => PassphraseError::Missing(path()),
            ReadError::Exposed(mode) => PassphraseError::Exposed { path: path(), mode },
            ReadError::Io(source) => PassphraseError::Io { path: path(), source },
        })?;
        let text = std::str::from_utf8(&bytes).map_err(|_| PassphraseError::NotText)?;
        let line = text.strip_suffix('\n').unwrap_or(text);
        let line = line.strip_suffix('\r').unwrap_or(line);
        Self::new(Zeroizing::new(line.to_owned()))
    }

    /// Refuses a passphrase that is too short to encrypt anything new.
    ///
    /// # Errors
    /// [`PassphraseError::Short`].
    pub fn must_be_long(&self) -> Result<(), PassphraseError> {
        if self.0.chars().count() < MIN_CHARS {
            return Err(PassphraseError::Short);
        }
        Ok(())
    }

    /// Returns whether both passphrases are equal, for a repeated prompt.
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.0 == other.0
    }

    /// Derives the key of this passphrase with these parameters.
    ///
    /// # Errors
    /// [`PassphraseError::Parameters`], [`PassphraseError::Memory`].
    pub(crate) fn key(&self, derivation: &Derivation) -> Result<OuterKey, PassphraseError> {
        let parameters = derivation.parameters()?;
        let count = parameters.block_count();
        let mut blocks = Zeroizing::new(Vec::new());
        blocks
            .try_reserve_exact(count)
            .map_err(|_| PassphraseError::Memory(derivation.memory))?;
        blocks.resize(count, Block::default());
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters);
        OuterKey::filled(|key| {
            argon2
                .hash_password_into_with_memory(self.0.as_bytes(), &derivation.salt, key, &mut blocks[..])
                .map_err(|_| PassphraseError::Parameters)
        })
    }
}

/// Parameters of Argon2id version 0x13, without secret and associated data, with 32 bytes of output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Derivation {
    /// Memory in KiB.
    pub(crate) memory: u32,
    pub(crate) passes: u32,
    pub(crate) lanes: u32,
    #[serde(with = "hex::serde")]
    pub(crate) salt: [u8; 16],
}

impl Derivation {
    /// Maximum memory of stored parameters, so that a manipulated file cannot exhaust the machine: the first
    /// recommendation of RFC 9106 takes 2 GiB.
    const MAX_MEMORY: u32 = 2 << 20;
    const MAX_PASSES: u32 = 64;
    const MAX_LANES: u32 = 64;

    /// Returns the second of the two options recommended by RFC 9106 (section 4), with a random salt: 64 MiB, three
    /// passes, four lanes. It suits small machines too, where the first would not start.
    pub(crate) fn new(source: &dyn Random) -> Result<Self, PassphraseError> {
        Ok(Self {
            memory: 64 << 10,
            passes: 3,
            lanes: 4,
            salt: random::bytes(source)?,
        })
    }

    fn parameters(&self) -> Result<Params, PassphraseError> {
        if self.memory > Self::MAX_MEMORY || self.passes > Self::MAX_PASSES || self.lanes > Self::MAX_LANES {
            return Err(PassphraseError::Parameters);
        }
        Params::new(self.memory, self.passes, self.lanes, Some(32)).map_err(|_| PassphraseError::Parameters)
    }
}
