//! File of a blob that is being written: in tmp/ until it is complete, then at its final path.
//!
//! Whole buffers bypass the page cache: copying into it costs up to ten times as much processor time as writing to the
//! disk, and many blobs are not read soon. Blobs smaller than a buffer are written through the page cache.

use crate::blobs::WrittenBlob;
use crate::checksum::Checksum;
use crate::error::Result;
use crate::id::BlobId;
use crate::local::blob_file;
use crate::local::buffers::{ALIGNMENT, Buffer, Buffers};
use crate::local::directory::{Directory, sync_directory};
use crate::local::io_error;
use crate::local::layout::shard_of;
use crate::local::shards::Shards;
use bytes::Bytes;
use rustix::fs::OFlags;
use rustix::io::Errno;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::Arc;

/// Bytes whose checksum is computed before they are copied: they stay in the processor's cache for the copy.
const STEP: usize = 64 << 10;

/// State that all drafts of a store share.
pub(super) struct BlobFiles {
    pub(super) directory: Arc<Directory>,
    pub(super) shards: Shards,
    pub(super) buffers: Arc<Buffers>,
}

/// A blob being written.
pub(super) struct Draft {
    id: BlobId,
    checksum: Checksum,
    buffer: Buffer,
    /// Created when the first buffer is full, or at the end.
    file: Option<DraftFile>,
    files: Arc<BlobFiles>,
}

/// File of a draft, removed on drop unless the blob was finished.
struct DraftFile {
    file: File,
    /// Bytes written.
    end: u64,
    /// True while the file is written without the page cache.
    is_direct: bool,
    place: Place,
    id: BlobId,
    files: Arc<BlobFiles>,
}

enum Place {
    Temporary(PathBuf),
    /// The final path, but not yet durable there.
    Unsynced,
    Finished,
}

impl Draft {
    pub(super) fn new(files: Arc<BlobFiles>, id: BlobId) -> Self {
        Self {
            id,
            checksum: Checksum::new(),
            buffer: files.buffers.take(),
            file: None,
            files,
        }
    }

    pub(super) fn write(&mut self, pieces: &[Bytes]) -> Result<()> {
        pieces
            .iter()
            .flat_map(|piece| piece.chunks(STEP))
            .try_for_each(|bytes| {
                self.checksum.update(bytes);
                self.append(bytes)
            })
            .map_err(|error| io_error::failed(format!("writing blob {}", self.id), error))
    }

    /// Makes the blob durable at its final path.
    pub(super) fn finish(mut self) -> Result<WrittenBlob> {
        let written = self.checksum.written();
        self.settle(written)
            .map_err(|error| io_error::failed(format!("finishing blob {}", self.id), error))?;
        Ok(written)
    }

    fn append(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            self.buffer.fill(&mut bytes);
            if self.buffer.is_full() {
                let file = match &mut self.file {
                    Some(file) => file,
                    none => none.insert(DraftFile::create(&self.files, self.id, true)?),
                };
                file.write(self.buffer.filled())?;
                self.buffer.clear();
            }
        }
        Ok(())
    }

    fn settle(&mut self, written: WrittenBlob) -> io::Result<()> {
        self.append(&blob_file::trailer(written))?;
        let mut file = match self.file.take() {
            Some(file) => file,
            None => DraftFile::create(&self.files, self.id, false)?,
        };
        let rest = self.buffer.filled();
        let (whole, end) = rest.split_at(rest.len() / ALIGNMENT * ALIGNMENT);
        file.write(whole)?;
        // Direct I/O cannot write a part of a block.
        file.write_through_the_page_cache()?;
        file.write(end)?;
        file.place()
    }
}

/// Lets writes to a file bypass the page cache. Returns false if its file system has no direct I/O.
///
/// A file that is opened with the flag exists even if the file system then refuses the flag.
fn bypass_the_page_cache(file: &File) -> io::Result<bool> {
    let flags = rustix::fs::fcntl_getfl(file)?;
    match rustix::fs::fcntl_setfl(file, flags | OFlags::DIRECT) {
        Ok(()) => Ok(true),
        Err(Errno::INVAL) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

impl DraftFile {
    fn create(files: &Arc<BlobFiles>, id: BlobId, is_direct: bool) -> io::Result<Self> {
        let (file, path) = files.directory.new_file()?;
        let is_direct = is_direct && bypass_the_page_cache(&file)?;
        Ok(Self {
            file,
            end: 0,
            is_direct,
            place: Place::Temporary(path),
            id,
            files: Arc::clone(files),
        })
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self.file.write_all_at(bytes, self.end) {
            // A device whose blocks are larger than the alignment, or a short write that left an unaligned rest. The
            // same bytes are written again at the same place.
            Err(error) if self.is_direct && is_invalid(&error) => {
                self.write_through_the_page_cache()?;
                self.file.write_all_at(bytes, self.end)?;
            }
            result => result?,
        }
        self.end += bytes.len() as u64;
        Ok(())
    }

    fn write_through_the_page_cache(&mut self) -> io::Result<()> {
        if self.is_direct {
            let flags = rustix::fs::fcntl_getfl(&self.file)?;
            rustix::fs::fcntl_setfl(&self.file, flags - OFlags::DIRECT)?;
            self.is_direct = false;
        }
        Ok(())
    }

    /// Moves the complete file to its final path and makes both durable.
    ///
    /// It is moved before it is synced, so that a file system with a journal makes content and name durable in one step.
    /// A power cut in between may leave a blob with an incomplete content, but no row refers to it yet.
    fn place(mut self) -> io::Result<()> {
        let (files, id) = (Arc::clone(&self.files), self.id);
        let layout = &files.directory.layout;
        if let Place::Temporary(path) = &self.place {
            files.directory.count_blob();
            let moved = files.shards.place(layout, path, id)?;
            self.place = Place::Unsynced;
            self.file.sync_data()?;
            sync_directory(&layout.shard(id.partition, shard_of(id)))?;
            files.shards.confirm(layout, id, moved)?;
            self.place = Place::Finished;
        }
        Ok(())
    }
}

fn is_invalid(error: &io::Error) -> bool {
    error.raw_os_error() == Some(Errno::INVAL.raw_os_error())
}

impl Drop for DraftFile {
    fn drop(&mut self) {
        let layout = &self.files.directory.layout;
        let removed = match &self.place {
            Place::Temporary(path) => std::fs::remove_file(path),
            Place::Unsynced => self.files.shards.remove(layout, self.id),
            Place::Finished => return,
        };
        if let Err(error) = removed {
            tracing::warn!(
                blob = %self.id,
                %error,
                "cannot delete the file of an unfinished blob; it is dealt with at the next start"
            );
        }
    }
}
