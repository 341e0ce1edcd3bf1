//! Rows in a map.

use crate::error::{Result, StoreError};
use crate::id::PartitionId;
use crate::index::{
    Check, Commit, CommitRefused, Content, Contents, Counter, FIRST_GENERATION, Index, Row, Scan, Write,
};
use crate::integrity::{CommitHead, Integrity};
use crate::row::{add, check_keys};
use async_trait::async_trait;
use bytes::Bytes;
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

struct Partition {
    generation: u64,
    rows: BTreeMap<Bytes, Bytes>,
    counters: HashMap<Counter, i64>,
}

impl Partition {
    fn holds(&self, check: &Check) -> bool {
        match check {
            Check::Absent(key) => !self.rows.contains_key(key),
            Check::Equals(key, value) => self.rows.get(key) == Some(value),
            Check::Counter(counter, value) => self.counter(*counter) == *value,
        }
    }

    fn counter(&self, counter: Counter) -> i64 {
        self.counters.get(&counter).copied().unwrap_or_default()
    }

    fn apply(&mut self, commit: Commit) -> Result<Result<(), CommitRefused>> {
        if commit.generation != self.generation {
            return Ok(Err(CommitRefused::Generation));
        }
        if let Some(position) = commit.checks.iter().position(|check| !self.holds(check)) {
            return Ok(Err(CommitRefused::Check(position)));
        }
        // Everything that can fail is done before the first change.
        let mut counters = HashMap::new();
        for (counter, amount) in commit.counters {
            let before = counters
                .get(&counter)
                .copied()
                .unwrap_or_else(|| self.counter(counter));
            counters.insert(counter, add(counter, before, amount)?);
        }
        let generation = if commit.advance {
            self.generation.checked_add(1).ok_or_else(|| {
                StoreError::failed("advancing a partition's generation", "it would overflow 64 bits")
            })?
        } else {
            self.generation
        };
        for write in commit.writes {
            match write {
                Write::Put(key, value) => self.rows.insert(key, value),
                Write::Delete(key) => self.rows.remove(&key),
            };
        }
        self.counters.extend(counters);
        self.generation = generation;
        Ok(Ok(()))
    }
}

#[derive(Default)]
pub(super) struct MemoryIndex {
    partitions: RwLock<HashMap<PartitionId, Partition>>,
    /// Number of orphans that are allowed.
    orphans: AtomicU64,
}

impl MemoryIndex {
    // No code here can panic with the map half changed, so a poisoned lock still guards an intact map.
    fn read(&self) -> RwLockReadGuard<'_, HashMap<PartitionId, Partition>> {
        self.partitions.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, HashMap<PartitionId, Partition>> {
        self.partitions.write().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Index for MemoryIndex {
    async fn create_partition(&self, partition: PartitionId) -> Result<()> {
        self.write().entry(partition).or_insert_with(|| Partition {
            generation: FIRST_GENERATION,
            rows: BTreeMap::new(),
            counters: HashMap::new(),
        });
        Ok(())
    }

    async fn generation(&self, partition: PartitionId) -> Result<Option<u64>> {
        Ok(self.read().get(&partition).map(|partition| partition.generation))
    }

    async fn remove_partition(&self, partition: PartitionId) -> Result<()> {
        self.write().remove(&partition);
        Ok(())
    }

    async fn get(&self, partition: PartitionId, key: &[u8]) -> Result<Option<Bytes>> {
        Ok(self
            .read()
            .get(&partition)
            .and_then(|partition| partition.rows.get(key).cloned()))
    }

    async fn scan(&self, partition: PartitionId, scan: Scan) -> Result<Vec<Row>> {
        let partitions = self.read();
        let Some(partition) = partitions.get(&partition) else {
            return Ok(Vec::new());
        };
        let from = scan.prefix.clone().max(scan.from);
        Ok(partition
            .rows
            .range(from..)
            .take_while(|(key, _)| key.starts_with(&scan.prefix))
            .take(scan.limit)
            .map(|(key, value)| Row {
                key: key.clone(),
                value: value.clone(),
            })
            .collect())
    }

    async fn counter(&self, partition: PartitionId, counter: Counter) -> Result<i64> {
        Ok(self
            .read()
            .get(&partition)
            .map_or(0, |partition| partition.counter(counter)))
    }

    async fn contents(&self, partition: PartitionId) -> Result<Contents> {
        let partitions = self.read();
        let Some(partition) = partitions.get(&partition) else {
            return Ok(Box::new(std::iter::empty()));
        };
        let counters = partition.counters.iter();
        let mut contents: Vec<_> = counters
            .map(|(counter, value)| Ok(Content::Counter(Bytes::from_static(counter.0.as_bytes()), *value)))
            .collect();
        contents.extend(partition.rows.iter().map(|(key, value)| {
            Ok(Content::Row(Row {
                key: key.clone(),
                value: value.clone(),
            }))
        }));
        Ok(Box::new(contents.into_iter()))
    }

    async fn commit(&self, partition: PartitionId, commit: Commit) -> Result<Result<(), CommitRefused>> {
        check_keys(&commit)?;
        match self.write().get_mut(&partition) {
            Some(partition) => partition.apply(commit),
            None => Ok(Err(CommitRefused::Generation)),
        }
    }
}

#[async_trait]
impl Integrity for MemoryIndex {
    async fn check_rows(&self, partition: PartitionId) -> Result<u64> {
        let all = Scan {
            prefix: Bytes::new(),
            from: Bytes::new(),
            limit: usize::MAX,
        };
        Ok(self.scan(partition, all).await?.len() as u64)
    }

    async fn check_files(&self) -> Result<()> {
        Ok(())
    }

    fn head(&self) -> Option<CommitHead> {
        None
    }

    fn allowed_orphans(&self) -> u64 {
        self.orphans.load(Ordering::SeqCst)
    }

    async fn allow_orphans(&self, number: u64) -> Result<()> {
        self.orphans.store(number, Ordering::SeqCst);
        Ok(())
    }

    async fn ended(&self) -> StoreError {
        std::future::pending().await
    }
}
