//! Errors of opening the store of a data directory.

use std::path::PathBuf;

use strongroom_identity::IdentityError;
use strongroom_keys::KeyringError;
use strongroom_keys::kms::SetupError;
use strongroom_store::{StoreError, StoreId};

use super::keyring::OpenError;
use super::noted_head::RolledBack;
use super::root_credentials::RootCredentialsError;

/// Errors that keep the data directory from being served.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenStoreError {
    #[error("cannot create the data directory {}", path.display())]
    DataDirectory { path: PathBuf, source: std::io::Error },
    #[error("there is no store in {}: set the right data directory with --data-dir", .0.display())]
    NoStore(PathBuf),
    #[error(
        "{} belongs to user {owner}, and a server of that user could not read files created by root; run the command \
         as that user: sudo -u '#{owner}' strongroom …",
        path.display()
    )]
    NotRoots { path: PathBuf, owner: u32 },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(
        "the keyring {} does not exist, and the data in {} cannot be decrypted without it; restore it from your copy, \
         or set its path with --keyring",
        keyring.display(),
        data_dir.display()
    )]
    KeyringGone { keyring: PathBuf, data_dir: PathBuf },
    #[error(
        "there is no store in {}, but there was one: the keyring {} belongs to the store {noted}. Mount the disk that \
         holds it, set the right data directory with --data-dir, or restore the store from a copy. Only to begin an empty \
         store with this keyring: strongroom serve --new-store {flags}",
        directory.display(),
        keyring.display()
    )]
    StoreGone {
        directory: PathBuf,
        keyring: PathBuf,
        noted: StoreId,
        /// Flags that direct a command to this store.
        flags: String,
    },
    #[error(
        "the store in {} has the id {found}, but the keyring {} belongs to the store {noted}. Set the right data \
         directory with --data-dir, or this store's own keyring with --keyring. Only to use this store with this keyring \
         from now on: strongroom serve --new-store {flags}",
        directory.display(),
        keyring.display()
    )]
    OtherStore {
        directory: PathBuf,
        found: StoreId,
        keyring: PathBuf,
        noted: StoreId,
        /// Flags that direct a command to this store.
        flags: String,
    },
    #[error(
        "there is no store in {} and no keyring at {}, but there were: the root credentials {} exist. Mount the disk that \
         holds the store and restore the keyring, or set the right data directory with --data-dir. Only to begin an empty \
         store: move that file away",
        directory.display(),
        keyring.display(),
        credentials.display()
    )]
    OnlyCredentials {
        directory: PathBuf,
        keyring: PathBuf,
        credentials: PathBuf,
    },
    #[error(
        "the keyring {} does not hold the master key {master}, which wraps the keys of these buckets: {buckets}. \
         Restore the newest keyring, or import its newest backup; only if that key is lost for good, shred each \
         bucket: strongroom bucket shred BUCKET {flags}",
        keyring.display()
    )]
    MasterLost {
        keyring: PathBuf,
        master: String,
        buckets: String,
        /// Flags that direct a command to this store.
        flags: String,
    },
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Credentials(RootCredentialsError),
    // The message ends with the command that repairs the damage, so the flags follow it.
    #[error("{damage} {flags}")]
    DamagedCredentials {
        damage: RootCredentialsError,
        /// Flags that direct the command to this store.
        flags: String,
    },
    #[error("cannot set up the key management service: {0}")]
    Kms(#[from] SetupError),
    #[error("the settings of identity providers (oidc) cannot be used")]
    IdentityProviders(#[source] SetupError),
    #[error(
        "another process writes the audit log in {}: a server that is starting or stopping, or a command working on \
         this store; try again when it is done. Two servers need two directories (audit.directory)",
        .0.display()
    )]
    AuditInUse(PathBuf),
    #[error(
        "cannot write the audit log in {}, and no key is used without it; fix the cause, set another directory with \
         audit.directory, or disable the log with audit.enabled",
        directory.display()
    )]
    Audit {
        directory: PathBuf,
        source: std::io::Error,
    },
    #[error(transparent)]
    RolledBack(#[from] RolledBack),
    #[error("cannot read the accounts")]
    Identities(#[from] IdentityError),
    #[error("cannot open the data")]
    Engine(#[from] strongroom_engine::Error),
}
