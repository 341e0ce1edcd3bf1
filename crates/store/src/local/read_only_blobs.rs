//! Blobs of a store that is opened read-only.

use crate::blobs::{BlobReader, BlobWriter, Blobs, LostBlob, WrittenBlob};
use crate::error::{Result, StoreError};
use crate::id::BlobId;
use crate::local::blob_file::{self, Flaw};
use crate::local::blobs::open;
use crate::local::blocking;
use crate::local::layout::Layout;
use crate::local::listing;
use crate::local::reader::FileReader;
use crate::room::Admission;
use async_trait::async_trait;
use std::sync::Arc;

/// Blobs that are read in place and cannot be written.
pub(super) struct ReadOnlyBlobs {
    layout: Arc<Layout>,
}

impl ReadOnlyBlobs {
    pub(super) fn new(layout: Layout) -> Self {
        Self {
            layout: Arc::new(layout),
        }
    }
}

fn read_only<T>(doing: &str, id: BlobId) -> Result<T> {
    Err(StoreError::failed(
        format!("{doing} blob {id}"),
        "the store is read-only",
    ))
}

#[async_trait]
impl Blobs for ReadOnlyBlobs {
    async fn admit(&self, _: u64) -> Result<Admission> {
        Err(StoreError::TakesNoWrites("it is opened read-only".to_owned()))
    }

    async fn create(&self, id: BlobId) -> Result<Box<dyn BlobWriter>> {
        read_only("creating", id)
    }

    /// Opens a blob even if its trailer is damaged. All bytes of the file are then treated as sealed bytes; decrypting
    /// them shows which are intact.
    async fn open(&self, id: BlobId) -> Result<Box<dyn BlobReader>> {
        let layout = Arc::clone(&self.layout);
        blocking::run(format!("opening blob {id}"), move || {
            let file = open(&layout, id)?;
            let length = match blob_file::read_trailer(&file) {
                Ok(written) => written.length,
                Err(_) => file.metadata().map_err(|error| Flaw::Io(error).of(id))?.len(),
            };
            Ok(Box::new(FileReader::new(file, id, length)) as Box<dyn BlobReader>)
        })
        .await
    }

    async fn sync_deletions(&self) -> Result<()> {
        Ok(())
    }

    async fn delete(&self, id: BlobId) -> Result<()> {
        read_only("deleting", id)
    }

    async fn list(&self, after: Option<BlobId>, limit: usize) -> Result<Vec<BlobId>> {
        let layout = Arc::clone(&self.layout);
        let doing = "listing blobs".to_owned();
        blocking::run(doing.clone(), move || {
            listing::list(&layout, after, limit).map_err(|error| StoreError::failed(doing, error))
        })
        .await
    }

    async fn scrub(&self, id: BlobId) -> Result<WrittenBlob> {
        let layout = Arc::clone(&self.layout);
        blocking::run(format!("scrubbing blob {id}"), move || {
            let file = open(&layout, id)?;
            blob_file::verify(&file).map_err(|flaw| flaw.of(id))
        })
        .await
    }
    async fn set_aside(&self, id: BlobId, _: u64) -> Result<u64> {
        read_only("setting aside", id)
    }

    /// Lists nothing: what was set aside is no part of the store's content.
    async fn list_lost(&self, _: Option<BlobId>, _: usize) -> Result<Vec<LostBlob>> {
        Ok(Vec::new())
    }

    async fn restore_lost(&self, id: BlobId) -> Result<()> {
        read_only("restoring", id)
    }

    async fn delete_lost(&self, id: BlobId) -> Result<()> {
        read_only("deleting lost", id)
    }
}
