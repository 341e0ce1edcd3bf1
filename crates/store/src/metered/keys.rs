//! Counting of calls to wrapped keys.
#![deny(clippy::missing_trait_methods)]

use crate::error::Result;
use crate::metered::meter::Meter;
use crate::wrapped_keys::{KeyDigest, KeyOwner, PartitionKeys, WrappedKeys};
use async_trait::async_trait;
use bytes::Bytes;
use std::sync::Arc;

pub(super) struct MeteredKeys {
    pub(super) inner: Arc<dyn WrappedKeys>,
    pub(super) meter: Arc<Meter>,
}

#[async_trait]
impl WrappedKeys for MeteredKeys {
    async fn envelopes(&self, owner: KeyOwner) -> Result<Vec<Bytes>> {
        self.meter.key_reads.count(self.inner.envelopes(owner).await)
    }

    async fn add(&self, owner: KeyOwner, envelope: Bytes) -> Result<()> {
        self.meter
            .key_changes
            .count(self.inner.add(owner, envelope).await)
    }

    async fn keep_only(&self, owner: KeyOwner, digest: KeyDigest) -> Result<()> {
        self.meter
            .key_changes
            .count(self.inner.keep_only(owner, digest).await)
    }

    async fn remove(&self, owner: KeyOwner) -> Result<()> {
        self.meter.key_changes.count(self.inner.remove(owner).await)
    }

    async fn of_partitions(&self, first: u8) -> Result<Vec<PartitionKeys>> {
        self.meter.key_reads.count(self.inner.of_partitions(first).await)
    }

    fn place(&self, owner: KeyOwner) -> String {
        self.inner.place(owner)
    }
}
