//! Content of a key file.
//!
//! ```text
//! 0    8   "SRKEYS" 00 01       magic and version
//! 8    16  id of the store
//! 24   1   00: keys/store, 01: keys/<xx>
//! 25   1   xx; 00 in keys/store
//! 26   4   number of entries
//! then for each envelope, in the order of the ids; those of one id in the order in which they were added:
//!      16  id of the partition; zeros in keys/store
//!      4   n
//!      n   envelope
//! last 8   CRC-64/NVME over all bytes before
//! ```

use crate::checksum::Checksum;
use crate::id::{PartitionId, StoreId};
use crate::wrapped_keys::KeyOwner;
use bytes::{Buf as _, Bytes};
use std::fmt;

#[cfg(test)]
mod tests;

const MAGIC: [u8; 8] = *b"SRKEYS\x00\x01";
const CHECKSUM_BYTES: usize = 8;

/// Name of a key file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FileName {
    /// `store`, the file with the key of the store.
    Store,
    /// `<xx>`, the file with the keys of the partitions whose ids begin with this byte.
    Partitions(u8),
}

impl FileName {
    pub(super) fn of(owner: KeyOwner) -> Self {
        match owner {
            KeyOwner::Store => Self::Store,
            KeyOwner::Partition(PartitionId([first, ..])) => Self::Partitions(first),
        }
    }

    fn bytes(self) -> [u8; 2] {
        match self {
            Self::Store => [0, 0],
            Self::Partitions(first) => [1, first],
        }
    }

    fn holds(self, id: PartitionId) -> bool {
        match self {
            Self::Store => id == PartitionId::ROOT,
            Self::Partitions(first) => id.0.starts_with(&[first]),
        }
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store => f.write_str("store"),
            Self::Partitions(first) => write!(f, "{first:02x}"),
        }
    }
}

/// Reason why the content of a file is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Flaw {
    #[error("it does not begin as a key file of this version does")]
    Magic,
    #[error("its checksum is wrong")]
    Checksum,
    #[error("it belongs to another store")]
    OtherStore,
    #[error("it is another key file, under the wrong name")]
    OtherName,
    #[error("its entries are not in order")]
    Entries,
}

/// An envelope with the id of its owner: of a partition, or [`PartitionId::ROOT`] for the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) owner: PartitionId,
    pub(super) envelope: Bytes,
}

/// Returns the bytes of a file.
pub(super) fn encode(store: StoreId, name: FileName, entries: &[Entry]) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend(store.0);
    bytes.extend(name.bytes());
    bytes.extend(length(entries.len()));
    for entry in entries {
        bytes.extend(entry.owner.0);
        bytes.extend(length(entry.envelope.len()));
        bytes.extend_from_slice(&entry.envelope);
    }
    let checksum = checksum(&bytes);
    bytes.extend(checksum);
    bytes
}

/// Returns the entries of a file. `store` is not compared if it is [`StoreId::UNKNOWN`].
pub(super) fn parse(mut bytes: Bytes, store: StoreId, name: FileName) -> Result<Vec<Entry>, Flaw> {
    if !bytes.starts_with(&MAGIC) {
        return Err(Flaw::Magic);
    }
    let body = bytes.len().checked_sub(CHECKSUM_BYTES).ok_or(Flaw::Checksum)?;
    let found = bytes.split_off(body);
    if checksum(&bytes) != found[..] {
        return Err(Flaw::Checksum);
    }
    bytes.advance(MAGIC.len());
    let of_store = StoreId(array(&mut bytes)?);
    if store != StoreId::UNKNOWN && store != of_store {
        return Err(Flaw::OtherStore);
    }
    if array(&mut bytes)? != name.bytes() {
        return Err(Flaw::OtherName);
    }
    let count = bytes.try_get_u32().map_err(|_| Flaw::Entries)?;
    let mut entries: Vec<Entry> = Vec::new();
    for _ in 0..count {
        let owner = PartitionId(array(&mut bytes)?);
        let length = bytes.try_get_u32().map_err(|_| Flaw::Entries)?;
        let length = usize::try_from(length).map_err(|_| Flaw::Entries)?;
        let follows = entries.last().is_none_or(|last| last.owner <= owner);
        if !follows || !name.holds(owner) || length > bytes.len() {
            return Err(Flaw::Entries);
        }
        let envelope = bytes.split_to(length);
        entries.push(Entry { owner, envelope });
    }
    if bytes.is_empty() {
        Ok(entries)
    } else {
        Err(Flaw::Entries)
    }
}

/// Takes the next bytes.
fn array<const N: usize>(bytes: &mut Bytes) -> Result<[u8; N], Flaw> {
    let mut array = [0; N];
    bytes.try_copy_to_slice(&mut array).map_err(|_| Flaw::Entries)?;
    Ok(array)
}

/// Returns a length as it is stored. Envelopes are short, and a file is read into memory, so 32 bits suffice.
fn length(length: usize) -> [u8; 4] {
    u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes()
}

fn checksum(bytes: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let mut checksum = Checksum::new();
    checksum.update(bytes);
    checksum.written().checksum.to_be_bytes()
}
