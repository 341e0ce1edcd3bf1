//! The wrapped key of the store in a backup of the keyring: the store cannot be opened without it.

use bytes::Bytes;
use strongroom_keys::{Backup, Keyring};
use strongroom_store::{KeyOwner, LocalSettings, Store, StoreError, WrappedKeys as _};

use crate::settings::Settings;
use crate::store::open::store_directory;

/// Result of putting the store's key back.
pub(super) enum PutBack {
    /// It is there, or the store is not.
    NotNeeded,
    /// It was missing.
    Done,
    /// It is missing, and the backup does not contain it.
    NotInBackup,
}

/// Returns the envelope of the store's key. `None`: the keyring's store is not there.
pub(super) async fn read(settings: &Settings, keyring: &Keyring) -> Result<Option<Bytes>, StoreError> {
    let directory = store_directory(settings);
    let Some(found) = Store::find(&directory)? else {
        return Ok(None);
    };
    if keyring.store() != Some(found.id.0) {
        return Ok(None);
    }
    let envelopes = Store::keys_at(&directory, found.id)
        .envelopes(KeyOwner::Store)
        .await?;
    // The last one added, if a roll of the master key was interrupted.
    Ok(envelopes.into_iter().next_back())
}

/// Writes the envelope of the store's key from a backup, if the store has none. A damaged key file is not replaced.
pub(super) async fn put_back(settings: &Settings, backup: &Backup) -> Result<PutBack, StoreError> {
    let directory = store_directory(settings);
    let Some(found) = Store::find(&directory)? else {
        return Ok(PutBack::NotNeeded);
    };
    let keys = Store::keys_at(&directory, found.id);
    if backup.store() != Some(found.id.0) || !keys.envelopes(KeyOwner::Store).await?.is_empty() {
        return Ok(PutBack::NotNeeded);
    }
    let Some(envelope) = backup.store_key() else {
        return Ok(PutBack::NotInBackup);
    };
    let prepared = Store::prepare(directory, LocalSettings::default()).await?;
    let envelope = Bytes::copy_from_slice(envelope);
    prepared.keys.add(KeyOwner::Store, envelope).await?;
    Ok(PutBack::Done)
}
