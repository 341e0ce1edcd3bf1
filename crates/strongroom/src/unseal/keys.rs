//! The keys that a store is opened with: its keyring, or a backup of it.

use std::io;
use std::path::PathBuf;

use strongroom_keys::{Backup, BackupError, Keyring, KeyringError, Passphrase, PassphraseError};

use super::UnsealPlace;
use crate::keyring::{self, OpenError};
use crate::settings::Settings;

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeysError {
    #[error("{source}; name its place with --keyring, or a backup of it with --backup")]
    Missing { source: KeyringError },
    #[error(transparent)]
    Keyring(OpenError),
    #[error("cannot read the backup {}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("cannot open the backup {}", path.display())]
    Backup { path: PathBuf, source: BackupError },
    #[error(transparent)]
    Passphrase(#[from] PassphraseError),
}

pub(super) async fn keyring(place: &UnsealPlace, settings: &Settings) -> Result<Keyring, KeysError> {
    if let (Some(path), Some(passphrase)) = (&place.backup, &place.passphrase_file) {
        let text = std::fs::read_to_string(path).map_err(|source| KeysError::Read {
            path: path.clone(),
            source,
        })?;
        let backup = Backup::open(&text, &Passphrase::read(passphrase)?);
        let backup = backup.map_err(|source| KeysError::Backup {
            path: path.clone(),
            source,
        })?;
        return Ok(backup.into_keyring());
    }
    keyring::read(settings).await.map_err(|error| match error {
        OpenError::Keyring(source @ KeyringError::Missing(_)) => KeysError::Missing { source },
        error => KeysError::Keyring(error),
    })
}
