//! Writing of a blob to a file in tmp/, which is moved to its final path when it is complete.
//!
//! Bytes are collected while the bytes before them are written on a blocking thread. No thread is occupied while the
//! caller has nothing to write: slow uploads must not use up the blocking threads.

use crate::blobs::{BlobWriter, WrittenBlob};
use crate::checksum::Checksum;
use crate::error::{Result, StoreError};
use crate::id::BlobId;
use crate::local::blob_file;
use crate::local::blocking;
use crate::local::directory::Directory;
use crate::local::shards::Shards;
use async_trait::async_trait;
use bytes::Bytes;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::task::JoinHandle;

/// Size from which on the collected bytes are written. The same number of bytes may be in the write before, so a writer
/// holds 1 MiB, plus at most two pieces of the caller.
const GATHER_BYTES: usize = 512 << 10;

/// Pieces smaller than this are joined before they are written.
const JOIN_BYTES: usize = 64 << 10;

/// File in tmp/, removed on drop unless it was moved to its final path.
struct Draft {
    file: File,
    path: PathBuf,
    checksum: Checksum,
    id: BlobId,
    /// True until the file is moved to its final path.
    temporary: bool,
    directory: Arc<Directory>,
}

impl Draft {
    fn write(&mut self, pieces: &[Bytes]) -> Result<()> {
        let mut file = BufWriter::with_capacity(JOIN_BYTES, &self.file);
        pieces
            .iter()
            .try_for_each(|piece| {
                self.checksum.update(piece);
                file.write_all(piece)
            })
            .and_then(|()| file.flush())
            .map_err(|error| StoreError::failed(format!("writing blob {}", self.id), error))
    }

    fn finish(mut self, shards: &Shards) -> Result<WrittenBlob> {
        let written = self.checksum.written();
        self.settle(shards, written)
            .map_err(|error| StoreError::failed(format!("finishing blob {}", self.id), error))?;
        Ok(written)
    }

    fn settle(&mut self, shards: &Shards, written: WrittenBlob) -> io::Result<()> {
        self.file.write_all(&blob_file::trailer(written))?;
        self.file.sync_data()?;
        shards.place(&self.directory.layout, &self.path, self.id)?;
        self.temporary = false;
        Ok(())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if self.temporary
            && let Err(error) = std::fs::remove_file(&self.path)
        {
            tracing::warn!(
                path = %self.path.display(),
                %error,
                "cannot delete the file of an unfinished blob; the next start deletes it"
            );
        }
    }
}

/// Owner of the draft.
enum DraftLocation {
    /// The writer.
    Here(Box<Draft>),
    /// A blocking thread that writes to it. If the write fails, the thread drops the draft.
    Writing(JoinHandle<Result<Box<Draft>>>),
    /// Nobody: it was dropped after a failed write.
    Lost,
}

pub(super) struct FileWriter {
    place: DraftLocation,
    gathered: Vec<Bytes>,
    gathered_bytes: usize,
    id: BlobId,
    shards: Arc<Shards>,
}

impl FileWriter {
    pub(super) fn create(directory: Arc<Directory>, shards: Arc<Shards>, id: BlobId) -> Result<Self> {
        let (file, path) = directory
            .new_file()
            .map_err(|error| StoreError::failed(format!("creating blob {id}"), error))?;
        let draft = Draft {
            file,
            path,
            checksum: Checksum::new(),
            id,
            temporary: true,
            directory,
        };
        Ok(Self {
            place: DraftLocation::Here(Box::new(draft)),
            gathered: Vec::new(),
            gathered_bytes: 0,
            id,
            shards,
        })
    }

    /// Returns the draft, after the write in progress if there is one.
    async fn draft(&mut self) -> Result<Box<Draft>> {
        // If this future is dropped while it waits, the blocking thread drops the draft.
        match std::mem::replace(&mut self.place, DraftLocation::Lost) {
            DraftLocation::Here(draft) => Ok(draft),
            DraftLocation::Writing(write) => match write.await {
                Ok(result) => result,
                Err(lost) if lost.is_panic() => {
                    Err(StoreError::failed(format!("writing blob {}", self.id), lost))
                }
                Err(_) => Err(StoreError::Closing),
            },
            DraftLocation::Lost => Err(StoreError::failed(
                format!("writing blob {}", self.id),
                "an earlier write failed",
            )),
        }
    }
}

#[async_trait]
impl BlobWriter for FileWriter {
    async fn write(&mut self, bytes: Bytes) -> Result<()> {
        self.gathered_bytes += bytes.len();
        self.gathered.push(bytes);
        if self.gathered_bytes >= GATHER_BYTES {
            let mut draft = self.draft().await?;
            let pieces = std::mem::take(&mut self.gathered);
            self.gathered_bytes = 0;
            self.place = DraftLocation::Writing(tokio::task::spawn_blocking(move || {
                draft.write(&pieces)?;
                Ok(draft)
            }));
        }
        Ok(())
    }

    async fn finish(mut self: Box<Self>) -> Result<WrittenBlob> {
        let mut draft = self.draft().await?;
        let pieces = std::mem::take(&mut self.gathered);
        let shards = Arc::clone(&self.shards);
        blocking::run(format!("finishing blob {}", self.id), move || {
            draft.write(&pieces)?;
            draft.finish(&shards)
        })
        .await
    }
}
