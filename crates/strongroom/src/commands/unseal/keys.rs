//! Keys to decrypt a store: its keyring, or a backup of it.

use std::path::PathBuf;

use strongroom_keys::Keyring;

use crate::cli::unseal::StoreLocation;
use crate::commands::keys::backup::{self, FileError};
use crate::settings::{PassphraseFrom, Settings};
use crate::store::keyring::{self, OpenError};

/// Reasons why there are no keys.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeysError {
    #[error(
        "there is no keyring at {}; set its path with --keyring, or a backup of it with --backup",
        .0.display()
    )]
    Missing(PathBuf),
    #[error(transparent)]
    Keyring(OpenError),
    #[error(transparent)]
    Backup(#[from] FileError),
}

/// Opens the keyring or the backup. May ask for a passphrase.
pub(super) fn keyring(location: &StoreLocation, settings: &Settings) -> Result<Keyring, KeysError> {
    if let Some(file) = &location.backup {
        let passphrase = location.passphrase_file.clone();
        let passphrase = passphrase.map_or(PassphraseFrom::Terminal, PassphraseFrom::File);
        return Ok(backup::open(settings, file, &passphrase)?.into_keyring());
    }
    keyring::open(settings).map_err(|error| match error {
        OpenError::Missing(path) => KeysError::Missing(path),
        error => KeysError::Keyring(error),
    })
}
