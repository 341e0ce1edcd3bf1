//! Access to a store's key for a store that is not open.

use crate::engine::authenticator::UnderStoreKey;
use crate::model::error::{Error, Result};
use std::sync::Arc;
use strongroom_keys::Keyring;
use strongroom_seal::{Envelope, Place, Random, StoreKey};
use strongroom_store::{Authenticator, KeyOwner, WrappedKeys};

/// Opens the store's key with the keyring, and returns the keyed functions that the store needs.
///
/// # Errors
/// [`Error::Keyring`] if the keyring does not belong to the store; [`Error::Damaged`] if the store has no key.
pub async fn authenticator(
    keys: &dyn WrappedKeys,
    keyring: &Keyring,
    random: Arc<dyn Random>,
) -> Result<Arc<dyn Authenticator>> {
    let mut refused = None;
    for bytes in keys.envelopes(KeyOwner::Store).await? {
        match keyring.open::<StoreKey>(&Envelope::from_bytes(&bytes)?, Place::STORE) {
            Ok(key) => return Ok(Arc::new(UnderStoreKey::new(&key, random)?)),
            Err(error) => refused = Some(error),
        }
    }
    let place = keys.place(KeyOwner::Store);
    Err(refused.map_or_else(
        || Error::Damaged(format!("there is no key of the store in {place}")),
        Error::from,
    ))
}
