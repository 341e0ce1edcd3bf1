//! Passphrases, and how one becomes a key: Argon2id (RFC 9106), whose parameters are kept beside what it seals.

use crate::private::{self, ReadError};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use strongroom_seal::keys::Wrapped as _;
use strongroom_seal::{OuterKey, Random, random};
use zeroize::Zeroizing;

#[cfg(test)]
mod tests;

/// Fewest characters of a passphrase that something is sealed with from now on.
const MIN_CHARS: usize = 12;
/// Most bytes of a passphrase: far more than anybody types, far less than a file named by mistake has.
const MAX_BYTES: u64 = 1024;

/// Text that a key is made from.
pub struct Passphrase(Zeroizing<String>);

/// Why there is no passphrase, or none to use.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PassphraseError {
    /// Nothing was given.
    #[error("the passphrase is empty")]
    Empty,
    /// Too short to seal with.
    #[error(
        "the passphrase is too short: take {MIN_CHARS} characters or more, better six words drawn at random"
    )]
    Short,
    /// It is longer than 1024 bytes, or not UTF-8.
    #[error("the passphrase is not one line of text of at most {MAX_BYTES} bytes")]
    NotText,
    /// Its file is not there.
    #[error("there is no passphrase file {}", .0.display())]
    Missing(PathBuf),
    /// Others than the owner may read its file.
    #[error("the passphrase file {path} can be read by other users (mode {mode:o}); run: chmod 600 {path}", path = path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Its file could not be read.
    #[error("the passphrase file {} cannot be read: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// What stands in the file asks for too much memory or time, or is out of the algorithm's bounds.
    #[error("the parameters of argon2id are not ones that this program uses")]
    Parameters,
    /// There is not as much memory as the derivation takes.
    #[error("there are not {0} KiB of memory for argon2id")]
    Memory(u32),
    /// No randomness for a salt.
    #[error(transparent)]
    Seal(#[from] strongroom_seal::Error),
}

impl Passphrase {
    /// A passphrase as it was typed, without the end of its line.
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

    /// Reads the file of a passphrase, which only its owner may read: one line of text.
    ///
    /// # Errors
    /// [`PassphraseError::Missing`], [`PassphraseError::Exposed`], [`PassphraseError::Io`] and those of [`Self::new`].
    pub fn read(path: &Path) -> Result<Self, PassphraseError> {
        Self::from_file(path, private::read(path, MAX_BYTES + 2))
    }

    /// Reads a passphrase that systemd hands to a service as a credential.
    ///
    /// # Errors
    /// As [`Self::read`], but the mode is systemd's matter.
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

    /// Refuses a passphrase that is too short to seal anything with from now on.
    ///
    /// # Errors
    /// [`PassphraseError::Short`].
    pub fn must_be_long(&self) -> Result<(), PassphraseError> {
        if self.0.chars().count() < MIN_CHARS {
            return Err(PassphraseError::Short);
        }
        Ok(())
    }

    /// Whether two are the same: what was typed the second time.
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.0 == other.0
    }

    /// The key that this passphrase gives with these parameters.
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

/// The parameters of Argon2id version 0x13, without secret and associated data, and 32 bytes of output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Derivation {
    /// In KiB.
    pub(crate) memory: u32,
    pub(crate) passes: u32,
    pub(crate) lanes: u32,
    #[serde(with = "hex::serde")]
    pub(crate) salt: [u8; 16],
}

impl Derivation {
    /// Bounds of what is read, so that a file that somebody changed cannot stop the machine: what RFC 9106 recommends
    /// first takes 2 GiB.
    const MAX_MEMORY: u32 = 2 << 20;
    const MAX_PASSES: u32 = 64;
    const MAX_LANES: u32 = 64;

    /// The second of the two options that RFC 9106 (section 4) recommends: 64 MiB, three passes, four lanes. It suits
    /// small machines too, where the first would not start.
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
