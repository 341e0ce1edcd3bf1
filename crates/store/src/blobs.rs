//! The trait for sealed byte strings.

use crate::error::Result;
use crate::id::BlobId;
use crate::room::Admission;
use async_trait::async_trait;
use bytes::Bytes;
use std::ops::Range;

/// Immutable sealed byte strings by random id.
///
/// A blob is written once as a stream, never changed, read by range and deleted. A checksum (CRC-64/NVME) over the
/// sealed bytes is stored with each blob, so that it can be scrubbed without any key.
#[async_trait]
pub trait Blobs: Send + Sync + 'static {
    /// Keeps room for content of this many bytes, before any of it is received.
    ///
    /// # Errors
    /// [`crate::StoreError::Full`], [`crate::StoreError::TakesNoWrites`].
    async fn admit(&self, bytes: u64) -> Result<Admission>;

    /// Starts a blob. It is not visible under `id` until [`BlobWriter::finish`] returns.
    async fn create(&self, id: BlobId) -> Result<Box<dyn BlobWriter>>;

    /// Opens a blob for reading. If the blob is deleted meanwhile, an open reader returns the right bytes or fails.
    ///
    /// # Errors
    /// [`crate::StoreError::NotFound`] if there is no finished blob of this id.
    async fn open(&self, id: BlobId) -> Result<Box<dyn BlobReader>>;

    /// Deletes a blob. Succeeds if there is none. A power cut may bring it back until [`Self::sync_deletions`] returns.
    async fn delete(&self, id: BlobId) -> Result<()>;

    /// Makes it durable that blobs are gone that were deleted or set aside before the call.
    async fn sync_deletions(&self) -> Result<()>;

    /// Lists finished blobs in the order of their ids, after `after`, at most `limit`: for the collection of orphans
    /// and for scrubbing.
    async fn list(&self, after: Option<BlobId>, limit: usize) -> Result<Vec<BlobId>>;

    /// Reads the whole blob and verifies its checksum. Returns both length and checksum.
    ///
    /// # Errors
    /// [`crate::StoreError::Damaged`] if the checksum does not match.
    async fn scrub(&self, id: BlobId) -> Result<WrittenBlob>;

    /// Sets a blob aside, at the time `now` in microseconds since 1970: it exists no more for the methods above, but is
    /// kept. Returns its size.
    ///
    /// # Errors
    /// [`crate::StoreError::NotFound`].
    async fn set_aside(&self, id: BlobId, now: u64) -> Result<u64>;

    /// Lists blobs that were set aside, in the order of their ids, after `after`, at most `limit`.
    async fn list_lost(&self, after: Option<BlobId>, limit: usize) -> Result<Vec<LostBlob>>;

    /// Puts back a blob that was set aside.
    ///
    /// # Errors
    /// [`crate::StoreError::NotFound`] if none of this id was set aside.
    async fn restore_lost(&self, id: BlobId) -> Result<()>;

    /// Deletes a blob that was set aside. Succeeds if there is none.
    async fn delete_lost(&self, id: BlobId) -> Result<()>;
}

/// A blob that was set aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LostBlob {
    /// Id of the blob.
    pub id: BlobId,
    /// Size of the blob as it is stored.
    pub bytes: u64,
    /// Time at which it was set aside, in microseconds since 1970.
    pub since: u64,
}

/// A blob being written. Leaves nothing behind if dropped before `finish`.
#[async_trait]
pub trait BlobWriter: Send {
    /// Appends bytes. May return before they are written; waits if too many are pending, so that memory stays bounded.
    /// An earlier failed write is reported here or by `finish`.
    async fn write(&mut self, bytes: Bytes) -> Result<()>;

    /// Makes the blob durable and visible: after return it survives a power cut.
    async fn finish(self: Box<Self>) -> Result<WrittenBlob>;
}

/// Length and checksum of a finished blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrittenBlob {
    /// Length of the sealed bytes.
    pub length: u64,
    /// CRC-64/NVME of the sealed bytes.
    pub checksum: u64,
}

/// A finished blob being read.
#[async_trait]
pub trait BlobReader: Send + Sync {
    /// Returns the number of sealed bytes in the blob.
    fn length(&self) -> u64;

    /// Reads exactly `range`, in offsets of sealed bytes.
    ///
    /// # Errors
    /// [`crate::StoreError::Damaged`] if the blob is shorter than the end of the range.
    async fn read(&self, range: Range<u64>) -> Result<Bytes>;
}
