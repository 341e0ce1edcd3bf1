//! Writing of a blob, mostly on blocking threads.
//!
//! Bytes are collected while the bytes before them are written on a blocking thread. No thread is occupied while the
//! caller has nothing to write: slow uploads must not use up the blocking threads. The last bytes are written together
//! with the end of the blob, so a blob of one piece needs a blocking thread only once.

use crate::blobs::{BlobWriter, WrittenBlob};
use crate::error::{Result, StoreError};
use crate::id::BlobId;
use crate::local::blocking;
use crate::local::draft::{BlobFiles, Draft};
use async_trait::async_trait;
use bytes::Bytes;
use std::sync::Arc;
use tokio::task::JoinHandle;

/// Size from which on the collected bytes are written when more arrive. As many may be in the write before, so a writer
/// holds 1 MiB, at most two pieces of the caller, and a buffer.
const GATHER_BYTES: usize = 512 << 10;

/// Owner of the draft.
enum DraftLocation {
    /// Nobody: nothing was written yet.
    Unbegun,
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
    files: Arc<BlobFiles>,
}

impl FileWriter {
    pub(super) fn new(files: Arc<BlobFiles>, id: BlobId) -> Self {
        Self {
            place: DraftLocation::Unbegun,
            gathered: Vec::new(),
            gathered_bytes: 0,
            id,
            files,
        }
    }

    /// Returns the draft, after the write in progress if there is one.
    async fn draft(&mut self) -> Result<Box<Draft>> {
        // If this future is dropped while it waits, the blocking thread drops the draft.
        match std::mem::replace(&mut self.place, DraftLocation::Lost) {
            DraftLocation::Unbegun => Ok(Box::new(Draft::new(Arc::clone(&self.files), self.id))),
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
        if self.gathered_bytes >= GATHER_BYTES {
            let mut draft = self.draft().await?;
            let pieces = std::mem::take(&mut self.gathered);
            self.gathered_bytes = 0;
            self.place = DraftLocation::Writing(tokio::task::spawn_blocking(move || {
                draft.write(&pieces)?;
                Ok(draft)
            }));
        }
        self.gathered_bytes += bytes.len();
        self.gathered.push(bytes);
        Ok(())
    }

    async fn finish(mut self: Box<Self>) -> Result<WrittenBlob> {
        let mut draft = self.draft().await?;
        let pieces = std::mem::take(&mut self.gathered);
        blocking::run(format!("finishing blob {}", self.id), move || {
            draft.write(&pieces)?;
            draft.finish()
        })
        .await
    }
}
