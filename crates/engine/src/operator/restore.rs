//! Restoring of a store: access to its key while it is not open, and buckets whose keys are newer than their rows.

use crate::engine::Engine;
use crate::engine::authenticator::UnderStoreKey;
use crate::engine::pending::PendingKeyEvent;
use crate::engine::store_key;
use crate::model::error::Result;
use crate::rows::key;
use crate::rows::pages::all_buckets;
use crate::rows::record::BucketRecord;
use std::sync::Arc;
use strongroom_audit::{Audit, KeyUse};
use strongroom_keys::Keyring;
use strongroom_seal::{Envelope, Mode, OuterKey, Place, Random};
use strongroom_store::{Authenticator, KeyDigest, WrappedKeys};

/// Opens the store's key with the keyring, and returns the keyed functions that the store needs. Records the use of the key.
///
/// # Errors
/// [`crate::Error::Keyring`] if the keyring does not belong to the store; [`crate::Error::Damaged`] if the store has no key;
/// [`crate::Error::Audit`].
pub async fn authenticator(
    keys: &dyn WrappedKeys,
    keyring: &Keyring,
    audit: &dyn Audit,
    random: Arc<dyn Random>,
) -> Result<Arc<dyn Authenticator>> {
    let opened = store_key::open(keys, keyring, audit).await?;
    let opened = opened.ok_or_else(|| store_key::missing(keys))?;
    opened.record(audit)?;
    Ok(Arc::new(UnderStoreKey::new(&opened.key, random)?))
}

impl Engine {
    /// Lets the rows of buckets name the envelopes that are in the key files, where they name older ones: after an index was
    /// restored that is older than its key files. Only an envelope that opens as the bucket's key is named. Returns the
    /// number of buckets that were changed. A bucket that cannot be changed does not stop the others.
    ///
    /// # Errors
    /// The first one.
    pub async fn adopt_keys(&self) -> Result<u64> {
        let mut adopted = Ok(0);
        for (name, _) in all_buckets(&self.root).await? {
            match (self.adopt_key(&name).await, &mut adopted) {
                (Ok(true), Ok(count)) => *count += 1,
                (Err(error), Ok(_)) => adopted = Err(error),
                _ => {}
            }
        }
        adopted
    }

    async fn adopt_key(&self, name: &str) -> Result<bool> {
        self.audit.ready()?;
        let _alone = self.wrapping.alone().await;
        let row = key::bucket(name);
        let Some(found) = self.root.get::<BucketRecord>(&row).await? else {
            return Ok(false);
        };
        let record = &found.record;
        let envelopes = self.keys.envelopes(record.key_owner()).await?;
        // A bucket without any key was shredded since.
        let Some(bytes) = envelopes.last() else {
            return Ok(false);
        };
        if record.named_envelope(&envelopes).is_some() {
            return Ok(false);
        }
        let envelope = Envelope::from_bytes(bytes)?;
        let opened = self.keyring.open::<OuterKey>(&envelope, Place::bucket(record.id));
        opened.map_err(|error| self.audit_refusal(Mode::Bucket, name, envelope.outer_id(), error))?;
        let mut batch = self.root.batch();
        batch.expect(row.clone(), Some(&found));
        batch.put(row, &record.naming(KeyDigest::of(bytes)))?;
        let event = PendingKeyEvent::new(KeyUse::Unwrap, name, Mode::Bucket, envelope.outer_id());
        let committed = self.commit_and_audit(async move { Ok(batch.commit().await?) }, vec![event]);
        Ok(committed.await?.is_done())
    }
}
