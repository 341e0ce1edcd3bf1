//! Typed view of the index: records, sealed under the store's key.

pub(crate) mod key;
pub(crate) mod record;

use crate::model::error::{Error, Result};
use crate::rows::record::Record;
use bytes::Bytes;
use std::sync::Arc;
use strongroom_seal::{Random, RowSeal};
use strongroom_store::{Check, Commit, CommitRefused, Counter, Index, PartitionId, Row, Scan, Write};

/// Number of versions in a bucket, including delete markers. A bucket can only be deleted at 0.
pub(crate) const VERSIONS: Counter = Counter("versions");

/// Maximum length of a row key, in bytes.
const MOST_ROW: usize = 4096;

/// Index whose values are sealed when written and opened when read.
pub(crate) struct Rows {
    pub(crate) index: Arc<dyn Index>,
    seal: RowSeal,
    random: Arc<dyn Random>,
}

/// Record that was read, with the sealed bytes it was read from. A commit can require that these are unchanged.
#[derive(Clone)]
pub(crate) struct Found<R> {
    pub(crate) record: R,
    sealed: Bytes,
}

impl<R> Found<R> {
    /// Returns whether the row was not written in between.
    pub(crate) fn is_still(&self, now: &Self) -> bool {
        self.sealed == now.sealed
    }
}

impl Rows {
    pub(crate) fn new(index: Arc<dyn Index>, seal: RowSeal, random: Arc<dyn Random>) -> Self {
        Self { index, seal, random }
    }

    pub(crate) async fn get<R: Record>(
        &self,
        partition: PartitionId,
        row: &[u8],
    ) -> Result<Option<Found<R>>> {
        // Names come from requests unchecked. A row key that no store can hold is reported as missing without asking
        // the store.
        if row.len() > MOST_ROW {
            return Ok(None);
        }
        let Some(sealed) = self.index.get(partition, row).await? else {
            return Ok(None);
        };
        let record = self.open(partition, row, &sealed)?;
        Ok(Some(Found { record, sealed }))
    }

    /// Returns the records of the rows that begin with `prefix`, from the row `from` on, with their row keys.
    pub(crate) async fn scan<R: Record>(
        &self,
        partition: PartitionId,
        prefix: &[u8],
        from: Bytes,
        limit: usize,
    ) -> Result<Vec<(Bytes, R)>> {
        let rows = self.scan_each(partition, prefix, from, limit).await?;
        rows.into_iter().map(|(row, record)| Ok((row, record?))).collect()
    }

    /// Works like [`Self::scan`], with the sealed bytes that the records were read from.
    pub(crate) async fn scan_found<R: Record>(
        &self,
        partition: PartitionId,
        prefix: &[u8],
        from: Bytes,
        limit: usize,
    ) -> Result<Vec<(Bytes, Found<R>)>> {
        let prefix = Bytes::copy_from_slice(prefix);
        let rows = self.index.scan(partition, Scan { prefix, from, limit }).await?;
        let open = |row: Row| {
            let record = self.open(partition, &row.key, &row.value)?;
            let sealed = row.value;
            Ok((row.key, Found { record, sealed }))
        };
        rows.into_iter().map(open).collect()
    }

    /// Works like [`Self::scan`], but a damaged row does not fail the scan: each row has a result of its own.
    pub(crate) async fn scan_each<R: Record>(
        &self,
        partition: PartitionId,
        prefix: &[u8],
        from: Bytes,
        limit: usize,
    ) -> Result<Vec<(Bytes, Result<R>)>> {
        let rows = self.scan_sealed(partition, prefix, from, limit).await?;
        let open = |row: Row| {
            let record = self.open(partition, &row.key, &row.value);
            (row.key, record)
        };
        Ok(rows.into_iter().map(open).collect())
    }

    /// Works like [`Self::scan`], but returns the rows still sealed.
    pub(crate) async fn scan_sealed(
        &self,
        partition: PartitionId,
        prefix: &[u8],
        from: Bytes,
        limit: usize,
    ) -> Result<Vec<Row>> {
        if prefix.len() > MOST_ROW {
            return Ok(Vec::new());
        }
        let scan = Scan {
            prefix: Bytes::copy_from_slice(prefix),
            // No valid row key lies between a key that is too long and its truncation.
            from: from.slice(..from.len().min(MOST_ROW)),
            limit,
        };
        Ok(self.index.scan(partition, scan).await?)
    }

