//! Typed view of the index: records, sealed under the store's key.

pub(crate) mod batch;
pub(crate) mod key;
pub(crate) mod pages;
pub(crate) mod partition;
pub(crate) mod record;

use crate::model::error::{Error, Result};
use crate::rows::record::Record;
use bytes::Bytes;
use std::sync::Arc;
use strongroom_seal::{Random, RowSeal};
use strongroom_store::{Counter, Index, PartitionId};

/// Number of versions in a bucket, including delete markers. A bucket can only be deleted at 0.
pub(crate) const VERSIONS: Counter = Counter("versions");

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

    /// Seals the value of a row.
    fn seal<R: Record>(&self, partition: PartitionId, row: &[u8], record: &R) -> Result<Bytes> {
        let mut plain = vec![R::VERSION];
        minicbor::encode(record, &mut plain)
            .map_err(|_| Error::Damaged(format!("{} cannot be encoded", R::NAME)))?;
        let sealed = self.seal.seal(partition.0, row, &plain, &*self.random)?;
        Ok(sealed.into())
    }

    /// Opens the value of a row.
    fn open<R: Record>(&self, partition: PartitionId, row: &[u8], sealed: &[u8]) -> Result<R> {
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
