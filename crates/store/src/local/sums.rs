//! Sums of the rows of a partition, by which a missing row is found though nothing looks damaged.
//!
//! The sum of a partition is the number of its rows and a keyed multiset hash over them: MSet-Add-Hash of Clarke et al.,
//! "Incremental Multiset Hash Functions and Their Application to Memory Integrity Checking" (2003), with 256 bits. It
//! covers the generation and the counters of the partition too. Each row contributes a MAC over its key and the last 16
//! bytes of its value, which are the tag of a sealed value. The sum is stored in the partition as a sealed row, and each
//! commit updates it.

use crate::authenticator::{Authenticator, MacPurpose};
use crate::error::{Result, StoreError};
use crate::id::PartitionId;
use crate::local::database::Database;
use crate::local::log::Changes;
use crate::local::row_key;
use bytes::Bytes;
use std::collections::BTreeMap;

/// Bytes at the end of a value that its sum covers: the tag of AES-GCM.
const TAG_BYTES: usize = 16;

/// Length of an encoded sum.
const SUM_BYTES: usize = 40;

/// Sum of the rows of a partition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sum {
    /// Number of rows, modulo 2^64.
    rows: u64,
    /// Sum of their MACs modulo 2^256, the least significant word first.
    hash: [u64; 4],
}

impl Sum {
    /// Adds a row.
    pub(super) fn add(&mut self, key: &[u8], value: &[u8], authenticator: &dyn Authenticator) {
        self.rows = self.rows.wrapping_add(1);
        let mut carry = false;
        for (word, term) in self.hash.iter_mut().zip(term(key, value, authenticator)) {
            let (sum, first) = word.overflowing_add(term);
            let (sum, second) = sum.overflowing_add(u64::from(carry));
            *word = sum;
            carry = first || second;
        }
    }

    /// Removes a row.
    fn remove(&mut self, key: &[u8], value: &[u8], authenticator: &dyn Authenticator) {
        self.rows = self.rows.wrapping_sub(1);
        let mut borrow = false;
        for (word, term) in self.hash.iter_mut().zip(term(key, value, authenticator)) {
            let (difference, first) = word.overflowing_sub(term);
            let (difference, second) = difference.overflowing_sub(u64::from(borrow));
            *word = difference;
            borrow = first || second;
        }
    }

    fn seal(&self, key: &[u8], authenticator: &dyn Authenticator) -> Result<Bytes> {
        let mut plain = [0; SUM_BYTES];
        let words = std::iter::once(&self.rows).chain(&self.hash);
        for (bytes, word) in plain.chunks_exact_mut(8).zip(words) {
            bytes.copy_from_slice(&word.to_be_bytes());
        }
        authenticator.seal(key, &plain).map(Bytes::from)
    }

    /// Opens the sum stored under `key`.
    ///
    /// # Errors
    /// [`StoreError::Damaged`].
    pub(super) fn open(key: &[u8], sealed: &[u8], authenticator: &dyn Authenticator) -> Result<Self> {
        let damaged = || StoreError::damaged("the sum of a partition", "it is not what this store wrote");
        let plain = authenticator.open(key, sealed).ok_or_else(damaged)?;
        let plain: &[u8; SUM_BYTES] = plain.as_slice().try_into().map_err(|_| damaged())?;
        let (words, _) = plain.as_chunks::<8>();
        let mut words = words.iter().copied().map(u64::from_be_bytes);
        let mut next = || words.next().unwrap_or_default();
        Ok(Self {
            rows: next(),
            hash: [next(), next(), next(), next()],
        })
    }
}

/// Compares the rows of a partition with its sum: first its own values, then its rows. Returns the number of rows,
/// without its own values.
///
/// # Errors
/// [`StoreError::Damaged`].
pub(super) fn check(
    partition: PartitionId,
    rows: impl Iterator<Item = Result<(Bytes, Bytes)>>,
    authenticator: &dyn Authenticator,
) -> Result<u64> {
    let generation = row_key::generation(partition);
    let sum_key = row_key::sum(partition);
    let (mut exists, mut stored, mut found, mut count) = (false, None, Sum::default(), 0);
    for row in rows {
        let (key, value) = row?;
        exists |= key == generation;
        if key == sum_key {
            stored = Some(Sum::open(&key, &value, authenticator)?);
            continue;
        }
        found.add(&key, &value, authenticator);
        count += u64::from(row_key::partition_of(&key).is_some());
    }
    // A partition without a generation was removed; its rows are removed in steps.
    if !exists && stored.is_none() {
        return Ok(0);
    }
    let why = match stored {
        Some(stored) if stored == found => return Ok(count),
        Some(stored) if stored.rows == found.rows => {
            "a row is older or newer than its last commit, or was exchanged".to_owned()
        }
        Some(stored) => format!("it has {} rows instead of {}", found.rows, stored.rows),
        None => "its sum is missing".to_owned(),
    };
    Err(StoreError::damaged(
        format!("the partition {partition} of the index"),
        why,
    ))
}

