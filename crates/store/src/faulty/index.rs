//! Faults of an index.
#![deny(clippy::missing_trait_methods)]

use crate::error::Result;
use crate::faulty::faults::{Call, Faults, change};
use crate::id::PartitionId;
use crate::index::{Commit, CommitRefused, Contents, Counter, Index, Row, Scan};
use async_trait::async_trait;
use bytes::Bytes;
use std::sync::Arc;

pub(super) struct FaultyIndex {
    pub(super) inner: Arc<dyn Index>,
    pub(super) faults: Faults,
}

#[async_trait]
impl Index for FaultyIndex {
    async fn create_partition(&self, partition: PartitionId) -> Result<()> {
        self.faults
            .call(Call::CreatePartition, self.inner.create_partition(partition))
            .await
    }

    async fn generation(&self, partition: PartitionId) -> Result<Option<u64>> {
        self.faults
            .call(Call::Generation, self.inner.generation(partition))
            .await
    }

    async fn remove_partition(&self, partition: PartitionId) -> Result<()> {
        self.faults
            .call(Call::RemovePartition, self.inner.remove_partition(partition))
            .await
    }

    async fn get(&self, partition: PartitionId, key: &[u8]) -> Result<Option<Bytes>> {
        let work = self.inner.get(partition, key);
        self.faults
            .call_and_change(Call::Get, work, |value, random, effect| {
                value.map(|value| change(&value, random, effect))
            })
            .await
    }

    async fn scan(&self, partition: PartitionId, scan: Scan) -> Result<Vec<Row>> {
        let work = self.inner.scan(partition, scan);
        self.faults
            .call_and_change(Call::Scan, work, |mut rows, random, effect| {
                if !rows.is_empty() {
                    let row = random.below(rows.len());
                    if let Some(row) = rows.get_mut(row) {
                        row.value = change(&row.value, random, effect);
                    }
                }
                rows
            })
            .await
    }

    async fn counter(&self, partition: PartitionId, counter: Counter) -> Result<i64> {
        self.faults
            .call(Call::Counter, self.inner.counter(partition, counter))
            .await
    }

    async fn contents(&self, partition: PartitionId) -> Result<Contents> {
        self.faults.call(Call::Scan, self.inner.contents(partition)).await
    }

    async fn commit(&self, partition: PartitionId, commit: Commit) -> Result<Result<(), CommitRefused>> {
        self.faults
            .call(Call::Commit, self.inner.commit(partition, commit))
            .await
    }
}
