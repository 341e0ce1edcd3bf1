//! Blobs as files.

use crate::blobs::{BlobReader, BlobWriter, Blobs, LostBlob, WrittenBlob};
use crate::error::{Result, StoreError};
use crate::id::BlobId;
use crate::local::blob_file;
use crate::local::blocking;
use crate::local::directory::Directory;
use crate::local::disk_room::DiskRoom;
use crate::local::draft::BlobFiles;
use crate::local::history::History;
use crate::local::io_error;
use crate::local::layout::Layout;
use crate::local::listing;
use crate::local::lost;
use crate::local::reader::FileReader;
use crate::local::shards::Shards;
use crate::local::writer::FileWriter;
use crate::room::Admission;
use async_trait::async_trait;
use std::fs::File;
use std::io;
use std::sync::{Arc, Mutex};

pub(super) struct LocalBlobs {
    files: Arc<BlobFiles>,
    room: Arc<DiskRoom>,
    history: Option<Arc<History>>,
    lost: Arc<Mutex<lost::Listing>>,
}

impl LocalBlobs {
    pub(super) fn new(
        directory: Arc<Directory>,
        reserve: Option<u64>,
        history: Option<Arc<History>>,
    ) -> Self {
        Self {
            room: Arc::new(DiskRoom::new(Arc::clone(&directory), reserve)),
            lost: Arc::default(),
            files: Arc::new(BlobFiles {
                directory,
                shards: Shards::default(),
                buffers: Arc::default(),
            }),
            history,
        }
    }
}

impl LocalBlobs {
    /// Runs `work`, which moves or deletes a blob.
    async fn lost<T: Send + 'static>(
        &self,
        doing: &str,
        id: BlobId,
        work: impl FnOnce(&BlobFiles) -> io::Result<T> + Send + 'static,
    ) -> Result<T> {
        let files = Arc::clone(&self.files);
        let doing = format!("{doing} blob {id}");
        blocking::run(doing.clone(), move || {
            let _removing = files.directory.remove_blobs();
            work(&files).map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => StoreError::NotFound(format!("blob {id}")),
                _ => io_error::failed(doing, error),
            })
        })
        .await
    }
}

pub(super) fn open(layout: &Layout, id: BlobId) -> Result<File> {
    File::open(layout.blob(id)).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => StoreError::NotFound(format!("blob {id}")),
        _ => io_error::failed(format!("opening blob {id}"), error),
    })
}

#[async_trait]
impl Blobs for LocalBlobs {
    async fn admit(&self, bytes: u64) -> Result<Admission> {
        if let Some(history) = &self.history {
            while self.room.is_full_for(bytes) {
                let history = Arc::clone(history);
                let doing = "discarding the oldest part of the history".to_owned();
                let discarded = blocking::run(doing.clone(), move || {
                    history
                        .discard_oldest()
                        .map_err(|error| io_error::failed(doing, error))
                });
                if !discarded.await? {
                    break;
                }
                self.room.look_again();
            }
        }
        Admission::to(Arc::clone(&self.room) as _, bytes)
    }

    async fn create(&self, id: BlobId) -> Result<Box<dyn BlobWriter>> {
        Ok(Box::new(FileWriter::new(Arc::clone(&self.files), id)))
    }

    async fn open(&self, id: BlobId) -> Result<Box<dyn BlobReader>> {
        let directory = Arc::clone(&self.files.directory);
        blocking::run(format!("opening blob {id}"), move || {
            let file = open(&directory.layout, id)?;
            let written = blob_file::read_trailer(&file).map_err(|flaw| flaw.of(id))?;
            Ok(Box::new(FileReader::new(file, id, written.length)) as Box<dyn BlobReader>)
        })
        .await
    }

    async fn delete(&self, id: BlobId) -> Result<()> {
        let (files, history) = (Arc::clone(&self.files), self.history.clone());
        let doing = format!("deleting blob {id}");
        blocking::run(doing.clone(), move || {
            let _removing = files.directory.remove_blobs();
            let removed = match history {
                Some(history) => history.keep_blob(&files.shards, id),
                None => files.shards.remove(&files.directory.layout, id),
            };
            removed.map_err(|error| io_error::failed(doing, error))
        })
        .await
    }

    async fn sync_deletions(&self) -> Result<()> {
        let (files, history) = (Arc::clone(&self.files), self.history.clone());
        let doing = "making deletions of blobs durable".to_owned();
        blocking::run(doing.clone(), move || {
            // A kept blob has its new name before the old one goes.
            let kept = history.map_or(Ok(()), |history| history.sync());
            kept.and_then(|()| files.shards.sync_removals(&files.directory.layout))
                .map_err(|error| io_error::failed(doing, error))
        })
        .await
    }

    async fn list(&self, after: Option<BlobId>, limit: usize) -> Result<Vec<BlobId>> {
        let directory = Arc::clone(&self.files.directory);
        let doing = "listing blobs".to_owned();
        blocking::run(doing.clone(), move || {
            listing::list(&directory.layout, after, limit).map_err(|error| StoreError::failed(doing, error))
        })
        .await
    }

    async fn scrub(&self, id: BlobId) -> Result<WrittenBlob> {
        let directory = Arc::clone(&self.files.directory);
        blocking::run(format!("scrubbing blob {id}"), move || {
            let file = open(&directory.layout, id)?;
            blob_file::verify(&file).map_err(|flaw| flaw.of(id))
        })
        .await
    }
    async fn set_aside(&self, id: BlobId, now: u64) -> Result<u64> {
        self.lost("setting aside", id, move |files| lost::set_aside(files, id, now))
            .await
    }

    async fn list_lost(&self, after: Option<BlobId>, limit: usize) -> Result<Vec<LostBlob>> {
        let (files, listing) = (Arc::clone(&self.files), Arc::clone(&self.lost));
        let doing = "listing lost blobs".to_owned();
        blocking::run(doing.clone(), move || {
            lost::list(&files, &listing, after, limit).map_err(|error| io_error::failed(doing, error))
        })
        .await
    }

    async fn restore_lost(&self, id: BlobId) -> Result<()> {
        self.lost("restoring", id, move |files| lost::restore(files, id))
            .await
    }

    async fn delete_lost(&self, id: BlobId) -> Result<()> {
        self.lost("deleting lost", id, move |files| lost::delete(files, id))
            .await
    }
}
