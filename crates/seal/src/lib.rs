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

mod aead;
pub mod derive;
pub mod envelope;
mod error;
pub mod keyring;
pub mod keys;
pub mod layout;
pub mod manifest;
pub mod random;
pub mod row;
pub mod secret;
pub mod stream;
pub mod suite;

pub use envelope::{Envelope, Mode, Place};
pub use error::{Error, Result};
pub use keys::{DataKey, ManifestKey, OuterKey, StoreKey};
pub use manifest::{Checksum, Manifest, ManifestPart};
pub use random::{Random, SystemRandom};
pub use row::RowSeal;
pub use stream::{PartOpener, PartSealer};
pub use suite::Suite;
