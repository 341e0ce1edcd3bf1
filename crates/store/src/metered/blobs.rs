//! Counting of calls to blobs.
#![deny(clippy::missing_trait_methods)]

use crate::blobs::{BlobReader, BlobWriter, Blobs, LostBlob, WrittenBlob};
use crate::error::Result;
use crate::id::BlobId;
use crate::metered::meter::{Meter, add};
use crate::room::Admission;
use async_trait::async_trait;
use bytes::Bytes;
use std::ops::Range;
use std::sync::Arc;

pub(super) struct MeteredBlobs {
    pub(super) inner: Arc<dyn Blobs>,
    pub(super) meter: Arc<Meter>,
}

#[async_trait]
impl Blobs for MeteredBlobs {
    async fn admit(&self, bytes: u64) -> Result<Admission> {
        self.inner.admit(bytes).await
    }

    async fn create(&self, id: BlobId) -> Result<Box<dyn BlobWriter>> {
        match self.inner.create(id).await {
            Ok(inner) => Ok(Box::new(MeteredWriter {
                inner,
                meter: Arc::clone(&self.meter),
            })),
            Err(error) => self.meter.blob_writes.count(Err(error)),
        }
    }

    async fn open(&self, id: BlobId) -> Result<Box<dyn BlobReader>> {
        match self.inner.open(id).await {
            Ok(inner) => Ok(Box::new(MeteredReader {
                inner,
                meter: Arc::clone(&self.meter),
            })),
            Err(error) => self.meter.blob_reads.count(Err(error)),
        }
    }

    async fn delete(&self, id: BlobId) -> Result<()> {
        self.meter.blob_deletes.count(self.inner.delete(id).await)
    }

    async fn sync_deletions(&self) -> Result<()> {
        self.inner.sync_deletions().await
    }

    async fn list(&self, after: Option<BlobId>, limit: usize) -> Result<Vec<BlobId>> {
        self.meter.blob_lists.count(self.inner.list(after, limit).await)
    }

    async fn scrub(&self, id: BlobId) -> Result<WrittenBlob> {
        self.meter.blob_scrubs.count(self.inner.scrub(id).await)
    }

    async fn set_aside(&self, id: BlobId, now: u64) -> Result<u64> {
        self.meter
            .blobs_set_aside
            .count(self.inner.set_aside(id, now).await)
    }

    async fn list_lost(&self, after: Option<BlobId>, limit: usize) -> Result<Vec<LostBlob>> {
        self.meter
            .blob_lists
            .count(self.inner.list_lost(after, limit).await)
    }

    async fn restore_lost(&self, id: BlobId) -> Result<()> {
        self.inner.restore_lost(id).await
    }

    async fn delete_lost(&self, id: BlobId) -> Result<()> {
        self.meter.blob_deletes.count(self.inner.delete_lost(id).await)
    }
}

struct MeteredWriter {
    inner: Box<dyn BlobWriter>,
    meter: Arc<Meter>,
}

#[async_trait]
impl BlobWriter for MeteredWriter {
    async fn write(&mut self, bytes: Bytes) -> Result<()> {
        add(&self.meter.bytes_written, bytes.len());
        match self.inner.write(bytes).await {
            Ok(()) => Ok(()),
            Err(error) => self.meter.blob_writes.count(Err(error)),
        }
    }

    async fn finish(self: Box<Self>) -> Result<WrittenBlob> {
        self.meter.blob_writes.count(self.inner.finish().await)
    }
}

struct MeteredReader {
    inner: Box<dyn BlobReader>,
    meter: Arc<Meter>,
}

#[async_trait]
impl BlobReader for MeteredReader {
    fn length(&self) -> u64 {
        self.inner.length()
    }

    async fn read(&self, range: Range<u64>) -> Result<Bytes> {
        let bytes = self.meter.blob_reads.count(self.inner.read(range).await)?;
        add(&self.meter.bytes_read, bytes.len());
        Ok(bytes)
    }
}
