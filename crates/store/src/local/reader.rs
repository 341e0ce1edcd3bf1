//! Reading of a blob's file. The file stays open, so it can be read to the end even if the blob is deleted meanwhile.

use crate::blobs::BlobReader;
use crate::error::{Result, StoreError};
use crate::id::BlobId;
use crate::local::blocking;
use async_trait::async_trait;
use bytes::Bytes;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

pub(super) struct FileReader {
    file: Arc<File>,
    id: BlobId,
    length: u64,
}

impl FileReader {
    pub(super) fn new(file: File, id: BlobId, length: u64) -> Self {
        Self {
            file: Arc::new(file),
            id,
            length,
        }
    }
}

#[async_trait]
impl BlobReader for FileReader {
    fn length(&self) -> u64 {
        self.length
    }

    async fn read(&self, range: Range<u64>) -> Result<Bytes> {
        let (id, file) = (self.id, Arc::clone(&self.file));
        let count = range
            .end
            .checked_sub(range.start)
            .and_then(|count| usize::try_from(count).ok());
        let Some(count) = count.filter(|_| range.end <= self.length) else {
            return Err(StoreError::too_short(id, &range, self.length));
        };
        blocking::run(format!("reading blob {id}"), move || {
            let mut bytes = vec![0; count];
            match file.read_exact_at(&mut bytes, range.start) {
                Ok(()) => Ok(Bytes::from(bytes)),
                // The file was truncated after it was opened.
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    let length = file.metadata().map_or(0, |metadata| metadata.len());
                    Err(StoreError::too_short(id, &range, length))
                }
                Err(error) => Err(StoreError::failed(format!("reading blob {id}"), error)),
            }
        })
        .await
    }
}
