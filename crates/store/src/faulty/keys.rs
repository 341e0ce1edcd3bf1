//! Faults of wrapped keys.
#![deny(clippy::missing_trait_methods)]

use crate::error::Result;
use crate::faulty::faults::{Call, Faults};
use crate::wrapped_keys::{KeyDigest, KeyOwner, PartitionKeys, WrappedKeys};
use async_trait::async_trait;
use bytes::Bytes;
use std::sync::Arc;

pub(super) struct FaultyKeys {
    pub(super) inner: Arc<dyn WrappedKeys>,
    pub(super) faults: Faults,
}

#[async_trait]
impl WrappedKeys for FaultyKeys {
    async fn envelopes(&self, owner: KeyOwner) -> Result<Vec<Bytes>> {
        self.faults
            .call(Call::Envelopes, self.inner.envelopes(owner))
            .await
    }

    async fn add(&self, owner: KeyOwner, envelope: Bytes) -> Result<()> {
        self.faults
            .call(Call::AddEnvelope, self.inner.add(owner, envelope))
            .await
    }

    async fn keep_only(&self, owner: KeyOwner, digest: KeyDigest) -> Result<()> {
        self.faults
            .call(Call::KeepOnlyEnvelope, self.inner.keep_only(owner, digest))
            .await
    }

    async fn remove(&self, owner: KeyOwner) -> Result<()> {
        self.faults
            .call(Call::RemoveEnvelopes, self.inner.remove(owner))
            .await
    }

    async fn of_partitions(&self, first: u8) -> Result<Vec<PartitionKeys>> {
        self.faults
            .call(Call::EnvelopesOfPartitions, self.inner.of_partitions(first))
            .await
    }

    fn place(&self, owner: KeyOwner) -> String {
        self.inner.place(owner)
    }
}
