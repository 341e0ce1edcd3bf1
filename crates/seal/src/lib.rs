//! The sealed format of Strongroom, version 1. Its bytes are described in `docs/format.md`.
//!
//! Pure: no IO, no async, no clock; randomness is passed in. Readable in an afternoon, from the bottom up:
//!
//! - [`keys`]: key types that are wiped on drop and cannot be printed or copied,
//! - [`mod@derive`]: every key derivation and its label, in one list,
//! - [`envelope`]: an outer key wraps a data key, bound to one place,
//! - [`stream`]: a part's content, sealed in chunks of 64 KiB,
//! - [`layout`]: the arithmetic between plain and sealed offsets,
//! - [`manifest`]: what a version is made of, sealed under a key that opens nothing else,
//! - [`row`]: values of the index, sealed under the store's key,
//! - [`keyring`]: fingerprints of keys, and the check over a keyring's file.

pub mod derive;
pub mod envelope;
pub mod keyring;
pub mod keys;
pub mod layout;
pub mod manifest;
pub mod random;
pub mod row;
pub mod stream;
pub mod suite;

pub use envelope::{Envelope, Mode, Place};
pub use keys::{DataKey, ManifestKey, OuterKey, StoreKey};
pub use manifest::{Checksum, Manifest, ManifestPart};
pub use random::{Random, SystemRandom};
pub use row::RowSeal;
pub use stream::{PartOpener, PartSealer};
pub use suite::Suite;

/// Why something could not be sealed or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The outer key is not the one the envelope was made with. Known before any data is touched.
    #[error("the key is not the one this was sealed with")]
    WrongKey,
    /// The bytes are not what was sealed, or are not in the place they were sealed for.
    #[error("the sealed {0} is damaged, or is not the one that belongs here")]
    Damaged(&'static str),
    /// Sealed by a suite this version does not know.
    #[error("sealed with suite {0}, which this version does not know")]
    UnknownSuite(u8),
    /// A chunk of the wrong size was handed in to be sealed.
    #[error("a chunk of {0} bytes cannot be sealed in this place")]
    ChunkSize(usize),
    /// The source of randomness failed; nothing may be sealed without it.
    #[error("the system's source of randomness failed")]
    Random,
}

/// Result of sealing or opening.
pub type Result<T, E = Error> = std::result::Result<T, E>;