    /// Starts a batch for a partition of this `generation`.
    pub(crate) fn batch(&self, partition: PartitionId, generation: u64) -> Batch<'_> {
        Batch {
            rows: self,
            partition,
            commit: Commit {
                generation,
                ..Commit::default()
            },
        }
    }

    /// Opens the value of a row.
    pub(crate) fn open<R: Record>(&self, partition: PartitionId, row: &[u8], sealed: &[u8]) -> Result<R> {
        let damaged = |why: &dyn std::fmt::Display| {
            Error::Damaged(format!(
                "{} row {} of {partition}: {why}",
                R::NAME,
                row.escape_ascii()
            ))
        };
        let plain = self
            .seal
            .open(partition.0, row, sealed)
            .map_err(|e| damaged(&e))?;
        match plain.split_first() {
            Some((version, cbor)) if *version == R::VERSION => {
                minicbor::decode(cbor).map_err(|_| damaged(&"not a valid record of this kind"))
            }
            Some((version, _)) => Err(damaged(&format_args!(
                "written by a newer release (version {version})"
            ))),
            None => Err(damaged(&"empty")),
        }
    }
}

/// Checks and writes that take effect atomically.
pub(crate) struct Batch<'a> {
    rows: &'a Rows,
    partition: PartitionId,
    commit: Commit,
}

impl Batch<'_> {
    pub(crate) fn put<R: Record>(&mut self, row: Bytes, record: &R) -> Result<()> {
        let mut plain = vec![R::VERSION];
        minicbor::encode(record, &mut plain)
            .map_err(|_| Error::Damaged(format!("{} cannot be encoded", R::NAME)))?;
        let sealed = self
            .rows
            .seal
            .seal(self.partition.0, &row, &plain, &*self.rows.random)?;
        self.commit.writes.push(Write::Put(row, sealed.into()));
        Ok(())
    }

    /// Writes bytes that are sealed already.
    pub(crate) fn put_sealed(&mut self, row: Bytes, sealed: Bytes) {
        self.commit.writes.push(Write::Put(row, sealed));
    }

    pub(crate) fn delete(&mut self, row: Bytes) {
        self.commit.writes.push(Write::Delete(row));
    }

    /// Adds the contents of another batch for the same partition.
    pub(crate) fn append(&mut self, other: Batch<'_>) {
        self.commit.checks.extend(other.commit.checks);
        self.commit.writes.extend(other.commit.writes);
        for (counter, amount) in other.commit.counters {
            self.count(counter, amount);
        }
    }

    /// Returns the number of rows that the batch writes.
    pub(crate) fn writes(&self) -> usize {
        self.commit.writes.len()
    }

    /// Returns the number of checks.
    pub(crate) fn checks(&self) -> usize {
        self.commit.checks.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.commit.writes.is_empty()
    }

    /// Requires that the row is unchanged since it was read.
    pub(crate) fn expect<R>(&mut self, row: Bytes, found: Option<&Found<R>>) {
        self.commit.checks.push(match found {
            Some(found) => Check::Equals(row, found.sealed.clone()),
            None => Check::Absent(row),
        });
    }

    pub(crate) fn expect_counter(&mut self, counter: Counter, value: i64) {
        self.commit.checks.push(Check::Counter(counter, value));
    }

    pub(crate) fn count(&mut self, counter: Counter, amount: i64) {
        match self.commit.counters.iter_mut().find(|(c, _)| *c == counter) {
            Some((_, sum)) => *sum += amount,
            None => self.commit.counters.push((counter, amount)),
        }
    }

    /// Advances the partition's generation: commits that were begun before this one are refused from then on.
    pub(crate) fn advance(&mut self) {
        self.commit.advance = true;
    }

    pub(crate) async fn commit(self) -> Result<Result<(), CommitRefused>> {
        Ok(self.rows.index.commit(self.partition, self.commit).await?)
    }

    /// Works like [`Self::commit`], but the future borrows nothing.
    pub(crate) fn into_commit(
        self,
    ) -> impl Future<Output = Result<Result<(), CommitRefused>>> + Send + use<> {
        let (index, partition, commit) = (Arc::clone(&self.rows.index), self.partition, self.commit);
        async move { Ok(index.commit(partition, commit).await?) }
    }
}
