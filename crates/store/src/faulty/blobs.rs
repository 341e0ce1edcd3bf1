//! Faults of blobs.
#![deny(clippy::missing_trait_methods)]

use crate::blobs::{BlobReader, BlobWriter, Blobs, LostBlob, WrittenBlob};
use crate::error::{Result, StoreError};
use crate::faulty::faults::{Call, Effect, Faults, change};
use crate::id::BlobId;
use crate::room::Admission;
use async_trait::async_trait;
use bytes::Bytes;
use std::ops::Range;
use std::sync::Arc;

pub(super) struct FaultyBlobs {
    pub(super) inner: Arc<dyn Blobs>,
    pub(super) faults: Faults,
}

#[async_trait]
impl Blobs for FaultyBlobs {
    async fn admit(&self, bytes: u64) -> Result<Admission> {
        self.faults.call(Call::Admit, self.inner.admit(bytes)).await
    }

    async fn create(&self, id: BlobId) -> Result<Box<dyn BlobWriter>> {
        let inner = self.faults.call(Call::CreateBlob, self.inner.create(id)).await?;
        Ok(Box::new(FaultyWriter {
            inner,
            faults: self.faults.clone(),
        }))
    }

    async fn open(&self, id: BlobId) -> Result<Box<dyn BlobReader>> {
        let inner = self.faults.call(Call::OpenBlob, self.inner.open(id)).await?;
        Ok(Box::new(FaultyReader {
            inner,
            faults: self.faults.clone(),
        }))
    }

    async fn delete(&self, id: BlobId) -> Result<()> {
        self.faults.call(Call::DeleteBlob, self.inner.delete(id)).await
    }

    async fn sync_deletions(&self) -> Result<()> {
        self.faults
            .call(Call::SyncDeletions, self.inner.sync_deletions())
            .await
    }

    async fn list(&self, after: Option<BlobId>, limit: usize) -> Result<Vec<BlobId>> {
        self.faults
            .call(Call::ListBlobs, self.inner.list(after, limit))
            .await
    }

    async fn scrub(&self, id: BlobId) -> Result<WrittenBlob> {
        let mut is_damaged = false;
        let work = self.inner.scrub(id);
        let length = self
            .faults
            .call_and_change(Call::ScrubBlob, work, |length, _, _: Effect| {
                is_damaged = true;
                length
            })
            .await?;
        if is_damaged {
            return Err(StoreError::damaged(format!("blob {id}"), "a fault was injected"));
        }
        Ok(length)
    }

    async fn set_aside(&self, id: BlobId, now: u64) -> Result<u64> {
        self.faults
            .call(Call::SetBlobAside, self.inner.set_aside(id, now))
            .await
    }

    async fn list_lost(&self, after: Option<BlobId>, limit: usize) -> Result<Vec<LostBlob>> {
        self.faults
            .call(Call::ListLost, self.inner.list_lost(after, limit))
            .await
    }

    async fn restore_lost(&self, id: BlobId) -> Result<()> {
        self.faults
            .call(Call::RestoreLost, self.inner.restore_lost(id))
            .await
    }

    async fn delete_lost(&self, id: BlobId) -> Result<()> {
        self.faults
            .call(Call::DeleteLost, self.inner.delete_lost(id))
            .await
    }
}

struct FaultyWriter {
    inner: Box<dyn BlobWriter>,
    faults: Faults,
}

#[async_trait]
impl BlobWriter for FaultyWriter {
    async fn write(&mut self, bytes: Bytes) -> Result<()> {
        self.faults.call(Call::WriteBlob, self.inner.write(bytes)).await
    }

    async fn finish(self: Box<Self>) -> Result<WrittenBlob> {
        self.faults.call(Call::FinishBlob, self.inner.finish()).await
    }
}

struct FaultyReader {
    inner: Box<dyn BlobReader>,
    faults: Faults,
}

#[async_trait]
impl BlobReader for FaultyReader {
    fn length(&self) -> u64 {
        self.inner.length()
    }

    async fn read(&self, range: Range<u64>) -> Result<Bytes> {
        let work = self.inner.read(range);
        self.faults
            .call_and_change(Call::ReadBlob, work, |bytes, random, effect| {
                change(&bytes, random, effect)
            })
            .await
    }
}