/// Computes the sums of all partitions again, for a store whose rows were salvaged.
pub(super) fn rebuild(database: &Database, authenticator: &dyn Authenticator) -> Result<Changes> {
    let mut sums = BTreeMap::<PartitionId, (bool, Sum)>::new();
    for row in database.rows(&[], &[]) {
        let (key, value) = row?;
        let Some(partition) = row_key::summed_partition(&key) else {
            continue;
        };
        let (exists, sum) = sums.entry(partition).or_default();
        *exists |= key == row_key::generation(partition);
        sum.add(&key, &value, authenticator);
    }
    let mut changes = Changes::new();
    for (partition, (exists, sum)) in sums {
        if exists {
            let key = row_key::sum(partition);
            let sealed = sum.seal(&key, authenticator)?;
            changes.insert(key, Some(sealed));
        }
    }
    Ok(changes)
}

/// Returns the term of a row: a MAC as four words, the least significant first.
fn term(key: &[u8], value: &[u8], authenticator: &dyn Authenticator) -> [u64; 4] {
    let tag = &value[value.len().saturating_sub(TAG_BYTES)..];
    // At most TAG_BYTES. The length separates the tag from the key.
    let length = [u8::try_from(tag.len()).unwrap_or_default()];
    let mac = authenticator.mac(MacPurpose::Row, &[&length, tag, key]);
    let mut words = [0; 4];
    for (word, bytes) in words.iter_mut().zip(mac.as_chunks::<8>().0) {
        *word = u64::from_le_bytes(*bytes);
    }
    words
}

/// Adds the new sums of all changed partitions to the changes of a group. `before` returns the value of a key before the
/// group.
pub(super) fn update(
    changes: &mut Changes,
    mut before: impl FnMut(&[u8]) -> Result<Option<Bytes>>,
    authenticator: &dyn Authenticator,
) -> Result<()> {
    let mut sums = BTreeMap::<PartitionId, Option<Sum>>::new();
    for (key, value) in changes.iter() {
        let Some(partition) = row_key::summed_partition(key) else {
            continue;
        };
        let sum = match sums.entry(partition) {
            std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::btree_map::Entry::Vacant(entry) => {
                entry.insert(start(partition, changes, &mut before, authenticator)?)
            }
        };
        let Some(sum) = sum else { continue };
        if let Some(old) = before(key)? {
            sum.remove(key, &old, authenticator);
        }
        if let Some(new) = value {
            sum.add(key, new, authenticator);
        }
    }
    for (partition, sum) in sums {
        if let Some(sum) = sum {
            let key = row_key::sum(partition);
            let sealed = sum.seal(&key, authenticator)?;
            changes.insert(key, Some(sealed));
        }
    }
    Ok(())
}

/// Returns the sum of a partition before a group. `None`: the group removes the partition, or goes on removing its rows.
fn start(
    partition: PartitionId,
    changes: &Changes,
    before: &mut impl FnMut(&[u8]) -> Result<Option<Bytes>>,
    authenticator: &dyn Authenticator,
) -> Result<Option<Sum>> {
    let generation = row_key::generation(partition);
    let key = row_key::sum(partition);
    let existed = before(&generation)?.is_some();
    match changes.get(&generation) {
        Some(None) => return Ok(None),
        None if !existed => return Ok(None),
        _ => {}
    }
    match before(&key)? {
        Some(sealed) => Sum::open(&key, &sealed, authenticator).map(Some),
        None if existed => Err(StoreError::damaged(
            format!("the sum of the partition {partition}"),
            "it is missing",
        )),
        None => Ok(Some(Sum::default())),
    }
}

#[cfg(test)]
mod tests;
