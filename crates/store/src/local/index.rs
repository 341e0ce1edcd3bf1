//! Rows in the embedded database.

use crate::error::Result;
use crate::id::PartitionId;
use crate::index::{Commit, CommitRefused, Counter, Index, Row, Scan};
use crate::local::blocking;
use crate::local::committer::{Committer, Outcome, Work};
use crate::local::database::Database;
use crate::local::directory::Directory;
use crate::local::pace::Pace;
use crate::local::pending::{counter_of, generation_of};
use crate::local::removal::{self, Removals};
use crate::local::row_key;
use crate::local::settings::LocalSettings;
use async_trait::async_trait;
use bytes::Bytes;
use std::sync::Arc;

/// Scans of more rows than this always go to a blocking thread: 1000 rows take 0.2 to 0.6 ms.
const SHORT_SCAN: usize = 32;

pub(super) struct LocalIndex {
    // Declared first, so that its thread stops before the database is closed.
    committer: Committer,
    database: Arc<Database>,
    removals: Arc<Removals>,
    pace: Arc<Pace>,
}

impl LocalIndex {
    pub(super) fn open(directory: &Arc<Directory>, settings: &LocalSettings) -> Result<Self> {
        let database = Arc::new(Database::open(directory, settings)?);
        removal::resume(&database)?;
        let removals = Arc::<Removals>::default();
        let committer = Committer::start(Arc::clone(&database), Arc::clone(&removals))?;
        Ok(Self {
            committer,
            database,
            removals,
            pace: Arc::default(),
        })
    }

    /// Returns the partitions that have rows, in the order of their ids.
    pub(super) async fn partitions(&self) -> Result<Vec<PartitionId>> {
        let mut found = Vec::new();
        let mut from = Some(row_key::row(PartitionId::ROOT, &[]));
        while let Some(next) = from {
            let first = self.read(true, move |database| database.scan(&row_key::ROWS, &next, 1));
            let Some((key, _)) = first.await?.pop() else { break };
            let Some(partition) = row_key::partition_of(&key) else {
                break;
            };
            found.push(partition);
            from = row_key::after_partition(partition);
        }
        Ok(found)
    }

    /// Reads on this thread or on a blocking one: see [`Pace`].
    async fn read<T: Send + 'static>(
        &self,
        is_long: bool,
        read: impl FnOnce(&Database) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        if !is_long && !self.pace.is_slow() {
            return self.pace.time(|| read(&self.database));
        }
        let (database, pace) = (Arc::clone(&self.database), Arc::clone(&self.pace));
        blocking::run("reading the index".to_owned(), move || {
            if is_long {
                read(&database)
            } else {
                pace.time(|| read(&database))
            }
        })
        .await
    }
}

#[async_trait]
impl Index for LocalIndex {
    async fn create_partition(&self, partition: PartitionId) -> Result<()> {
        while self.committer.ask(partition, Work::Create).await? == Outcome::Unfinished {
            self.remove_partition(partition).await?;
        }
        Ok(())
    }

    async fn generation(&self, partition: PartitionId) -> Result<Option<u64>> {
        let key = row_key::generation(partition);
        let value = self.read(false, move |database| database.get(&key)).await?;
        value.map(|value| generation_of(&value)).transpose()
    }

    async fn remove_partition(&self, partition: PartitionId) -> Result<()> {
        while self.committer.ask(partition, Work::Remove).await? == Outcome::Unfinished {}
        Ok(())
    }

    async fn get(&self, partition: PartitionId, key: &[u8]) -> Result<Option<Bytes>> {
        if self.removals.contain(partition) {
            return Ok(None);
        }
        let key = row_key::row(partition, key);
        self.read(false, move |database| database.get(&key)).await
    }

    async fn scan(&self, partition: PartitionId, scan: Scan) -> Result<Vec<Row>> {
        if self.removals.contain(partition) {
            return Ok(Vec::new());
        }
        let prefix = row_key::row(partition, &scan.prefix);
        let from = row_key::row(partition, &scan.from);
        let rows = self
            .read(scan.limit > SHORT_SCAN, move |database| {
                database.scan(&prefix, &from, scan.limit)
            })
            .await?;
        let without_partition = |key: &Bytes| key.slice(row_key::ROW_PREFIX_BYTES.min(key.len())..);
        Ok(rows
            .into_iter()
            .map(|(key, value)| Row {
                key: without_partition(&key),
                value,
            })
            .collect())
    }

    async fn counter(&self, partition: PartitionId, counter: Counter) -> Result<i64> {
        let key = row_key::counter(partition, counter);
        let value = self.read(false, move |database| database.get(&key)).await?;
        counter_of(value.as_ref())
    }

    async fn commit(&self, partition: PartitionId, commit: Commit) -> Result<Result<(), CommitRefused>> {
        Ok(match self.committer.ask(partition, Work::Commit(commit)).await? {
            Outcome::Refused(refused) => Err(refused),
            Outcome::Done | Outcome::Unfinished => Ok(()),
        })
    }
}
