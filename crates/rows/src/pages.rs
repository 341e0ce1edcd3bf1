//! Iterates page by page over rows.

use crate::error::Result;
use crate::key;
use crate::partition::Partition;
use crate::record::Record;
use crate::rows::Found;
use bytes::Bytes;
use std::marker::PhantomData;

#[cfg(test)]
mod tests;

/// Rows read at a time.
const PAGE: usize = 1000;

/// Iterator over the rows that begin with a prefix, in the order of their keys. Rows written during the iteration may
/// be returned or not.
pub struct Pages<R> {
    rows: Partition,
    prefix: Bytes,
    from: Option<Bytes>,
    record: PhantomData<R>,
}

impl<R: Record> Pages<R> {
    /// Starts before the first row of a partition that begins with `prefix`.
    pub fn new(rows: &Partition, prefix: Bytes) -> Self {
        Self {
            rows: rows.clone(),
            from: Some(prefix.clone()),
            prefix,
            record: PhantomData,
        }
    }

    /// Returns the next page. `None`: there are no more. A damaged row does not fail the page.
    pub async fn next(&mut self) -> Result<Option<Vec<(Bytes, Result<Found<R>>)>>> {
        let Some(from) = self.from.take() else {
            return Ok(None);
        };
        let rows = self.rows.scan_each(&self.prefix, from, PAGE).await?;
        if rows.len() == PAGE {
            self.from = rows.last().map(|(row, _)| key::after(row));
        }
        Ok(Some(rows))
    }

    /// Counts the remaining rows, without reading their contents.
    pub async fn count(mut self) -> Result<u64> {
        let mut count = 0;
        while let Some(from) = self.from.take() {
            let rows = self.rows.scan_sealed(&self.prefix, from, PAGE).await?;
            count += u64::try_from(rows.len()).unwrap_or(u64::MAX);
            if rows.len() == PAGE {
                self.from = rows.last().map(|row| key::after(&row.key));
            }
        }
        Ok(count)
    }
}
