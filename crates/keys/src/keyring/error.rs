//! What can go wrong with a keyring.

use crate::root::error::RootError;
use std::path::{Path, PathBuf};

/// Why a keyring could not be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyringError {
    /// The file is not there.
    #[error("there is no keyring at {}", .0.display())]
    Missing(PathBuf),
    /// The file could not be read or written.
    #[error("the keyring {} cannot be used: {source}", path.display())]
    Io {
        /// The keyring's file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Others than the owner may read the file.
    #[error("the keyring {path} can be read by other users (mode {mode:o}); run: chmod 600 {path}", path = path.display())]
    Exposed {
        /// The keyring's file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file is not a keyring. The reason never quotes the file.
    #[error("the keyring {} is not valid: {why}", path.display())]
    Invalid {
        /// The keyring's file.
        path: PathBuf,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The file is not as it was written.
    #[error(
        "the keyring {} is damaged, or was changed by something else than strongroom keys: put back the file as it \
         was, or bring it back from a backup with strongroom keys import-backup",
        .0.display()
    )]
    Altered(PathBuf),
    /// The root key is not there, or is not the one that seals the keyring.
    #[error("the keyring {} cannot be opened: {source}", path.display())]
    Root {
        /// The keyring's file.
        path: PathBuf,
        /// What is the matter with the root key.
        source: RootError,
    },
    /// The root key that is to seal the keyring from now on is not to be had. The file is as it was.
    #[error("the new root key cannot be had; the keyring {} is as it was: {source}", path.display())]
    NewRoot {
        /// The keyring's file.
        path: PathBuf,
        /// What is the matter with the root key.
        source: RootError,
    },
    /// The file was sealed by another root key while it was in use.
    #[error(
        "the keyring {} was sealed by another root key since it was opened: start the server again with the settings \
         root.* that lead to that one; until then it goes on with the keys it has",
        .0.display()
    )]
    Resealed(PathBuf),
    /// A file was to take the place of the keyring in use that is not its successor.
    #[error(
        "the keyring {} lacks key {key}, which is in use, or has another in its place: put back the newest file, and \
         change nothing in this one",
        path.display()
    )]
    NotASuccessor {
        /// The keyring's file.
        path: PathBuf,
        /// The key that is missing, or is another one: the id of a master key, or id/number of a version of a named one.
        key: String,
    },
    /// The keyring has no root key under which a change could be sealed: it is of version 1, or no file at all.
    #[error(
        "this keyring can only be read; one of version 1 becomes one of version 2 when the server starts"
    )]
    ReadOnly,
    /// A change that was asked for cannot be made.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// An envelope names a master key that the keyring does not hold.
    #[error(
        "the keyring does not hold master key {0}, which this data is sealed under; is it the right keyring?"
    )]
    UnknownMaster(String),
    /// Sealing or opening under a master key failed.
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

/// Why a change to a keyring was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChangeError {
    /// There is no key of that id or label.
    #[error("the keyring holds no key {0:?}; strongroom keys list shows those it holds")]
    NoSuchKey(String),
    /// Another named key has the label.
    #[error("the label {label:?} is that of {id}; labels are unique")]
    LabelTaken {
        /// The label.
        label: String,
        /// The key that has it.
        id: String,
    },
    /// The label cannot be one.
    #[error(
        "{0:?} cannot be a label: write 1 to 64 letters, digits, '.', '_' and '-', not beginning with k- or m- as ids do"
    )]
    Label(String),
    /// Only named keys have labels.
    #[error("{0} is a master key, and only named keys have labels")]
    NoLabel(String),
    /// Only named keys have versions.
    #[error("{0} is a master key: roll it without naming a key, and a new one becomes the current one")]
    NoVersions(String),
    /// The current master key wraps what is new.
    #[error("{0} is the current master key: make another one current first, with strongroom keys roll")]
    IsCurrent(String),
    /// The key is in that state already.
    #[error("{id} is {state} already")]
    Already {
        /// The key.
        id: String,
        /// Its state.
        state: &'static str,
    },
    /// Only a retired master key can be deleted.
    #[error(
        "{0} is no retired master key, and only those can be deleted; strongroom keys list shows what each is"
    )]
    NotRetired(String),
    /// The root key to seal by is the one that seals already.
    #[error("the keyring is sealed by that root key already")]
    SameRoot,
    /// A key has as many versions as can be.
    #[error("{0} has as many versions as a key can have")]
    TooManyVersions(String),
}
