//! Ids of partitions and blobs: random, so that nothing deleted can return under its old id.

use std::fmt;
use std::str::FromStr;

/// Id of a partition of the index: the store's own root, or a bucket (later: a key range of one).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartitionId(pub [u8; 16]);

impl PartitionId {
    /// The partition of the store's own rows: buckets, settings, wrapped keys.
    pub const ROOT: Self = Self([0; 16]);
}

/// Id of a blob: 16 random bytes within the partition whose rows refer to it. So the id alone tells where its row must
/// be, and a blob without one is an orphan.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobId {
    /// Partition of the blob's row.
    pub partition: PartitionId,
    /// Random part, unique within the partition.
    pub random: [u8; 16],
}

impl fmt::Display for PartitionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for PartitionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PartitionId({self})")
    }
}

impl fmt::Display for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.partition, hex::encode(self.random))
    }
}

/// Error for a text that is not the id of a blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not the id of a blob: write 32 hex digits, a slash, and 32 hex digits")]
pub struct NoBlobId;

impl FromStr for BlobId {
    type Err = NoBlobId;

    fn from_str(text: &str) -> Result<Self, NoBlobId> {
        let (mut partition, mut random) = ([0; 16], [0; 16]);
        let (first, second) = text.split_once('/').ok_or(NoBlobId)?;
        hex::decode_to_slice(first, &mut partition).map_err(|_| NoBlobId)?;
        hex::decode_to_slice(second, &mut random).map_err(|_| NoBlobId)?;
        Ok(Self {
            partition: PartitionId(partition),
            random,
        })
    }
}

impl fmt::Debug for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BlobId({self})")
    }
}
