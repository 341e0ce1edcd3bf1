//! Blobs as files.

use crate::blobs::{BlobReader, BlobWriter, Blobs, WrittenBlob};
use crate::error::{Result, StoreError};
use crate::id::BlobId;
use crate::local::blob_file;
use crate::local::blocking;
use crate::local::directory::Directory;
use crate::local::draft::Workshop;
use crate::local::layout::Layout;
use crate::local::listing;
use crate::local::reader::FileReader;
use crate::local::shards::Shards;
use crate::local::writer::FileWriter;
use async_trait::async_trait;
use std::fs::File;
use std::io;
use std::sync::Arc;

pub(super) struct LocalBlobs {
    workshop: Arc<Workshop>,
}

impl LocalBlobs {
    pub(super) fn new(directory: Arc<Directory>) -> Self {
        Self {
            workshop: Arc::new(Workshop {
                directory,
                shards: Shards::default(),
                buffers: Arc::default(),
            }),
        }
    }
}

pub(super) fn open(layout: &Layout, id: BlobId) -> Result<File> {
    File::open(layout.blob(id)).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => StoreError::NotFound(format!("blob {id}")),
        _ => StoreError::failed(format!("opening blob {id}"), error),
    })
}

#[async_trait]
impl Blobs for LocalBlobs {
    async fn create(&self, id: BlobId) -> Result<Box<dyn BlobWriter>> {
        Ok(Box::new(FileWriter::new(Arc::clone(&self.workshop), id)))
    }

    async fn open(&self, id: BlobId) -> Result<Box<dyn BlobReader>> {
        let directory = Arc::clone(&self.workshop.directory);
        blocking::run(format!("opening blob {id}"), move || {
            let file = open(&directory.layout, id)?;
            let written = blob_file::read_trailer(&file).map_err(|flaw| flaw.of(id))?;
            Ok(Box::new(FileReader::new(file, id, written.length)) as Box<dyn BlobReader>)
        })
        .await
    }

    async fn delete(&self, id: BlobId) -> Result<()> {
        let workshop = Arc::clone(&self.workshop);
        let doing = format!("deleting blob {id}");
        blocking::run(doing.clone(), move || {
            workshop
                .shards
                .remove(&workshop.directory.layout, id)
                .map_err(|error| StoreError::failed(doing, error))
        })
        .await
    }

    async fn list(&self, after: Option<BlobId>, limit: usize) -> Result<Vec<BlobId>> {
        let directory = Arc::clone(&self.workshop.directory);
        let doing = "listing blobs".to_owned();
        blocking::run(doing.clone(), move || {
            listing::list(&directory.layout, after, limit).map_err(|error| StoreError::failed(doing, error))
        })
        .await
    }

    async fn scrub(&self, id: BlobId) -> Result<WrittenBlob> {
        let directory = Arc::clone(&self.workshop.directory);
        blocking::run(format!("scrubbing blob {id}"), move || {
            let file = open(&directory.layout, id)?;
            blob_file::verify(&file).map_err(|flaw| flaw.of(id))
        })
        .await
    }
}
