//! Rows of a store that is opened read-only.

use crate::authenticator::Authenticator;
use crate::error::{Result, StoreError};
use crate::id::PartitionId;
use crate::index::{Commit, CommitRefused, Contents, Counter, Index, Row, Scan};
use crate::integrity::{CommitHead, Integrity};
use crate::local::blocking;
use crate::local::database::Database;
use crate::local::history;
use crate::local::layout::Layout;
use crate::local::log::Origin;
use crate::local::row_reader::RowReader;
use async_trait::async_trait;
use bytes::Bytes;
use std::sync::Arc;

/// Rows that are read from a copy of the index and cannot be written.
pub(super) struct ReadOnlyIndex {
    authenticator: Option<Arc<dyn Authenticator>>,
    rows: RowReader,
    /// The store itself, not the copy of its index, and its identity.
    store: Layout,
    origin: Option<Origin>,
}

impl ReadOnlyIndex {
    pub(super) fn new(
        database: Database,
        authenticator: Option<Arc<dyn Authenticator>>,
        store: Layout,
        origin: Option<Origin>,
    ) -> Self {
        Self {
            authenticator,
            rows: RowReader::new(&Arc::new(database), &Arc::default()),
            store,
            origin,
        }
    }

    /// Returns the partitions that have rows, in the order of their ids.
    pub(super) async fn partitions(&self) -> Result<Vec<PartitionId>> {
        self.rows.partitions().await
    }
}

fn read_only<T>() -> Result<T> {
    Err(StoreError::failed(
        "committing to the index",
        "the store is read-only",
    ))
}

#[async_trait]
impl Integrity for ReadOnlyIndex {
    async fn check_rows(&self, partition: PartitionId) -> Result<u64> {
        match &self.authenticator {
            Some(authenticator) => self.rows.check(partition, authenticator).await,
            None => Err(StoreError::failed(
                "checking the rows of a partition",
                "the key of the store is not open",
            )),
        }
    }

    /// Checks the history. The tables were checked when they were opened, except for their blocks, which each read checks.
    async fn check_files(&self) -> Result<()> {
        let (Some(authenticator), Some(origin)) = (self.authenticator.clone(), self.origin) else {
            return Ok(());
        };
        let store = self.store.clone();
        blocking::run("checking the history of the store".to_owned(), move || {
            history::check(&store, origin, &*authenticator)
        })
        .await
    }

    fn head(&self) -> Option<CommitHead> {
        None
    }

    /// Allows any number: a copy of the index says nothing about blobs that are written meanwhile.
    fn allowed_orphans(&self) -> u64 {
        u64::MAX
    }

    async fn allow_orphans(&self, _number: u64) -> Result<()> {
        read_only()
    }

    async fn ended(&self) -> StoreError {
        std::future::pending().await
    }
}

#[async_trait]
impl Index for ReadOnlyIndex {
    async fn create_partition(&self, _partition: PartitionId) -> Result<()> {
        read_only()
    }

    async fn generation(&self, partition: PartitionId) -> Result<Option<u64>> {
        self.rows.generation(partition).await
    }

    async fn remove_partition(&self, _partition: PartitionId) -> Result<()> {
        read_only()
    }

    async fn get(&self, partition: PartitionId, key: &[u8]) -> Result<Option<Bytes>> {
        self.rows.get(partition, key).await
    }

    async fn scan(&self, partition: PartitionId, scan: Scan) -> Result<Vec<Row>> {
        self.rows.scan(partition, scan).await
    }

    async fn counter(&self, partition: PartitionId, counter: Counter) -> Result<i64> {
        self.rows.counter(partition, counter).await
    }

    async fn contents(&self, partition: PartitionId) -> Result<Contents> {
        Ok(self.rows.contents(partition))
    }

    async fn commit(&self, _partition: PartitionId, _commit: Commit) -> Result<Result<(), CommitRefused>> {
        read_only()
    }
}
