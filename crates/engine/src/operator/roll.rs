//! Rolls the master key: rewraps the keys under older master keys (those of buckets and of the store) under the current
//! one. Changes no data and no envelope of an object.

use crate::bucket::commit::{MAX_TRIES, retry};
use crate::engine::Engine;
use crate::engine::pending::PendingKeyEvent;
use crate::model::error::{Error, Result};
use crate::rows::key;
use crate::rows::record::BucketRecord;
use bytes::Bytes;
use strongroom_audit::KeyUse;
use strongroom_seal::Mode;
use strongroom_seal::{Envelope, OuterKey, Place, StoreKey};

/// Progress of rolling the master key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rolled {
    /// Number of keys that a master key wraps: the store's and each bucket's.
    pub keys: u64,
    /// Keys processed.
    pub seen: u64,
    /// Keys rewrapped.
    pub rewrapped: u64,
}

impl Engine {
    /// Rewraps the keys that are not under the current master key, and skips the others. It can therefore be
    /// interrupted and repeated at any time, while requests are served. Calls `progress` for each key that is under the
    /// current master key now. A bucket whose key cannot be rewrapped does not stop the others.
    ///
    /// # Errors
    /// The first of these: [`Error::Keyring`] if the keyring lacks a key in use, [`Error::Damaged`], [`Error::Store`],
    /// [`Error::Audit`].
    pub async fn roll_master(&self, mut progress: impl FnMut(Rolled) + Send) -> Result<Rolled> {
        let buckets = self.stored_buckets().await?;
        let mut rolled = Rolled {
            keys: u64::try_from(buckets.len()).unwrap_or(u64::MAX) + 1,
            ..Rolled::default()
        };
        rolled.rewrapped += u64::from(self.roll_store_key().await?);
        rolled.seen += 1;
        progress(rolled);
        let mut failed = None;
        for bucket in buckets {
            match self.roll_bucket_key(&bucket.name).await {
                Ok(rewrapped) => {
                    rolled.rewrapped += u64::from(rewrapped);
                    rolled.seen += 1;
                    progress(rolled);
                }
                // These would fail for every bucket.
                Err(error @ (Error::Store(_) | Error::Audit(_))) => return Err(error),
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        failed.map_or(Ok(rolled), Err)
    }

    /// Returns the number of keys that a master key wraps. Waits for keys that are wrapped but not committed yet, and
    /// counts them too.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Damaged`].
    pub async fn wrapped_by_master(&self, id: &str) -> Result<u64> {
        let _nobody_wraps = self.wrapping.wait().await;
        let mut of_buckets = 0;
        for bucket in self.stored_buckets().await? {
            of_buckets += u64::from(bucket.into_master()? == id);
        }
        let of_store = match self.store_envelope().await? {
            Some((_, envelope)) => u64::from(envelope.outer_id() == id),
            None => 0,
        };
        Ok(of_buckets + of_store)
    }

    async fn roll_bucket_key(&self, name: &str) -> Result<bool> {
        self.audit.ready()?;
        let row = key::bucket(name);
        retry!(MAX_TRIES, {
            let found = self.root.get::<BucketRecord>(&row).await?;
            let Some(found) = found else { return Ok(false) };
            let record = &found.record;
            let envelope = Envelope::from_bytes(&record.key_envelope)?;
            if envelope.outer_id() == self.keyring.current_id()? {
                return Ok(false);
            }
            let place = Place::bucket(record.id);
            let opened = self.keyring.open(&envelope, place);
            let bucket_key: OuterKey =
                opened.map_err(|error| self.audit_refusal(Mode::Bucket, name, envelope.outer_id(), error))?;
            // Wrap the key under the current master key and commit, unless the row has changed.
            let wrapping = self.wrapping.begin().await;
            let envelope = self
                .keyring
                .wrap(&bucket_key, Mode::Bucket, place, &*self.random)?;
            let rolled = BucketRecord {
                id: record.id,
                created: record.created,
                key_id: record.key_id.clone(),
                key_envelope: envelope.as_bytes().to_vec(),
            };
            let mut batch = self.root.batch();
            batch.expect(row.clone(), Some(&found));
            batch.put(row.clone(), &rolled)?;
            let events = vec![PendingKeyEvent::new(
                KeyUse::Roll,
                name,
                Mode::Bucket,
                envelope.outer_id(),
            )];
            let commit = wrapping.until_done(batch.commit());
            let committed = self.commit_and_audit(commit, events).await?;
            committed.is_done().then_some(true)
        })
    }

    async fn roll_store_key(&self) -> Result<bool> {
        self.audit.ready()?;
        let Some((bytes, envelope)) = self.store_envelope().await? else {
            return Ok(false);
        };
        if envelope.outer_id() == self.keyring.current_id()? {
            return Ok(false);
        }
        let opened = self.keyring.open(&envelope, Place::STORE);
        let store_key: StoreKey =
            opened.map_err(|error| self.audit_refusal(Mode::Store, "", envelope.outer_id(), error))?;
        let wrapping = self.wrapping.begin().await;
        let envelope = self
            .keyring
            .wrap(&store_key, Mode::Store, Place::STORE, &*self.random)?;
        let row = Bytes::from_static(key::STORE_KEY);
        let mut batch = self.root.batch();
        batch.expect_sealed(row.clone(), bytes);
        batch.put_sealed(row, Bytes::copy_from_slice(envelope.as_bytes()));
        let events = vec![PendingKeyEvent::new(
            KeyUse::Roll,
            "",
            Mode::Store,
            envelope.outer_id(),
        )];
        // Refused: somebody else has rolled the key.
        let commit = wrapping.until_done(batch.commit());
        Ok(self.commit_and_audit(commit, events).await?.is_done())
    }

    async fn store_envelope(&self) -> Result<Option<(Bytes, Envelope)>> {
        let bytes = self.root.get_sealed(key::STORE_KEY).await?;
        bytes
            .map(|bytes| Ok((bytes.clone(), Envelope::from_bytes(&bytes)?)))
            .transpose()
    }
}
