//! Rolls the master key: rewraps the keys under older master keys (those of buckets and of the store) under the current
//! one. Changes no data and no envelope of an object.

use crate::bucket::envelope::EnvelopesRead;
use crate::engine::pending::PendingKeyEvent;
use crate::engine::{Engine, store_key};
use crate::model::error::{Error, Result};
use crate::rows::key;
use crate::rows::pages::all_buckets;
use crate::rows::record::BucketRecord;
use bytes::Bytes;
use std::sync::Arc;
use strongroom_audit::KeyUse;
use strongroom_seal::{Envelope, Mode, OuterKey, Place};
use strongroom_store::{KeyDigest, KeyOwner};

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

    /// Returns the number of envelopes in the key files that a master key wraps. Waits for keys that are wrapped but
    /// not committed yet, and counts them too; and also those that nothing names.
    ///
    /// # Errors
    /// [`Error::Store`]; [`Error::Damaged`] if a key file or the key of a bucket cannot be read: it may be one of those.
    pub async fn wrapped_by_master(&self, id: &str) -> Result<u64> {
        let _alone = self.wrapping.alone().await;
        let mut named = EnvelopesRead::new(self);
        for (name, record) in all_buckets(&self.root).await? {
            named.of(&name, &record?).await?;
        }
        let mut envelopes = self.keys.envelopes(KeyOwner::Store).await?;
        for first in 0..=u8::MAX {
            let keys = self.keys.of_partitions(first).await?;
            envelopes.extend(keys.into_iter().flat_map(|keys| keys.envelopes));
        }
        let mut wrapped = 0;
        for envelope in envelopes {
            wrapped += u64::from(Envelope::from_bytes(&envelope)?.outer_id() == id);
        }
        Ok(wrapped)
    }

    /// Rewraps the key of a bucket: adds the new envelope, lets the row name it, and removes the old one.
    async fn roll_bucket_key(&self, name: &str) -> Result<bool> {
        self.audit.ready()?;
        let alone = self.wrapping.alone().await;
        let row = key::bucket(name);
        let Some(found) = self.root.get::<BucketRecord>(&row).await? else {
            return Ok(false);
        };
        let record = &found.record;
        let (owner, before) = (record.key_owner(), record.key_digest());
        let envelope = self.envelope_of(name, record).await?;
        if envelope.outer_id() == self.keyring.current_id()? {
            // A roll that was interrupted may have left the older one.
            if self.keys.envelopes(owner).await?.len() > 1 {
                self.keys.keep_only(owner, before).await?;
            }
            return Ok(false);
        }
        let place = Place::bucket(record.id);
        let opened = self.keyring.open(&envelope, place);
        let bucket_key: OuterKey =
            opened.map_err(|error| self.audit_refusal(Mode::Bucket, name, envelope.outer_id(), error))?;
        let envelope = self
            .keyring
            .wrap(&bucket_key, Mode::Bucket, place, &*self.random)?;
        let bytes = Bytes::copy_from_slice(envelope.as_bytes());
        let after = KeyDigest::of(&bytes);
        let rolled = record.naming(after);
        let mut batch = self.root.batch();
        batch.expect(row.clone(), Some(&found));
        batch.put(row, &rolled)?;
        let event = PendingKeyEvent::new(KeyUse::Roll, name, Mode::Bucket, envelope.outer_id());
        let keys = Arc::clone(&self.keys);
        let commit = {
            let keys = Arc::clone(&keys);
            async move {
                keys.add(owner, bytes).await?;
                Ok(batch.commit().await?)
            }
        };
        let committed = self.commit_audit_then(commit, vec![event], async move |committed| {
            let kept = if committed.is_done() { after } else { before };
            keys.keep_only(owner, kept).await?;
            drop(alone);
            Ok(())
        });
        if committed.await?.is_done() {
            Ok(true)
        } else {
            Err(Error::Contended)
        }
    }

    async fn roll_store_key(&self) -> Result<bool> {
        self.audit.ready()?;
        let alone = self.wrapping.alone().await;
        let opened = store_key::open(&*self.keys, &self.keyring, &*self.audit).await?;
        let opened = opened.ok_or_else(|| store_key::missing(&*self.keys))?;
        if opened.master == self.keyring.current_id()? {
            // A roll that was interrupted may have left the older one.
            if self.keys.envelopes(KeyOwner::Store).await?.len() > 1 {
                self.keys.keep_only(KeyOwner::Store, opened.digest).await?;
            }
            return Ok(false);
        }
        let envelope = self
            .keyring
            .wrap(&opened.key, Mode::Store, Place::STORE, &*self.random)?;
        let after = KeyDigest::of(envelope.as_bytes());
        let event = PendingKeyEvent::new(KeyUse::Roll, "", Mode::Store, envelope.outer_id());
        let (keys, audit, actor) = (
            Arc::clone(&self.keys),
            Arc::clone(&self.audit),
            self.actor().cloned(),
        );
        // Runs on a task of its own, so that the old envelope is removed although the caller is cancelled.
        let work = tokio::spawn(async move {
            let bytes = Bytes::copy_from_slice(envelope.as_bytes());
            keys.add(KeyOwner::Store, bytes).await?;
            event.record(&*audit, actor);
            keys.keep_only(KeyOwner::Store, after).await?;
            drop(alone);
            Ok(true)
        });
        work.await
            .map_err(|lost| Error::lost("rewrapping the store's key", lost))?
    }
}
