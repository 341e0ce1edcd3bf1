//! Blobs in a map.

use crate::blobs::{BlobReader, BlobWriter, Blobs, LostBlob, WrittenBlob};
use crate::checksum::Checksum;
use crate::error::{Result, StoreError};
use crate::id::BlobId;
use crate::room::Admission;
use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::{Bound, Range};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

#[derive(Clone)]
struct Blob {
    bytes: Bytes,
    written: WrittenBlob,
}

#[derive(Clone, Default)]
struct Shelf(Arc<RwLock<BTreeMap<BlobId, Blob>>>);

impl Shelf {
    // No code here can panic with the map half changed, so a poisoned lock still guards an intact map.
    fn read(&self) -> RwLockReadGuard<'_, BTreeMap<BlobId, Blob>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, BTreeMap<BlobId, Blob>> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(&self, id: BlobId) -> Result<Blob> {
        self.read()
            .get(&id)
            .cloned()
            .ok_or_else(|| StoreError::NotFound(format!("blob {id}")))
    }
}

#[derive(Default)]
pub(super) struct MemoryBlobs {
    shelf: Shelf,
    /// Blobs that were set aside, with the time of that.
    lost: Mutex<BTreeMap<BlobId, (Blob, u64)>>,
}

impl MemoryBlobs {
    fn lost(&self) -> MutexGuard<'_, BTreeMap<BlobId, (Blob, u64)>> {
        self.lost.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Blobs for MemoryBlobs {
    async fn admit(&self, _: u64) -> Result<Admission> {
        Ok(Admission::unlimited())
    }

    async fn create(&self, id: BlobId) -> Result<Box<dyn BlobWriter>> {
        Ok(Box::new(MemoryWriter {
            shelf: self.shelf.clone(),
            id,
            bytes: BytesMut::new(),
            checksum: Checksum::new(),
        }))
    }

    async fn open(&self, id: BlobId) -> Result<Box<dyn BlobReader>> {
        Ok(Box::new(MemoryReader {
            id,
            bytes: self.shelf.get(id)?.bytes,
        }))
    }

    async fn sync_deletions(&self) -> Result<()> {
        Ok(())
    }

    async fn delete(&self, id: BlobId) -> Result<()> {
        self.shelf.write().remove(&id);
        Ok(())
    }

    async fn list(&self, after: Option<BlobId>, limit: usize) -> Result<Vec<BlobId>> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        Ok(self
            .shelf
            .read()
            .range((from, Bound::Unbounded))
            .map(|(id, _)| *id)
            .take(limit)
            .collect())
    }

    async fn scrub(&self, id: BlobId) -> Result<WrittenBlob> {
        let blob = self.shelf.get(id)?;
        let mut checksum = Checksum::new();
        checksum.update(&blob.bytes);
        if checksum.written() != blob.written {
            return Err(StoreError::damaged(format!("blob {id}"), "its checksum differs"));
        }
        Ok(blob.written)
    }

    async fn set_aside(&self, id: BlobId, now: u64) -> Result<u64> {
        let taken = self.shelf.write().remove(&id);
        let blob = taken.ok_or_else(|| StoreError::NotFound(format!("blob {id}")))?;
        let bytes = blob.bytes.len() as u64;
        self.lost().insert(id, (blob, now));
        Ok(bytes)
    }

    async fn list_lost(&self, after: Option<BlobId>, limit: usize) -> Result<Vec<LostBlob>> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let of = |(id, (blob, since)): (&BlobId, &(Blob, u64))| LostBlob {
            id: *id,
            bytes: blob.bytes.len() as u64,
            since: *since,
        };
        let lost = self.lost();
        Ok(lost.range((from, Bound::Unbounded)).map(of).take(limit).collect())
    }

    async fn restore_lost(&self, id: BlobId) -> Result<()> {
        let lost = self.lost().remove(&id);
        let (blob, _) = lost.ok_or_else(|| StoreError::NotFound(format!("blob {id}")))?;
        self.shelf.write().insert(id, blob);
        Ok(())
    }

    async fn delete_lost(&self, id: BlobId) -> Result<()> {
        self.lost().remove(&id);
        Ok(())
    }
}

struct MemoryWriter {
    shelf: Shelf,
    id: BlobId,
    bytes: BytesMut,
    checksum: Checksum,
}

#[async_trait]
impl BlobWriter for MemoryWriter {
    async fn write(&mut self, bytes: Bytes) -> Result<()> {
        self.checksum.update(&bytes);
        self.bytes.extend_from_slice(&bytes);
        Ok(())
    }

    async fn finish(self: Box<Self>) -> Result<WrittenBlob> {
        let written = self.checksum.written();
        match self.shelf.write().entry(self.id) {
            Entry::Vacant(entry) => entry.insert(Blob {
                bytes: self.bytes.freeze(),
                written,
            }),
            Entry::Occupied(_) => {
                return Err(StoreError::failed(
                    format!("finishing blob {}", self.id),
                    "it already exists",
                ));
            }
        };
        Ok(written)
    }
}

struct MemoryReader {
    id: BlobId,
    bytes: Bytes,
}

#[async_trait]
impl BlobReader for MemoryReader {
    fn length(&self) -> u64 {
        self.bytes.len() as u64
    }

    async fn read(&self, range: Range<u64>) -> Result<Bytes> {
        let bounds = usize::try_from(range.start)
            .ok()
            .zip(usize::try_from(range.end).ok());
        match bounds {
            Some((start, end)) if start <= end && end <= self.bytes.len() => Ok(self.bytes.slice(start..end)),
            _ => Err(StoreError::too_short(self.id, &range, self.length())),
        }
    }
}
