//! Wrapped keys after a crash: finishes changes that it interrupted, and finds keys that are missing or that nothing
//! names.

use crate::engine::Engine;
use crate::model::error::{Error, Result};
use crate::process::wrapping::WrappingAlone;
use crate::rows::key;
use crate::rows::pages::all_buckets;
use crate::rows::record::{BucketRecord, ClosingRecord};
use bytes::Bytes;
use std::collections::HashMap;
use strongroom_rows::Pages;
use strongroom_seal::Envelope;
use strongroom_store::{KeyOwner, PartitionId, PartitionKeys, StoreError};

/// Result of looking at all wrapped keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeysLookedAt {
    /// Owners whose interrupted change was finished: an older envelope was removed, or the key of a deleted bucket.
    pub finished: u64,
    /// Buckets whose key is missing: none of the envelopes is the one that the row names, or the key file is damaged.
    pub missing: u64,
    /// Keys of buckets that the index does not know, which are kept.
    pub strays: u64,
}

/// Buckets as the index names them.
struct Named {
    buckets: HashMap<PartitionId, (String, BucketRecord)>,
    closing: HashMap<PartitionId, ClosingRecord>,
    /// Some rows cannot be read, so a key that nothing names may be theirs.
    is_damaged: bool,
}

impl Engine {
    /// Compares the wrapped keys with the index. Removes older envelopes of keys whose rewrap was interrupted, and keys
    /// of deleted buckets. A key that nothing names is kept: the index may have been lost, and the key not.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn look_at_keys(&self) -> Result<KeysLookedAt> {
        // While nobody changes a key or adds a bucket, rows and key files belong together.
        let alone = self.wrapping.alone().await;
        let mut named = self.named_buckets().await?;
        let mut looked = KeysLookedAt::default();
        for first in 0..=u8::MAX {
            let all = match self.keys.of_partitions(first).await {
                Ok(all) => all,
                Err(error @ StoreError::Damaged { .. }) => {
                    tracing::error!(alarm = "damage", %error, "the keys of some buckets cannot be read");
                    let of_file = |id: &PartitionId, _: &mut _| id.0.starts_with(&[first]);
                    let missing = named.buckets.extract_if(of_file).count();
                    looked.missing += u64::try_from(missing).unwrap_or(u64::MAX);
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            for keys in all {
                self.look_at_owner(&keys, &mut named, &mut looked, &alone).await?;
            }
        }
        for (name, record) in named.buckets.values() {
            self.report_missing(name, record);
            looked.missing += 1;
        }
        if looked.finished > 0 {
            let finished = looked.finished;
            tracing::info!(
                finished,
                "finished changes of wrapped keys that a crash interrupted"
            );
        }
        if looked.strays > 0 {
            tracing::warn!(
                strays = looked.strays,
                damaged_rows = named.is_damaged,
                "found keys of buckets that are not in the index, and kept them: check that it is the right index"
            );
        }
        Ok(looked)
    }

    /// Returns the number of keys that a master key wraps for buckets that the index does not know.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn stray_keys_of_master(&self, id: &str) -> Result<u64> {
        let _alone = self.wrapping.alone().await;
        let named = self.named_buckets().await?;
        let mut strays = 0;
        for first in 0..=u8::MAX {
            for keys in self.keys.of_partitions(first).await? {
                if named.buckets.contains_key(&keys.partition) || named.closing.contains_key(&keys.partition)
                {
                    continue;
                }
                for envelope in keys.envelopes {
                    strays += u64::from(Envelope::from_bytes(&envelope)?.outer_id() == id);
                }
            }
        }
        Ok(strays)
    }

    async fn look_at_owner(
        &self,
        keys: &PartitionKeys,
        named: &mut Named,
        looked: &mut KeysLookedAt,
        _alone: &WrappingAlone,
    ) -> Result<()> {
        let owner = KeyOwner::Partition(keys.partition);
        if let Some((name, record)) = named.buckets.remove(&keys.partition) {
            if record.named_envelope(&keys.envelopes).is_none() {
                self.report_missing(&name, &record);
                looked.missing += 1;
            } else if keys.envelopes.len() > 1 {
                self.keys.keep_only(owner, record.key_digest()).await?;
                looked.finished += 1;
            }
        } else if let Some(closing) = named.closing.get(&keys.partition)
            && self.remove_closed_key(keys.partition, closing).await?
        {
            looked.finished += 1;
        } else {
            looked.strays += 1;
        }
        Ok(())
    }

    fn report_missing(&self, bucket: &str, record: &BucketRecord) {
        let file = self.keys.place(record.key_owner());
        tracing::error!(
            alarm = "damage",
            bucket,
            file,
            "the key of a bucket is missing in its key file"
        );
    }

    async fn named_buckets(&self) -> Result<Named> {
        let mut named = Named {
            buckets: HashMap::new(),
            closing: HashMap::new(),
            is_damaged: false,
        };
        for (name, record) in all_buckets(&self.root).await? {
            match record {
                Ok(record) => {
                    named.buckets.insert(PartitionId(record.id), (name, record));
                }
                Err(Error::Damaged(_)) => named.is_damaged = true,
                Err(error) => return Err(error),
            }
        }
        let mut pages = Pages::<ClosingRecord>::new(&self.root, Bytes::from_static(key::CLOSING));
        while let Some(page) = pages.next().await? {
            for (row, found) in page {
                let Some(id) = key::id(&row, key::CLOSING) else {
                    continue;
                };
                match found {
                    Ok(found) => drop(named.closing.insert(PartitionId(id), found.record)),
                    Err(strongroom_rows::Error::Damaged(_)) => named.is_damaged = true,
                    Err(error) => return Err(error.into()),
                }
            }
        }
        Ok(named)
    }
}
