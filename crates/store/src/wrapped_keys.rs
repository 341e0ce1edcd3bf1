//! The trait for wrapped keys.

use crate::error::{Result, StoreError};
use crate::id::PartitionId;
use async_trait::async_trait;
use aws_lc_rs::digest::{SHA256, digest};
use bytes::Bytes;
use std::fmt;

/// Owner of a wrapped key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyOwner {
    /// The store: the key of its index.
    Store,
    /// A partition: the key of the bucket whose rows are in it.
    Partition(PartitionId),
}

impl KeyOwner {
    /// Returns the partition of the owner's rows.
    pub fn partition(self) -> PartitionId {
        match self {
            Self::Store => PartitionId::ROOT,
            Self::Partition(id) => id,
        }
    }
}

impl fmt::Display for KeyOwner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store => f.write_str("the store"),
            Self::Partition(id) => write!(f, "partition {id}"),
        }
    }
}

/// SHA-256 of the bytes of an envelope: names it in a row of the index, which does not contain it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyDigest(pub [u8; 32]);

impl KeyDigest {
    /// Returns the digest of an envelope.
    pub fn of(envelope: &[u8]) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest(&SHA256, envelope).as_ref());
        Self(bytes)
    }
}

impl fmt::Display for KeyDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for KeyDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyDigest({self})")
    }
}

/// The envelopes of one partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionKeys {
    /// The owner.
    pub partition: PartitionId,
    /// Its envelopes, at least one, in the order in which they were added.
    pub envelopes: Vec<Bytes>,
}

/// Returns the error for an envelope that does not exist.
pub(crate) fn no_envelope(owner: KeyOwner, digest: KeyDigest) -> StoreError {
    StoreError::NotFound(format!("an envelope of {owner} with the SHA-256 {digest}"))
}

/// Envelopes of the keys that everything else in a store is encrypted under, by their owners.
///
/// They are stored apart from rows and blobs, and nothing else contains them: a key whose last envelope is removed is
/// lost at once, and losing the index loses no key. An owner has one envelope, and two while its key is being rewrapped:
/// the new one is added, the row names it, the old one is removed. An envelope has at most 64 KiB.
#[async_trait]
pub trait WrappedKeys: Send + Sync + 'static {
    /// Returns the envelopes of an owner in the order in which they were added; none if the owner is unknown.
    ///
    /// # Errors
    /// [`crate::StoreError::Damaged`] if the stored bytes are not those that were written.
    async fn envelopes(&self, owner: KeyOwner) -> Result<Vec<Bytes>>;

    /// Adds an envelope. On return it survives a power cut and was read back. An existing one is not changed.
    async fn add(&self, owner: KeyOwner, envelope: Bytes) -> Result<()>;

    /// Removes all envelopes of an owner but the one with this digest. On return the change survives a power cut and
    /// was read back.
    ///
    /// # Errors
    /// [`crate::StoreError::NotFound`] if there is no such envelope; nothing was changed then.
    async fn keep_only(&self, owner: KeyOwner, digest: KeyDigest) -> Result<()>;

    /// Removes all envelopes of an owner. On return the change survives a power cut and was read back. Succeeds if
    /// there is none.
    async fn remove(&self, owner: KeyOwner) -> Result<()>;

    /// Lists the envelopes of all partitions whose ids begin with this byte, in the order of the ids. Of 100,000 buckets,
    /// about 400 do. Damage fails only the lists that it affects.
    ///
    /// # Errors
    /// [`crate::StoreError::Damaged`] if the stored bytes are not those that were written.
    async fn of_partitions(&self, first: u8) -> Result<Vec<PartitionKeys>>;

    /// Returns the name of the file or object in which the owner's envelopes are stored, for messages.
    fn place(&self, owner: KeyOwner) -> String;
}
