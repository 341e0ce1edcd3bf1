//! The store's key: in its key file, wrapped by a master key.

use crate::engine::pending::audit_refusal;
use crate::model::error::{Error, Result};
use bytes::Bytes;
use strongroom_audit::{Audit, KeyUse};
use strongroom_keys::Keyring;
use strongroom_seal::{Envelope, Mode, Place, Random, StoreKey, keys::Wrapped as _};
use strongroom_store::{KeyOwner, Prepared};

/// The store's key, opened or created.
pub(crate) struct OpenedStoreKey {
    pub(crate) key: StoreKey,
    /// Use of the master key to record: unwrap or wrap.
    pub(crate) what: KeyUse,
    /// Id of the master key.
    pub(crate) master: String,
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
    let mut refused = None;
    // There are two if a roll of the master key was interrupted. Both wrap the same key.
    for bytes in prepared.keys.envelopes(KeyOwner::Store).await? {
        let envelope = Envelope::from_bytes(&bytes)?;
        match keyring.open(&envelope, Place::STORE) {
            Ok(key) => {
                return Ok(OpenedStoreKey {
                    key,
                    what: KeyUse::Unwrap,
                    master: envelope.outer_id().to_owned(),
                });
            }
            Err(error) => refused = Some((envelope, error)),
        }
    }
    if let Some((envelope, error)) = refused {
        return Err(audit_refusal(
            audit,
            None,
            Mode::Store,
            "",
            envelope.outer_id(),
            error,
        ));
    }
    if !prepared.is_new {
        return Err(Error::Damaged(format!(
            "there is no key of the store in {}: restore that file from a copy of this store, or from a backup of the \
             keyring",
            prepared.keys.place(KeyOwner::Store)
        )));
    }
    let key = StoreKey::generate(random)?;
    let envelope = keyring.wrap(&key, Mode::Store, Place::STORE, random)?;
    let bytes = Bytes::copy_from_slice(envelope.as_bytes());
    prepared.keys.add(KeyOwner::Store, bytes).await?;
    Ok(OpenedStoreKey {
        key,
        what: KeyUse::Wrap,
        master: envelope.outer_id().to_owned(),
    })
}
