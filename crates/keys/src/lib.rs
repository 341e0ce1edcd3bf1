//! Sources of outer keys.
//!
//! [`Keyring`]: master keys and named keys in a local file, encrypted under a root key from a [`RootSource`]. A master
//! key wraps only the keys of the buckets, of the store and of the root credentials, so the cost of rolling it depends
//! on the number of buckets alone. [`Backup`]: the same keys under a passphrase. [`kms`]: the services for SSE-KMS.
//! [`documents`]: the client that fetches the public keys of identity providers.

// A module imports only modules that are declared before it. The blank lines keep rustfmt from sorting the modules.
pub mod customer_key;

mod base64_text;
mod created;
mod plain_key;
mod private;

pub mod kms;

pub mod documents;

mod passphrase;

mod root;

mod keyring;

mod backup;

pub use backup::error::BackupError;
pub use backup::{Backup, Comparison};
pub use created::Created;
pub use keyring::error::KeyringError;
pub use keyring::list::Listing;
pub use keyring::{
    BuiltInKms, ChangeError, Changed, DEFAULT_LABEL, Keyring, ListedMaster, ListedNamed, ListedRoot,
    ListedVersion, MasterState, NamedState, ROOT_FILE,
};
pub use passphrase::{Passphrase, PassphraseError};
pub use root::error::RootError;
pub use root::kind::RootKind;
pub use root::wrapper::{KmsRoot, RootWrapper, WrappedRoot};
pub use root::{RootSource, Token, TokenSettings};
