//! Envelopes of buckets' keys. They are in the key files; a bucket's row contains the digest of its envelope.

use crate::bucket::commit::{MAX_TRIES, retry};
use crate::engine::Engine;
use crate::model::error::{Error, Result};
use crate::rows::key;
use crate::rows::record::BucketRecord;
use bytes::Bytes;
use std::collections::{BTreeMap, HashMap};
use strongroom_seal::Envelope;
use strongroom_store::{KeyDigest, KeyOwner, PartitionId, StoreError};

impl BucketRecord {
    /// Returns the owner of the bucket's key.
    pub(crate) fn key_owner(&self) -> KeyOwner {
        KeyOwner::Partition(PartitionId(self.id))
    }

    /// Returns the digest of the envelope of the bucket's key.
    pub(crate) fn key_digest(&self) -> KeyDigest {
        KeyDigest(self.key_digest)
    }

    /// Returns the record of the same bucket that names another envelope.
    pub(crate) fn naming(&self, envelope: KeyDigest) -> Self {
        Self {
            id: self.id,
            created: self.created,
            key_id: self.key_id.clone(),
            key_digest: envelope.0,
            owner: self.owner,
        }
    }

    /// Returns the one of these envelopes that the row names.
    pub(crate) fn named_envelope<'a>(&self, envelopes: &'a [Bytes]) -> Option<&'a Bytes> {
        envelopes
            .iter()
            .find(|envelope| KeyDigest::of(envelope) == self.key_digest())
    }
}

impl Engine {
    /// Returns a bucket's record with the envelope of its key.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`]; [`Error::Damaged`] if the key files do not contain the envelope; [`Error::Store`].
    pub(crate) async fn bucket_record(&self, name: &str) -> Result<(BucketRecord, Envelope)> {
        let row = key::bucket(name);
        let missing = || Error::NoSuchBucket(name.to_owned());
        retry!(MAX_TRIES, {
            let found = self.root.get::<BucketRecord>(&row).await?.ok_or_else(missing)?;
            match self.envelope_of(name, &found.record).await {
                Ok(envelope) => Some((found.record, envelope)),
                Err(error) => {
                    // The key may have been rewrapped or deleted after the row was read.
                    let now = self.root.get::<BucketRecord>(&row).await?.ok_or_else(missing)?;
                    if found.is_still(&now) {
                        return Err(error);
                    }
                    None
                }
            }
        })
    }

    /// Returns the envelope that a bucket's row names. The row must not change meanwhile.
    ///
    /// # Errors
    /// [`Error::Damaged`] if the key files do not contain it; [`Error::Store`].
    pub(crate) async fn envelope_of(&self, name: &str, record: &BucketRecord) -> Result<Envelope> {
        let owner = record.key_owner();
        let found = self.keys.envelopes(owner).await;
        let found = found.map_err(|error| damaged_file(name, error))?;
        match record.named_envelope(&found) {
            Some(envelope) => Ok(Envelope::from_bytes(envelope)?),
            None => Err(Error::Damaged(format!(
                "the key of the bucket {name:?} is not in {}: none of the {} envelopes of the bucket there is the one \
                 that its row names",
                self.keys.place(owner),
                found.len()
            ))),
        }
    }
}

/// Returns the error for a bucket whose key file cannot be read.
fn damaged_file(bucket: &str, error: StoreError) -> Error {
    match error {
        StoreError::Damaged { .. } => Error::Damaged(format!("the key of the bucket {bucket:?}: {error}")),
        other => other.into(),
    }
}

/// Envelopes of many buckets: each key file is read once.
pub(crate) struct EnvelopesRead<'a> {
    engine: &'a Engine,
    files: BTreeMap<u8, HashMap<PartitionId, Vec<Bytes>>>,
}

impl<'a> EnvelopesRead<'a> {
    pub(crate) fn new(engine: &'a Engine) -> Self {
        Self {
            engine,
            files: BTreeMap::new(),
        }
    }

    /// Returns the envelope of a bucket's key, also if it was rewrapped after `record` was read.
    ///
    /// # Errors
    /// As [`Engine::bucket_record`].
    pub(crate) async fn of(&mut self, name: &str, record: &BucketRecord) -> Result<Envelope> {
        let id = PartitionId(record.id);
        let [first, ..] = id.0;
        if !self.files.contains_key(&first) {
            let keys = self.engine.keys.of_partitions(first).await;
            let keys = keys.map_err(|error| damaged_file(name, error))?;
            let by_owner = keys.into_iter().map(|keys| (keys.partition, keys.envelopes));
            self.files.insert(first, by_owner.collect());
        }
        let envelopes = self.files.get(&first).and_then(|file| file.get(&id));
        match envelopes.and_then(|envelopes| record.named_envelope(envelopes)) {
            Some(envelope) => Ok(Envelope::from_bytes(envelope)?),
            None => Ok(self.engine.bucket_record(name).await?.1),
        }
    }
}
