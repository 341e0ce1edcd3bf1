//! Restoring of a store: access to its key while it is not open, and buckets whose keys are newer than their rows.

use crate::engine::Engine;
use crate::engine::authenticator::UnderStoreKey;
use crate::engine::pending::PendingKeyEvent;
use crate::model::error::{Error, Result};
use crate::rows::key;
use crate::rows::record::BucketRecord;
use std::sync::Arc;
use strongroom_audit::KeyUse;
use strongroom_keys::Keyring;
use strongroom_seal::{Envelope, Mode, OuterKey, Place, Random, StoreKey};
use strongroom_store::{Authenticator, KeyDigest, KeyOwner, WrappedKeys};

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

impl Engine {
    /// Lets the rows of buckets name the envelopes that are in the key files, where they name older ones: after an index was
    /// restored that is older than its key files. Only an envelope that opens as the bucket's key is named. Returns the
    /// number of buckets that were changed.
    ///
    /// # Errors
    /// [`Error::Audit`], [`Error::Store`].
    pub async fn adopt_keys(&self) -> Result<u64> {
        self.audit.ready()?;
        let _alone = self.wrapping.alone().await;
        let mut adopted = 0;
        for (name, _) in self.root.all_buckets().await? {
            let row = key::bucket(&name);
            let Some(found) = self.root.get::<BucketRecord>(&row).await? else {
                continue;
            };
            let record = &found.record;
            let envelopes = self.keys.envelopes(record.key_owner()).await?;
            if record.named_envelope(&envelopes).is_some() {
                continue;
            }
            let opens = envelopes.iter().find_map(|bytes| {
                let envelope = Envelope::from_bytes(bytes).ok()?;
                self.keyring
                    .open::<OuterKey>(&envelope, Place::bucket(record.id))
                    .ok()?;
                Some((KeyDigest::of(bytes), envelope))
            });
            let Some((digest, envelope)) = opens else { continue };
            let renamed = BucketRecord {
                id: record.id,
                created: record.created,
                key_id: record.key_id.clone(),
                key_digest: digest.0,
            };
            let mut batch = self.root.batch();
            batch.expect(row.clone(), Some(&found));
            batch.put(row, &renamed)?;
            let event = PendingKeyEvent::new(KeyUse::Unwrap, &name, Mode::Bucket, envelope.outer_id());
            if self
                .commit_and_audit(async move { batch.commit().await }, vec![event])
                .await?
                .is_done()
            {
                adopted += 1;
            }
        }
        Ok(adopted)
    }
}
