//! Rows of one partition.

use crate::batch::Batch;
use crate::error::Result;
use crate::record::Record;
use crate::rows::{Found, Rows};
use bytes::Bytes;
use std::sync::Arc;
use strongroom_store::index::FIRST_GENERATION;
use strongroom_store::{Contents, Counter, PartitionId, Row, Scan};

/// Maximum length of a row key, in bytes.
const MAX_ROW: usize = 4096;

/// One partition of the index. Its batches are refused once the partition has another generation than this handle.
#[derive(Clone)]
pub struct Partition {
    rows: Arc<Rows>,
    id: PartitionId,
    generation: u64,
}

impl Partition {
    /// Creates the handle of a partition in its first generation, which it keeps until it is closed.
    pub fn new(rows: &Arc<Rows>, id: PartitionId) -> Self {
        Self {
            rows: Arc::clone(rows),
            id,
            generation: FIRST_GENERATION,
        }
    }

    /// Creates the handle of a partition in its current generation, even if it was closed. `None`: it does not exist.
    pub async fn current(rows: &Arc<Rows>, id: PartitionId) -> Result<Option<Self>> {
        let generation = rows.index().generation(id).await?;
        Ok(generation.map(|generation| Self {
            rows: Arc::clone(rows),
            id,
            generation,
        }))
    }

    /// Returns the partition's id.
    pub fn id(&self) -> PartitionId {
        self.id
    }

    /// Returns whether the partition exists and still has the generation of this handle.
    pub async fn is_open(&self) -> Result<bool> {
        Ok(self.rows.index().generation(self.id).await? == Some(self.generation))
    }

    /// Returns the record of a row.
    pub async fn get<R: Record>(&self, row: &[u8]) -> Result<Option<Found<R>>> {
        // Requests may contain names of any length. A row key that is too long for a store is reported as missing,
        // without a call to the store.
        if row.len() > MAX_ROW {
            return Ok(None);
        }
        let Some(sealed) = self.get_sealed(row).await? else {
            return Ok(None);
        };
        let record = self.open(row, &sealed)?;
        Ok(Some(Found { record, sealed }))
    }

    /// Returns the value of a row, still sealed.
    pub async fn get_sealed(&self, row: &[u8]) -> Result<Option<Bytes>> {
        Ok(self.rows.index().get(self.id, row).await?)
    }

    /// Returns the records of the rows that begin with `prefix`, from the row `from` on, with their row keys.
    pub async fn scan<R: Record>(
        &self,
        prefix: &[u8],
        from: Bytes,
        limit: usize,
    ) -> Result<Vec<(Bytes, Found<R>)>> {
        let rows = self.scan_each(prefix, from, limit).await?;
        rows.into_iter().map(|(row, found)| Ok((row, found?))).collect()
    }

    /// Works like [`Self::scan`], but a damaged row does not fail the scan: each row has a result of its own.
    pub async fn scan_each<R: Record>(
        &self,
        prefix: &[u8],
        from: Bytes,
        limit: usize,
    ) -> Result<Vec<(Bytes, Result<Found<R>>)>> {
        let rows = self.scan_sealed(prefix, from, limit).await?;
        let open = |row: Row| {
            let found = self.open(&row.key, &row.value).map(|record| Found {
                record,
                sealed: row.value,
            });
            (row.key, found)
        };
        Ok(rows.into_iter().map(open).collect())
    }

    /// Works like [`Self::scan`], but returns the rows still sealed.
    pub async fn scan_sealed(&self, prefix: &[u8], from: Bytes, limit: usize) -> Result<Vec<Row>> {
        if prefix.len() > MAX_ROW {
            return Ok(Vec::new());
        }
        let scan = Scan {
            prefix: Bytes::copy_from_slice(prefix),
            // A key longer than this is not stored, so no row is between `from` and its truncation.
            from: from.slice(..from.len().min(MAX_ROW)),
            limit,
        };
        Ok(self.rows.index().scan(self.id, scan).await?)
    }

    /// Iterates over the counters and the sealed rows, all from one snapshot. Each step may read from the disk.
    pub async fn contents(&self) -> Result<Contents> {
        Ok(self.rows.index().contents(self.id).await?)
    }

    /// Returns the value of a counter.
    pub async fn counter(&self, counter: Counter) -> Result<i64> {
        Ok(self.rows.index().counter(self.id, counter).await?)
    }

    /// Seals a record for a row without writing it: for values that are kept outside of the store.
    pub fn seal<R: Record>(&self, row: &[u8], record: &R) -> Result<Bytes> {
        self.rows.seal(self.id, row, record)
    }

    /// Opens the value of a row.
    pub fn open<R: Record>(&self, row: &[u8], sealed: &[u8]) -> Result<R> {
        self.rows.open(self.id, row, sealed)
    }

    /// Starts a batch.
    pub fn batch(&self) -> Batch {
        Batch::new(Arc::clone(&self.rows), self.id, self.generation)
    }
}
