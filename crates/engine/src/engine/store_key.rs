//! The store's key: in its key file, wrapped by a master key.

use crate::engine::pending::audit_refusal;
use crate::model::error::{Error, Result};
use bytes::Bytes;
use strongroom_audit::{Audit, KeyEvent, KeyUse};
use strongroom_keys::Keyring;
use strongroom_seal::{Envelope, Mode, Place, Random, StoreKey, keys::Wrapped as _};
use strongroom_store::{KeyDigest, KeyOwner, Prepared, WrappedKeys};

/// The store's key, opened or created.
pub(crate) struct OpenedStoreKey {
    pub(crate) key: StoreKey,
    /// Digest of the envelope.
    pub(crate) digest: KeyDigest,
    /// Use of the master key to record: unwrap or wrap.
    pub(crate) what: KeyUse,
    /// Id of the master key.
    pub(crate) master: String,
}

impl OpenedStoreKey {
    /// Records the use of the master key.
    ///
    /// # Errors
    /// [`Error::Audit`].
    pub(crate) fn record(&self, audit: &dyn Audit) -> Result<()> {
        audit.record(&KeyEvent {
            actor: None,
            what: self.what,
            bucket: "",
            object: "",
            version: None,
            mode: Some(Mode::Store),
            key_id: &self.master,
            result: "ok",
        })?;
        Ok(())
    }
}

/// Opens the store's key. `None`: the store has none.
///
/// # Errors
/// [`Error::Keyring`] if the keyring does not belong to the store.
pub(crate) async fn open(
    keys: &dyn WrappedKeys,
    keyring: &Keyring,
    audit: &dyn Audit,
) -> Result<Option<OpenedStoreKey>> {
    let current = keyring.current_id()?;
    let (mut envelopes, mut refused) = (Vec::new(), None);
    for bytes in keys.envelopes(KeyOwner::Store).await? {
        match Envelope::from_bytes(&bytes) {
            Ok(envelope) => envelopes.push(envelope),
            Err(error) => refused = Some(error.into()),
        }
    }
    // There are two if a roll of the master key was interrupted. Both wrap the same key.
    envelopes.sort_by_key(|envelope| envelope.outer_id() != current);
    for envelope in envelopes {
        let id = envelope.outer_id();
        match keyring.open(&envelope, Place::STORE) {
            Ok(key) => {
                return Ok(Some(OpenedStoreKey {
                    key,
                    digest: KeyDigest::of(envelope.as_bytes()),
                    what: KeyUse::Unwrap,
                    master: id.to_owned(),
                }));
            }
            Err(error) => refused = Some(audit_refusal(audit, None, Mode::Store, "", id, error)),
        }
    }
    refused.map_or(Ok(None), Err)
}

/// Returns the error for a store that was used and has no key.
pub(crate) fn missing(keys: &dyn WrappedKeys) -> Error {
    Error::Damaged(format!(
        "there is no key of the store in {}: restore that file from a copy of this store, or from a backup of the \
         keyring",
        keys.place(KeyOwner::Store)
    ))
}

/// Opens the store's key; creates it in a new store. The key file is written before anything else is, so there are never
/// rows without a key.
///
/// # Errors
/// [`Error::Damaged`] if a store that was used has no key; [`Error::Keyring`] if the keyring does not belong to the store.
pub(crate) async fn open_or_create(
    prepared: &Prepared,
    keyring: &Keyring,
    audit: &dyn Audit,
    random: &dyn Random,
) -> Result<OpenedStoreKey> {
    if let Some(opened) = open(&*prepared.keys, keyring, audit).await? {
        return Ok(opened);
    }
    if !prepared.is_new {
        return Err(missing(&*prepared.keys));
    }
    let key = StoreKey::generate(random)?;
    let envelope = keyring.wrap(&key, Mode::Store, Place::STORE, random)?;
    let bytes = Bytes::copy_from_slice(envelope.as_bytes());
    let digest = KeyDigest::of(&bytes);
    prepared.keys.add(KeyOwner::Store, bytes).await?;
    Ok(OpenedStoreKey {
        key,
        digest,
        what: KeyUse::Wrap,
        master: envelope.outer_id().to_owned(),
    })
}
