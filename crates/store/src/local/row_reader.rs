//! Reading of rows in the index.

use crate::authenticator::Authenticator;
use crate::error::{Result, StoreError};
use crate::id::PartitionId;
use crate::index::{Content, Contents, Counter, Row, Scan};
use crate::local::blocking;
use crate::local::database::Database;
use crate::local::pace::Pace;
use crate::local::pending::{counter_of, generation_of};
use crate::local::removal::Removals;
use crate::local::{row_key, sums};
use bytes::Bytes;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Scans of more rows than this always go to a blocking thread: 1000 rows take 0.2 to 0.6 ms.
const SHORT_SCAN: usize = 32;

/// Deleted rows in reach of a scan from which on it always goes to a blocking thread: to step over 1000 takes 0.3 ms.
const MANY_DELETIONS: u64 = 1000;

/// Reader of the rows. Calls that may take long go to a blocking thread.
pub(super) struct RowReader {
    database: Arc<Database>,
    removals: Arc<Removals>,
    /// Durations of gets.
    gets: Arc<Pace>,
    /// Durations of short scans.
    scans: Arc<Pace>,
    /// Permits of scans on blocking threads: one for each core, so that slow scans leave time to everything else.
    permits: Arc<Semaphore>,
}

impl RowReader {
    pub(super) fn new(database: &Arc<Database>, removals: &Arc<Removals>) -> Self {
        Self {
            database: Arc::clone(database),
            removals: Arc::clone(removals),
            gets: Arc::new(Pace::of_gets()),
            scans: Arc::new(Pace::of_scans()),
            permits: Arc::new(Semaphore::new(
                std::thread::available_parallelism().map_or(1, usize::from),
            )),
        }
    }

    /// Returns the partitions that have rows, in the order of their ids.
    pub(super) async fn partitions(&self) -> Result<Vec<PartitionId>> {
        let mut found = Vec::new();
        let mut from = Some(row_key::row(PartitionId::ROOT, &[]));
        while let Some(next) = from {
            let first = self.rows(row_key::ROWS.to_vec(), next, 1).await?.pop();
            let Some((key, _)) = first else { break };
            let Some(partition) = row_key::partition_of(&key) else {
                break;
            };
            found.push(partition);
            from = row_key::after_partition(partition);
        }
        Ok(found)
    }

    /// Gets a value on this thread, or on a blocking one while gets are slow.
    async fn value(&self, key: Vec<u8>) -> Result<Option<Bytes>> {
        if !self.gets.is_slow() {
            return self.gets.time(|| self.database.get(&key));
        }
        let (database, pace) = (Arc::clone(&self.database), Arc::clone(&self.gets));
        let read = move || pace.time(|| database.get(&key));
        blocking::run("reading the index".to_owned(), read).await
    }

    /// Scans on this thread if few rows are requested, there are few deleted ones to step over, and such scans are quick;
    /// else on a blocking one.
    async fn rows(&self, prefix: Vec<u8>, from: Vec<u8>, limit: usize) -> Result<Vec<(Bytes, Bytes)>> {
        let is_short = limit <= SHORT_SCAN;
        if is_short && !self.scans.is_slow() && self.database.deletions_in_reach() < MANY_DELETIONS {
            return self.scans.time(|| self.database.scan(&prefix, &from, limit));
        }
        let permit = Arc::clone(&self.permits).acquire_owned().await;
        let permit = permit.map_err(|_| StoreError::Closing)?;
        let (database, pace) = (Arc::clone(&self.database), Arc::clone(&self.scans));
        blocking::run("reading the index".to_owned(), move || {
            let _permit = permit;
            let scan = || database.scan(&prefix, &from, limit);
            if is_short { pace.time(scan) } else { scan() }
        })
        .await
    }

    pub(super) async fn generation(&self, partition: PartitionId) -> Result<Option<u64>> {
        let key = row_key::generation(partition);
        let value = self.value(key).await?;
        value.map(|value| generation_of(&value)).transpose()
    }

    pub(super) async fn get(&self, partition: PartitionId, key: &[u8]) -> Result<Option<Bytes>> {
        if self.removals.contain(partition) {
            return Ok(None);
        }
        let key = row_key::row(partition, key);
        self.value(key).await
    }

    pub(super) async fn scan(&self, partition: PartitionId, scan: Scan) -> Result<Vec<Row>> {
        if self.removals.contain(partition) {
            return Ok(Vec::new());
        }
        let prefix = row_key::row(partition, &scan.prefix);
        let from = row_key::row(partition, &scan.from);
        let rows = self.rows(prefix, from, scan.limit).await?;
        let without_partition = |key: &Bytes| key.slice(row_key::ROW_PREFIX_BYTES.min(key.len())..);
        Ok(rows
            .into_iter()
            .map(|(key, value)| Row {
                key: without_partition(&key),
                value,
            })
            .collect())
    }

    pub(super) async fn counter(&self, partition: PartitionId, counter: Counter) -> Result<i64> {
        let key = row_key::counter(partition, counter);
        let value = self.value(key).await?;
        counter_of(value.as_ref())
    }

    /// Iterates over the counters and the rows of a partition, from one snapshot.
    pub(super) fn contents(&self, partition: PartitionId) -> Contents {
        if self.removals.contain(partition) {
            return Box::new(std::iter::empty());
        }
        let counters = row_key::counters(partition);
        let rows = self.database.rows_of_two(&counters, &row_key::rows(partition));
        Box::new(rows.map(move |row| {
            let (key, value) = row?;
            Ok(match key.strip_prefix(counters.as_slice()) {
                Some(name) => Content::Counter(key.slice_ref(name), counter_of(Some(&value))?),
                None => Content::Row(Row {
                    key: key.slice(row_key::ROW_PREFIX_BYTES.min(key.len())..),
                    value,
                }),
            })
        }))
    }

    /// Compares the rows of a partition with its sum. Returns their number.
    pub(super) async fn check(
        &self,
        partition: PartitionId,
        authenticator: &Arc<dyn Authenticator>,
    ) -> Result<u64> {
        if self.removals.contain(partition) {
            return Ok(0);
        }
        let (database, authenticator) = (Arc::clone(&self.database), Arc::clone(authenticator));
        blocking::run("checking the rows of a partition".to_owned(), move || {
            let rows = database.rows_of_two(&row_key::facts(partition), &row_key::rows(partition));
            sums::check(partition, rows, &*authenticator)
        })
        .await
    }
}
