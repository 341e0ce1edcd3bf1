//! The wrapped key of the store in a backup of the keyring: the store cannot be opened without it.

use std::path::Path;

use bytes::Bytes;
use strongroom_keys::{Backup, Keyring};
use strongroom_seal::{Envelope, Place, StoreKey};
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
    /// It is missing, and the one in the backup is not a store's key under a key of the keyring.
    NotGenuine,
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

/// Writes the envelope of the store's key from a backup, if the store in a directory has none and the keyring opens this
/// one. A damaged key file is not replaced.
pub(super) async fn put_back(
    directory: &Path,
    backup: &Backup,
    keyring: &Keyring,
) -> Result<PutBack, StoreError> {
    let Some(found) = Store::find(directory)? else {
        return Ok(PutBack::NotNeeded);
    };
    let keys = Store::keys_at(directory, found.id);
    if backup.store() != Some(found.id.0) || !keys.envelopes(KeyOwner::Store).await?.is_empty() {
        return Ok(PutBack::NotNeeded);
    }
    let Some(envelope) = backup.store_key() else {
        return Ok(PutBack::NotInBackup);
    };
    let opens = |envelope| keyring.open::<StoreKey>(&envelope, Place::STORE).is_ok();
    if !Envelope::from_bytes(envelope).is_ok_and(opens) {
        return Ok(PutBack::NotGenuine);
    }
    let prepared = Store::prepare(directory, LocalSettings::default()).await?;
    let envelope = Bytes::copy_from_slice(envelope);
    prepared.keys.add(KeyOwner::Store, envelope).await?;
    Ok(PutBack::Done)
}

#[cfg(test)]
mod tests {
    use strongroom_keys::Passphrase;
    use strongroom_seal::keys::Wrapped as _;
    use strongroom_seal::{Mode, SystemRandom};

    use super::*;

    /// The envelope comes from a file that a person typed or printed; nothing else would notice until the next start.
    #[tokio::test]
    async fn only_a_key_that_opens_is_put_back() {
        let folder = tempfile::tempdir().unwrap();
        let random = SystemRandom::default();
        let store = folder.path().join("store");
        let keyring = Keyring::create(&folder.path().join("keyring.toml"), &random).unwrap();
        let id = Store::prepare(&store, LocalSettings::default()).await.unwrap().id;
        keyring.note_store(id.0, &random).unwrap();
        let key = StoreKey::generate(&random).unwrap();
        let genuine = keyring.wrap(&key, Mode::Store, Place::STORE, &random).unwrap();
        let elsewhere = keyring
            .wrap(&key, Mode::Bucket, Place::bucket([1; 16]), &random)
            .unwrap();
        let passphrase = Passphrase::new("a passphrase of many words".to_owned().into()).unwrap();
        for (envelope, is_genuine) in [
            (&b"no envelope"[..], false),
            (elsewhere.as_bytes(), false),
            (genuine.as_bytes(), true),
        ] {
            let text = keyring.export(&passphrase, Some(envelope), crate::clock::system(), &random);
            let backup = Backup::open(&text.unwrap(), &passphrase).unwrap();
            let done = put_back(&store, &backup, &keyring).await.unwrap();
            assert_eq!(matches!(done, PutBack::Done), is_genuine);
            let keys = Store::keys_at(&store, id);
            let found = keys.envelopes(KeyOwner::Store).await.unwrap();
            assert_eq!(found.len(), usize::from(is_genuine));
        }
    }
}
