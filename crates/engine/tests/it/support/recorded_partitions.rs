//! An index that records its partitions, so that a test can list every row of the store.

use async_trait::async_trait;
use bytes::Bytes;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use strongroom_store::{
    Commit, CommitRefused, Contents, Counter, Index, PartitionId, Result, Row, Scan, Store,
};

#[derive(Clone, Default)]
pub(crate) struct RecordedPartitions(Arc<Mutex<BTreeSet<PartitionId>>>);

impl RecordedPartitions {
    /// Wraps the store; its partitions are recorded here.
    pub(crate) fn over(&self, store: Store) -> Store {
        Store {
            index: Arc::new(Recorded {
                inner: store.index,
                partitions: self.clone(),
            }),
            ..store
        }
    }

    /// Returns the partitions that exist.
    pub(crate) fn all(&self) -> BTreeSet<PartitionId> {
        self.0.lock().unwrap().clone()
    }

    /// Returns all rows of a store with their partitions.
    pub(crate) async fn rows(&self, store: &Store) -> Vec<(PartitionId, Row)> {
        let mut all = Vec::new();
        for partition in self.all() {
            let scan = Scan {
                prefix: Bytes::new(),
                from: Bytes::new(),
                limit: usize::MAX,
            };
            let rows = store.index.scan(partition, scan).await.unwrap();
            all.extend(rows.into_iter().map(|row| (partition, row)));
        }
        all
    }
}

struct Recorded {
    inner: Arc<dyn Index>,
    partitions: RecordedPartitions,
}

#[async_trait]
impl Index for Recorded {
    async fn create_partition(&self, partition: PartitionId) -> Result<()> {
        self.partitions.0.lock().unwrap().insert(partition);
        self.inner.create_partition(partition).await
    }

    async fn generation(&self, partition: PartitionId) -> Result<Option<u64>> {
        self.inner.generation(partition).await
    }

    async fn remove_partition(&self, partition: PartitionId) -> Result<()> {
        self.inner.remove_partition(partition).await?;
        self.partitions.0.lock().unwrap().remove(&partition);
        Ok(())
    }

    async fn get(&self, partition: PartitionId, key: &[u8]) -> Result<Option<Bytes>> {
        self.inner.get(partition, key).await
    }

    async fn scan(&self, partition: PartitionId, scan: Scan) -> Result<Vec<Row>> {
        self.inner.scan(partition, scan).await
    }

    async fn counter(&self, partition: PartitionId, counter: Counter) -> Result<i64> {
        self.inner.counter(partition, counter).await
    }

    async fn contents(&self, partition: PartitionId) -> Result<Contents> {
        self.inner.contents(partition).await
    }

    async fn commit(&self, partition: PartitionId, commit: Commit) -> Result<Result<(), CommitRefused>> {
        self.inner.commit(partition, commit).await
    }
}
