//! The keys that a store is opened with: its keyring, or a backup of it.

use strongroom_keys::{Keyring, KeyringError};

use super::UnsealPlace;
use crate::keyring::{self, OpenError};
use crate::keys::backup::{self, FileError};
use crate::settings::{PassphraseFrom, Settings};

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeysError {
    #[error("{source}; name its place with --keyring, or a backup of it with --backup")]
    Missing { source: KeyringError },
    #[error(transparent)]
    Keyring(OpenError),
    #[error(transparent)]
    Backup(#[from] FileError),
}

/// Opens keyring or backup. A passphrase is asked for here.
pub(super) fn keyring(place: &UnsealPlace, settings: &Settings) -> Result<Keyring, KeysError> {
    if let Some(file) = &place.backup {
        let passphrase = place.passphrase_file.clone();
        let passphrase = passphrase.map_or(PassphraseFrom::Terminal, PassphraseFrom::File);
        return Ok(backup::open(settings, file, &passphrase)?.into_keyring());
    }
    keyring::open(settings).map_err(|error| match error {
        OpenError::Keyring(source @ KeyringError::Missing(_)) => KeysError::Missing { source },
        error => KeysError::Keyring(error),
    })
}
