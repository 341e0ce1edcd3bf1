//! Wrapped keys in a map.

use crate::error::Result;
use crate::wrapped_keys::{KeyDigest, KeyOwner, PartitionKeys, WrappedKeys, no_envelope};
use async_trait::async_trait;
use bytes::Bytes;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

#[derive(Default)]
pub(super) struct MemoryKeys(Mutex<BTreeMap<KeyOwner, Vec<Bytes>>>);

impl MemoryKeys {
    // No code here can panic with the map half changed, so a poisoned lock still guards an intact map.
    fn map(&self) -> MutexGuard<'_, BTreeMap<KeyOwner, Vec<Bytes>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl WrappedKeys for MemoryKeys {
    async fn envelopes(&self, owner: KeyOwner) -> Result<Vec<Bytes>> {
        Ok(self.map().get(&owner).cloned().unwrap_or_default())
    }

    async fn add(&self, owner: KeyOwner, envelope: Bytes) -> Result<()> {
        let mut map = self.map();
        let envelopes = map.entry(owner).or_default();
        if !envelopes.contains(&envelope) {
            envelopes.push(envelope);
        }
        Ok(())
    }

    async fn keep_only(&self, owner: KeyOwner, digest: KeyDigest) -> Result<()> {
        let mut map = self.map();
        let kept = map
            .get_mut(&owner)
            .and_then(|all| Some((all.iter().find(|one| KeyDigest::of(one) == digest).cloned()?, all)));
        let Some((envelope, all)) = kept else {
            return Err(no_envelope(owner, digest));
        };
        *all = vec![envelope];
        Ok(())
    }

    async fn remove(&self, owner: KeyOwner) -> Result<()> {
        self.map().remove(&owner);
        Ok(())
    }

    async fn of_partitions(&self, first: u8) -> Result<Vec<PartitionKeys>> {
        let keys = |(owner, envelopes): (&KeyOwner, &Vec<Bytes>)| match owner {
            KeyOwner::Partition(partition) if partition.0.starts_with(&[first]) => Some(PartitionKeys {
                partition: *partition,
                envelopes: envelopes.clone(),
            }),
            _ => None,
        };
        Ok(self.map().iter().filter_map(keys).collect())
    }

    fn place(&self, _owner: KeyOwner) -> String {
        "memory".to_owned()
    }
}
