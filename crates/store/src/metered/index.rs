//! Counting of calls to an index.
#![deny(clippy::missing_trait_methods)]

use crate::error::Result;
use crate::id::PartitionId;
use crate::index::{Commit, CommitRefused, Contents, Counter, Index, Row, Scan};
use crate::metered::meter::{Meter, add};
use async_trait::async_trait;
use bytes::Bytes;
use std::sync::Arc;

pub(super) struct MeteredIndex {
    pub(super) inner: Arc<dyn Index>,
    pub(super) meter: Arc<Meter>,
}

#[async_trait]
impl Index for MeteredIndex {
    async fn create_partition(&self, partition: PartitionId) -> Result<()> {
        self.meter
            .partition_changes
            .count(self.inner.create_partition(partition).await)
    }

    async fn generation(&self, partition: PartitionId) -> Result<Option<u64>> {
        self.meter
            .index_gets
            .count(self.inner.generation(partition).await)
    }

    async fn remove_partition(&self, partition: PartitionId) -> Result<()> {
        self.meter
            .partition_changes
            .count(self.inner.remove_partition(partition).await)
    }

    async fn get(&self, partition: PartitionId, key: &[u8]) -> Result<Option<Bytes>> {
        self.meter.index_gets.count(self.inner.get(partition, key).await)
    }

    async fn scan(&self, partition: PartitionId, scan: Scan) -> Result<Vec<Row>> {
        let rows = self
            .meter
            .index_scans
            .count(self.inner.scan(partition, scan).await)?;
        add(&self.meter.rows_scanned, rows.len());
        Ok(rows)
    }

    async fn counter(&self, partition: PartitionId, counter: Counter) -> Result<i64> {
        self.meter
            .index_gets
            .count(self.inner.counter(partition, counter).await)
    }

    async fn contents(&self, partition: PartitionId) -> Result<Contents> {
        self.meter.index_scans.count(self.inner.contents(partition).await)
    }

    async fn commit(&self, partition: PartitionId, commit: Commit) -> Result<Result<(), CommitRefused>> {
        let result = self
            .meter
            .index_commits
            .count(self.inner.commit(partition, commit).await)?;
        add(&self.meter.commits_refused, usize::from(result.is_err()));
        Ok(result)
    }
}
