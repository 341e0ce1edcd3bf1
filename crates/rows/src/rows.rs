//! The index with its values sealed when written and opened when read.

use crate::error::{Error, Result};
use crate::record::Record;
use bytes::Bytes;
use std::sync::Arc;
use strongroom_seal::{Random, RowSeal};
use strongroom_store::{Index, PartitionId};

#[cfg(test)]
mod tests;

/// Index whose values are sealed when written and opened when read.
pub struct Rows {
    index: Arc<dyn Index>,
    seal: RowSeal,
    random: Arc<dyn Random>,
}

/// Record that was read, with the sealed bytes it was read from. A commit can require that these are unchanged.
#[derive(Clone)]
pub struct Found<R> {
    /// The record.
    pub record: R,
    pub(crate) sealed: Bytes,
}

impl<R> Found<R> {
    /// Returns whether the row was not written in between.
    pub fn is_still(&self, now: &Self) -> bool {
        self.sealed == now.sealed
    }
}

impl Rows {
    /// Creates the view of an index. `random` gives the salts of new values.
    pub fn new(index: Arc<dyn Index>, seal: RowSeal, random: Arc<dyn Random>) -> Self {
        Self { index, seal, random }
    }

    /// Returns the index, to create and remove partitions and to read counters.
    pub fn index(&self) -> &Arc<dyn Index> {
        &self.index
    }

    /// Seals the value of a row.
    pub(crate) fn seal<R: Record>(&self, partition: PartitionId, row: &[u8], record: &R) -> Result<Bytes> {
        let mut plain = vec![R::VERSION];
        minicbor::encode(record, &mut plain)
            .map_err(|_| Error::Damaged(format!("{} cannot be encoded", R::NAME)))?;
        let sealed = self.seal.seal(partition.0, row, &plain, &*self.random)?;
        Ok(sealed.into())
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
