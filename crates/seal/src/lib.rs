//! The sealed format of Strongroom, version 1. Its bytes are described in `docs/format.md`.
//!
//! Pure: no IO, no async, no clock; randomness is passed in. Readable in an afternoon, from the bottom up:
//!
//! - [`secret`]: bytes that are wiped, on the heap and on the stack,
//! - [`mod@derive`]: every key derivation and its label, in one list,
//! - `aead`: AES-256-GCM, and the nonces of the format,
//! - [`keys`]: key types that are wiped on drop and cannot be printed or copied,
//! - [`envelope`]: an outer key wraps a data key, bound to one place,
//! - [`layout`]: arithmetic between plaintext and sealed offsets,
//! - [`stream`]: a part's content, sealed in chunks of 64 KiB,
//! - [`manifest`]: description of a version, sealed under a key that opens nothing else,
//! - [`row`]: values of the index, sealed under the store's key,
//! - [`authenticator`]: MACs and encryption of what describes the index,
//! - [`keyring`]: fingerprints of keys, and the check over a keyring's file.

// A module imports only modules that are declared before it. The blank lines keep rustfmt from sorting the modules.
mod error;

pub mod random;
pub mod secret;
pub mod suite;

mod aead;
pub mod derive;
pub mod layout;

pub mod keys;

pub mod authenticator;
pub mod envelope;
pub mod keyring;
pub mod manifest;
pub mod row;
pub mod stream;

pub use authenticator::StoreAuthenticator;
pub use envelope::{Envelope, Mode, Place};
pub use error::{Error, Result};
pub use keys::{DataKey, ManifestKey, OuterKey, StoreKey};
pub use manifest::{Checksum, Manifest, ManifestPart};
pub use random::{Random, SystemRandom};
pub use row::RowSeal;
pub use stream::{PartOpener, PartSealer};
pub use suite::Suite;
