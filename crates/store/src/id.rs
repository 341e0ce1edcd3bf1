//! Ids of partitions and blobs: random, so that nothing deleted can return under its old id.

use std::fmt;

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

impl fmt::Debug for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BlobId({self})")
    }
}
