//! Keys of the database. The first byte is the kind of the row, so that rows of one kind are adjacent:
//!
//! ```text
//! 0 ‖ partition ‖ "generation"       u64, big endian
//! 0 ‖ partition ‖ "counter/" ‖ name  i64, big endian
//! 0 ‖ partition ‖ "sum"              sealed sum of all rows above and below of the partition: see `sums`
//! 1 ‖ partition ‖ key of the row     value of the row
//! 2 ‖ partition                      empty: mark of a partition whose rows are being removed
//! ```

use crate::id::PartitionId;
use crate::index::Counter;

const FACT: u8 = 0;
const ROW: u8 = 1;
const REMOVAL: u8 = 2;

const COUNTER: &[u8] = b"counter/";
const SUM: &[u8] = b"sum";

/// Length of the prefix before a row's own key: kind and partition.
pub(super) const ROW_PREFIX_BYTES: usize = 17;

fn key(kind: u8, partition: PartitionId, rest: &[&[u8]]) -> Vec<u8> {
    let mut key = Vec::with_capacity(ROW_PREFIX_BYTES + rest.iter().map(|part| part.len()).sum::<usize>());
    key.push(kind);
    key.extend_from_slice(&partition.0);
    for part in rest {
        key.extend_from_slice(part);
    }
    key
}

pub(super) fn generation(partition: PartitionId) -> Vec<u8> {
    key(FACT, partition, &[b"generation"])
}

pub(super) fn counter(partition: PartitionId, counter: Counter) -> Vec<u8> {
    key(FACT, partition, &[COUNTER, counter.0.as_bytes()])
}

/// Returns the prefix of the counters of a partition.
pub(super) fn counters(partition: PartitionId) -> Vec<u8> {
    key(FACT, partition, &[COUNTER])
}

pub(super) fn sum(partition: PartitionId) -> Vec<u8> {
    key(FACT, partition, &[SUM])
}

/// Returns the partition whose sum contains the row with this key. `None`: no sum contains it.
pub(super) fn summed_partition(key: &[u8]) -> Option<PartitionId> {
    let (kind, rest) = key.split_first()?;
    let (partition, rest) = rest.split_first_chunk::<16>()?;
    let is_summed = *kind == ROW || (*kind == FACT && rest != SUM);
    is_summed.then_some(PartitionId(*partition))
}

pub(super) fn row(partition: PartitionId, row: &[u8]) -> Vec<u8> {
    key(ROW, partition, &[row])
}

pub(super) fn removal(partition: PartitionId) -> Vec<u8> {
    key(REMOVAL, partition, &[])
}

/// Returns the prefix of all rows of a partition.
pub(super) fn rows(partition: PartitionId) -> Vec<u8> {
    row(partition, &[])
}

/// Prefix of all rows.
pub(super) const ROWS: [u8; 1] = [ROW];

/// Returns the partition of a row.
pub(super) fn partition_of(key: &[u8]) -> Option<PartitionId> {
    key.strip_prefix(&ROWS)?.first_chunk().copied().map(PartitionId)
}

/// Returns the first key after the rows of this partition; `None`: there is no id after it.
pub(super) fn after_partition(partition: PartitionId) -> Option<Vec<u8>> {
    let next = u128::from_be_bytes(partition.0).checked_add(1)?;
    Some(row(PartitionId(next.to_be_bytes()), &[]))
}

/// Returns the prefix of the generation and the counters of a partition.
pub(super) fn facts(partition: PartitionId) -> Vec<u8> {
    key(FACT, partition, &[])
}

/// Prefix of all marks of removed partitions.
pub(super) const REMOVALS: [u8; 1] = [REMOVAL];

/// Returns the partition that a mark belongs to.
pub(super) fn removed_partition(key: &[u8]) -> Option<PartitionId> {
    key.strip_prefix(&REMOVALS)?.try_into().ok().map(PartitionId)
}
