//! Appends groups to the log.

use crate::authenticator::Authenticator;
use crate::local::log::Head;
use crate::local::log::group::{self, Changes, Numbers};
use crate::local::log::segment::{self, HEADER_BYTES, Origin, SegmentHeader};
use crate::local::tree_copy::TreeCopy;
use crate::local::wall_clock;
use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Segments on the disk, oldest first. The writer adds segments, and the index removes those that it no longer needs.
pub(in crate::local) struct Segments {
    directory: PathBuf,
    list: Mutex<VecDeque<Entry>>,
    end: Mutex<Option<End>>,
}

/// End of the log after the last append of this process.
#[derive(Clone, Copy)]
struct End {
    ordinal: u64,
    /// End of the last group in the segment.
    offset: u64,
    head: Head,
}

/// A segment on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) ordinal: u64,
    /// Number of its first commit.
    pub(super) first: u64,
}

impl Segments {
    pub(super) fn new(directory: &Path, list: VecDeque<Entry>) -> Self {
        Self {
            directory: directory.to_owned(),
            list: Mutex::new(list),
            end: Mutex::new(None),
        }
    }

    /// Copies all segments, up to the last group that was durable at one moment. Returns its head; `None` if this process
    /// appended nothing yet. No segment may be deleted meanwhile.
    pub(in crate::local) fn copy(&self, to: &Path, copy: &mut TreeCopy) -> io::Result<Option<Head>> {
        let end = *self.end.lock().unwrap_or_else(PoisonError::into_inner);
        let list = self.list.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for Entry { ordinal, .. } in list {
            let (source, target) = (
                segment::path(&self.directory, ordinal),
                segment::path(to, ordinal),
            );
            match end {
                Some(end) if end.ordinal < ordinal => break,
                Some(end) if end.ordinal == ordinal => copy.copied_start(&source, &target, end.offset)?,
                _ => copy.copied_file(&source, &target)?,
            }
        }
        Ok(end.map(|end| end.head))
    }

    /// Returns the number of segments.
    pub(in crate::local) fn count(&self) -> usize {
        self.list.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    fn add(&self, entry: Entry) {
        self.list
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push_back(entry);
    }

    /// Calls `remove` for the path, the ordinal and the first commit of each segment that contains only commits up to
    /// `number`, except the newest one. The caller has made these commits durable elsewhere.
    pub(in crate::local) fn remove_through(
        &self,
        number: u64,
        remove: impl Fn(&Path, u64, u64) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut list = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        while let (Some(oldest), Some(next)) = (list.front(), list.get(1))
            && next.first <= number.saturating_add(1)
        {
            // Oldest first: a crash in between leaves segments with contiguous ordinals.
            remove(
                &segment::path(&self.directory, oldest.ordinal),
                oldest.ordinal,
                oldest.first,
            )?;
            list.pop_front();
        }
        Ok(())
    }
}

/// The segment to which groups are appended.
struct Open {
    file: File,
    ordinal: u64,
    offset: u64,
    size: u64,
}

/// Writer of the log. It never appends to a segment that an earlier process wrote, or to which an append failed: such a
/// segment may end with a torn group. The header of the next segment says where the log goes on.
pub(in crate::local) struct LogWriter {
    directory: PathBuf,
    origin: Origin,
    authenticator: Arc<dyn Authenticator>,
    segments: Arc<Segments>,
    head: Head,
    next_ordinal: u64,
    segment_bytes: u64,
    open: Option<Open>,
}

impl LogWriter {
    /// Creates the writer that continues a log after its head.
    pub(super) fn new(
        directory: &Path,
        origin: Origin,
        authenticator: Arc<dyn Authenticator>,
        head: Head,
        segments: Arc<Segments>,
        next_ordinal: u64,
        segment_bytes: u64,
    ) -> Self {
        Self {
            directory: directory.to_owned(),
            origin,
            authenticator,
            segments,
            head,
            next_ordinal,
            segment_bytes,
            open: None,
        }
    }

    /// Creates a log without groups, which goes on after `head`. Its first segment is durable on return.
    pub(in crate::local) fn create(
        directory: &Path,
        origin: Origin,
        authenticator: Arc<dyn Authenticator>,
        head: Head,
        segment_bytes: u64,
    ) -> io::Result<Self> {
        let segments = Arc::new(Segments::new(directory, VecDeque::new()));
        let mut writer = Self::new(directory, origin, authenticator, head, segments, 1, segment_bytes);
        writer.room_for(0)?;
        Ok(writer)
    }

    pub(in crate::local) fn head(&self) -> Head {
        self.head
    }

    pub(in crate::local) fn segments(&self) -> &Arc<Segments> {
        &self.segments
    }

    /// Appends a group with the changes of `commits` commits, at least one, and makes it durable. After an error, the
    /// group is not part of the log, and the next one gets its numbers.
    pub(in crate::local) fn append(&mut self, commits: u64, changes: &Changes) -> io::Result<Numbers> {
        let numbers = Numbers {
            first: self.head.number + 1,
            last: self.head.number + commits,
        };
        let time = u32::try_from(wall_clock::seconds()).unwrap_or(u32::MAX);
        let (bytes, chain) = group::encode(numbers, time, changes, &self.head.chain, &*self.authenticator);
        let open = self.room_for(bytes.len() as u64)?;
        let written = open
            .file
            .write_all_at(&bytes, open.offset)
            .and_then(|()| open.file.sync_data());
        if let Err(error) = written {
            // The group may be whole in the page cache. Without its header a restart does not find it, even if no
            // other segment can be created before.
            let _unreachable = open.file.write_all_at(&[0; group::HEADER_BYTES], open.offset);
            self.open = None;
            return Err(error);
        }
        open.offset += bytes.len() as u64;
        let end = End {
            ordinal: open.ordinal,
            offset: open.offset,
            head: Head {
                number: numbers.last,
                chain,
            },
        };
        self.head = end.head;
        *self.segments.end.lock().unwrap_or_else(PoisonError::into_inner) = Some(end);
        Ok(numbers)
    }

    /// Returns a segment with room for `bytes`; creates one if necessary.
    fn room_for(&mut self, bytes: u64) -> io::Result<&mut Open> {
        let open = match self.open.take() {
            Some(open) if open.offset + bytes <= open.size => open,
            _ => {
                let header = SegmentHeader {
                    ordinal: self.next_ordinal,
                    origin: self.origin,
                    first: self.head.number + 1,
                    chain: self.head.chain,
                };
                let size = self.segment_bytes.max(HEADER_BYTES as u64 + bytes);
                let file = segment::create(&self.directory, header, size)?;
                self.segments.add(Entry {
                    ordinal: header.ordinal,
                    first: header.first,
                });
                self.next_ordinal += 1;
                Open {
                    file,
                    ordinal: header.ordinal,
                    offset: HEADER_BYTES as u64,
                    size,
                }
            }
        };
        Ok(self.open.insert(open))
    }
}
