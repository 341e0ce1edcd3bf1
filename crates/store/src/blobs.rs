//! The seam for sealed byte strings.

use crate::error::Result;
use crate::id::BlobId;
use async_trait::async_trait;
use bytes::Bytes;
use std::ops::Range;

/// Immutable sealed byte strings by random id.
///
/// A blob is written once as a stream, never changed, read by range and deleted. A checksum (CRC-64/NVME) over
/// the sealed bytes is kept with each blob, so that it can be scrubbed without any key.
#[async_trait]
pub trait Blobs: Send + Sync + 'static {
    /// Starts a blob. Nothing is visible under `id` until [`BlobWriter::finish`] returns.
    async fn create(&self, id: BlobId) -> Result<Box<dyn BlobWriter>>;

    /// Opens a blob for reading. A reader that is open keeps reading right bytes, or fails, when the blob is
    /// deleted meanwhile.
    ///
    /// # Errors
    /// [`crate::StoreError::NotFound`] when there is no such finished blob.
    async fn open(&self, id: BlobId) -> Result<Box<dyn BlobReader>>;

    /// Removes a blob. Removing one that is not there is a success.
    async fn delete(&self, id: BlobId) -> Result<()>;

    /// Finished blobs in the order of their ids, those after `after`, `limit` at most: for the collection of
    /// orphans and for scrubbing.
    async fn list(&self, after: Option<BlobId>, limit: usize) -> Result<Vec<BlobId>>;

    /// Reads the whole blob and compares it with its checksum; returns both length and checksum.
    ///
    /// # Errors
    /// [`crate::StoreError::Damaged`] when they differ.
    async fn scrub(&self, id: BlobId) -> Result<WrittenBlob>;
}

/// A blob being written. Dropped before `finish`, it leaves nothing behind.
#[async_trait]
pub trait BlobWriter: Send {
    /// Appends bytes. May return before they are written; waits when too many are on the way (memory stays
    /// bounded). An earlier failed write is reported here or by `finish`.
    async fn write(&mut self, bytes: Bytes) -> Result<()>;

    /// Makes the blob durable and visible: when this returns, it survives a power cut.
    async fn finish(self: Box<Self>) -> Result<WrittenBlob>;
}

/// What a finished blob came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrittenBlob {
    /// Sealed bytes.
    pub length: u64,
    /// CRC-64/NVME over them.
    pub checksum: u64,
}

/// A finished blob being read.
#[async_trait]
pub trait BlobReader: Send + Sync {
    /// Sealed bytes in the blob.
    fn length(&self) -> u64;

    /// Reads exactly `range` (sealed byte offsets).
    ///
    /// # Errors
    /// [`crate::StoreError::Damaged`] when the blob is shorter than the range asks.
    async fn read(&self, range: Range<u64>) -> Result<Bytes>;
}
