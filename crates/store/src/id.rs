//! Ids of stores, partitions and blobs: random, so that nothing deleted can return under its old id.

use std::fmt;
use std::str::FromStr;

/// Id of a store: 16 random bytes, chosen when it is created. The keyring notes it, so that another store, or an empty
/// one in its place, is not mistaken for it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StoreId(pub [u8; 16]);

impl StoreId {
    /// Stands for the id of a store whose format file is missing or damaged, which only read-only access accepts.
    pub const UNKNOWN: Self = Self([0; 16]);
}

/// Id of a store's history: 16 random bytes, chosen when the store is created. Files of another history of the same
/// store do not fit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timeline(pub [u8; 16]);

/// Id of a partition of the index: one of the store's own, or a bucket (later: a key range of one).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartitionId(pub [u8; 16]);

impl PartitionId {
    /// The partition of the store's own rows: buckets, settings, wrapped keys.
    pub const ROOT: Self = Self([0; 16]);

    /// The partition of accounts, users, groups, roles, access keys and policies.
    pub const IDENTITY: Self = Self([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
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

impl fmt::Display for StoreId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for StoreId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreId({self})")
    }
}

impl fmt::Display for Timeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Timeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Timeline({self})")
    }
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
