//! Blobs in a map.

use crate::blobs::{BlobReader, BlobWriter, Blobs, WrittenBlob};
use crate::checksum::Checksum;
use crate::error::{Result, StoreError};
use crate::id::BlobId;
use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::{Bound, Range};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

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
pub(super) struct MemoryBlobs(Shelf);

#[async_trait]
impl Blobs for MemoryBlobs {
    async fn create(&self, id: BlobId) -> Result<Box<dyn BlobWriter>> {
        Ok(Box::new(MemoryWriter {
            shelf: self.0.clone(),
            id,
            bytes: BytesMut::new(),
            checksum: Checksum::new(),
        }))
    }

    async fn open(&self, id: BlobId) -> Result<Box<dyn BlobReader>> {
        Ok(Box::new(MemoryReader {
            id,
            bytes: self.0.get(id)?.bytes,
        }))
    }

    async fn delete(&self, id: BlobId) -> Result<()> {
        self.0.write().remove(&id);
        Ok(())
    }

    async fn list(&self, after: Option<BlobId>, limit: usize) -> Result<Vec<BlobId>> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        Ok(self
            .0
            .read()
            .range((from, Bound::Unbounded))
            .map(|(id, _)| *id)
            .take(limit)
            .collect())
    }

    async fn scrub(&self, id: BlobId) -> Result<WrittenBlob> {
        let blob = self.0.get(id)?;
        let mut checksum = Checksum::new();
        checksum.update(&blob.bytes);
        if checksum.written() != blob.written {
            return Err(StoreError::damaged(format!("blob {id}"), "its checksum differs"));
        }
        Ok(blob.written)
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
