//! `strongroom unseal rows`: writes the encrypted rows as stored in the index.

use std::io::Write;

use bytes::Bytes;
use strongroom_store::{PartitionId, ReadOnlyStore, Scan};

use super::destination::Destination;
use super::error::UnsealError;
use crate::cli::unseal::RowsFlags;

/// Rows read at a time. A row has at most 64 KiB.
const PAGE: usize = 500;

pub(super) async fn run(
    look: &ReadOnlyStore,
    flags: &RowsFlags,
    output: &mut impl Write,
) -> Result<(), UnsealError> {
    let mut destination = Destination::open(&flags.out, output)?;
    for partition in look.partitions().await? {
        write_partition(look, partition, &mut destination).await?;
    }
    Ok(destination.finish()?)
}

async fn write_partition(
    look: &ReadOnlyStore,
    partition: PartitionId,
    destination: &mut Destination<'_, impl Write>,
) -> Result<(), UnsealError> {
    let mut from = Bytes::new();
    loop {
        let scan = Scan {
            prefix: Bytes::new(),
            from,
            limit: PAGE,
        };
        let rows = look.store.index.scan(partition, scan).await?;
        for row in &rows {
            let line = format!(
                "{{\"partition\": \"{partition}\", \"key\": \"{}\", \"value\": \"{}\"}}\n",
                hex::encode(&row.key),
                hex::encode(&row.value)
            );
            destination.write(line.as_bytes())?;
        }
        match rows.last() {
            // No key contains a byte 0, so this is the first possible key after the last one.
            Some(last) if rows.len() == PAGE => from = [&last.key[..], &[0]].concat().into(),
            _ => return Ok(()),
        }
    }
}
