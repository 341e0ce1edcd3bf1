//! Errors of keyrings.

use crate::root::error::RootError;
use std::path::{Path, PathBuf};

/// Reason why a keyring could not be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyringError {
    /// The file does not exist.
    #[error("there is no keyring at {}", .0.display())]
    Missing(PathBuf),
    /// The file could not be read or written.
    #[error("the keyring {} cannot be used: {source}", path.display())]
    Io {
        /// Path of the keyring.
        path: PathBuf,
        /// Error of the operating system.
        source: std::io::Error,
    },
    /// Users other than the owner may read the file.
    #[error(
        "the keyring {path} can be read by other users (mode {mode:o}); run: chmod 600 {path}",
        path = path.display()
    )]
    Exposed {
        /// Path of the keyring.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file is not a keyring. The reason never quotes the file.
    #[error("the keyring {} is not valid: {why}", path.display())]
    Invalid {
        /// Path of the keyring.
        path: PathBuf,
        /// Description of the fault.
        why: &'static str,
    },
    /// The file was changed after it was written.
    #[error(
        "the keyring {} is damaged, or was changed by another program than strongroom keys: restore the file, or \
         recreate it from a backup with strongroom keys import-backup",
        .0.display()
    )]
    Altered(PathBuf),
    /// The root key is missing, or is not the one that encrypts the keyring.
    #[error("the keyring {} cannot be opened: {source}", path.display())]
    Root {
        /// Path of the keyring.
        path: PathBuf,
        /// Error of the root key.
        source: RootError,
    },
    /// The new root key is not available. The file is unchanged.
    #[error("the new root key is not available; the keyring {} is unchanged: {source}", path.display())]
    NewRoot {
        /// Path of the keyring.
        path: PathBuf,
        /// Error of the root key.
        source: RootError,
    },
    /// The file was encrypted under another root key while it was in use.
    #[error(
        "the keyring {} was resealed under another root key while in use: restart the server with the settings \
         root.* for that key; until then the server uses the keys that it has loaded",
        .0.display()
    )]
    Resealed(PathBuf),
    /// The file lacks a key that is in use, so it is not a successor of the keyring in use.
    #[error(
        "the keyring {} lacks key {key}, which is in use, or has another key in its place: restore the newest \
         file, and do not change this one",
        path.display()
    )]
    NotASuccessor {
        /// Path of the keyring.
        path: PathBuf,
        /// The key that is missing or has another value: the id of a master key, or ID/NUMBER of a version of a named
        /// one.
        key: String,
    },
    /// The keyring has no root key to encrypt a change under: it is of version 1, or has no file.
    #[error("this keyring is read-only; the server upgrades a keyring of version 1 when it starts")]
    ReadOnly,
    /// A requested change is not possible.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// An envelope names a master key that the keyring does not contain.
    #[error("the keyring has no master key {0}, which encrypts this data; is it the right keyring?")]
    UnknownMaster(String),
    /// Wrapping or opening with a master key failed.
    #[error("{0}")]
    Seal(#[from] strongroom_seal::Error),
}

impl KeyringError {
    pub(crate) fn io(path: &Path, source: std::io::Error) -> Self {
        Self::Io {
            path: path.to_owned(),
            source,
        }
    }

    pub(crate) fn invalid(path: &Path, why: &'static str) -> Self {
        Self::Invalid {
            path: path.to_owned(),
            why,
        }
    }

    pub(crate) fn root(path: &Path, source: RootError) -> Self {
        Self::Root {
            path: path.to_owned(),
            source,
        }
    }
}

/// Reason why a change to a keyring was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChangeError {
    /// There is no key with that id or label.
    #[error("the keyring has no key {0:?}; see strongroom keys list")]
    NoSuchKey(String),
    /// Another named key has the label.
    #[error("the label {label:?} is in use by {id}; labels are unique")]
    LabelInUse {
        /// The label.
        label: String,
        /// Id of the key that has the label.
        id: String,
    },
    /// The label is not valid.
    #[error(
        "{0:?} is not a valid label: use 1 to 64 letters, digits, '.', '_' and '-', not beginning with k- or m-, \
         as ids do"
    )]
    Label(String),
    /// Only named keys have labels.
    #[error("{0} is a master key, and only named keys have labels")]
    NoLabel(String),
    /// Only named keys have versions.
    #[error(
        "{0} is a master key and has no versions: to create a new current one, run strongroom keys roll without \
         a key"
    )]
    NoVersions(String),
    /// The current master key cannot be retired, as it wraps new keys.
    #[error("{0} is the current master key: make another one current first, with strongroom keys roll")]
    IsCurrent(String),
    /// The key is in that state already.
    #[error("{id} is already {state}")]
    Already {
        /// Id of the key.
        id: String,
        /// State of the key.
        state: &'static str,
    },
    /// Only a retired master key can be deleted.
    #[error("{0} is not a retired master key, and only those can be deleted; see strongroom keys list")]
    NotRetired(String),
    /// The new root key is the current one.
    #[error("the keyring is already sealed by that root key")]
    SameRoot,
    /// A key has the maximum number of versions.
    #[error("{0} has the maximum number of versions")]
    TooManyVersions(String),
}
