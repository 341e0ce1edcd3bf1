//! Restoring a keyring from a backup.

use crate::backup::Backup;
use crate::keyring::Keyring;
use crate::keyring::error::KeyringError;
use crate::root::RootSource;
use std::path::Path;
use strongroom_seal::Random;

impl Keyring {
    /// Creates a keyring at `path`, where no file may exist, with the keys of a backup, encrypted under the root key
    /// from `source`. Durable on return.
    ///
    /// # Errors
    /// As [`Self::create_with`].
    pub async fn restore(
        path: &Path,
        backup: &Backup,
        source: &RootSource,
        random: &dyn Random,
    ) -> Result<Self, KeyringError> {
        Self::create_holding(path, backup.content(), source, random).await
    }
}
