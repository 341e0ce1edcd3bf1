//! Segments: the files of the log.
//!
//! ```text
//! 0    8  "SRLOG" 00 00 01       magic and version
//! 8    8  ordinal of the segment, the same as in its name
//! 16  16  id of the store
//! 32  16  timeline of the store
//! 48   8  number of the first commit
//! 56  32  chain value of the group before that commit
//! 88   8  CRC-64/NVME of bytes 0 to 88
//! 96      groups, one after another; then zeros to the end of the file
//! ```

use crate::local::format::Format;
use crate::local::log::group::{Chain, Group};
use crc_fast::{CrcAlgorithm, checksum};
use rustix::fs::{FallocateFlags, fallocate};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

pub(super) const HEADER_BYTES: usize = 96;

const MAGIC: [u8; 8] = *b"SRLOG\0\0\x01";

/// Bytes of the header that the checksum covers.
const SUMMED: usize = 88;

const FILE_MODE: u32 = 0o600;

/// Identity of the log: groups of another store, or of another timeline of the same store, are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::local) struct Origin {
    pub(in crate::local) store: [u8; 16],
    pub(in crate::local) timeline: [u8; 16],
}

impl From<Format> for Origin {
    fn from(format: Format) -> Self {
        Self {
            store: format.id.0,
            timeline: format.timeline.0,
        }
    }
}

/// Header of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SegmentHeader {
    pub(super) ordinal: u64,
    pub(super) origin: Origin,
    /// Number of the first commit in the segment.
    pub(super) first: u64,
    /// Chain value of the group before it.
    pub(super) chain: Chain,
}

impl SegmentHeader {
    fn to_bytes(self) -> [u8; HEADER_BYTES] {
        let mut bytes = Vec::with_capacity(HEADER_BYTES);
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&self.ordinal.to_be_bytes());
        bytes.extend_from_slice(&self.origin.store);
        bytes.extend_from_slice(&self.origin.timeline);
        bytes.extend_from_slice(&self.first.to_be_bytes());
        bytes.extend_from_slice(&self.chain);
        bytes.extend_from_slice(&checksum(CrcAlgorithm::Crc64Nvme, &bytes).to_be_bytes());
        let mut header = [0; HEADER_BYTES];
        header.copy_from_slice(&bytes);
        header
    }

    /// Reads a header. `None`: the bytes are no header.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; HEADER_BYTES] = bytes.first_chunk()?;
        let (summed, sum) = bytes.split_at(SUMMED);
        if !summed.starts_with(&MAGIC) || sum != checksum(CrcAlgorithm::Crc64Nvme, summed).to_be_bytes() {
            return None;
        }
        let wide = |at: usize| Some(u64::from_be_bytes(*bytes.get(at..)?.first_chunk()?));
        Some(Self {
            ordinal: wide(8)?,
            origin: Origin {
                store: *bytes.get(16..)?.first_chunk()?,
                timeline: *bytes.get(32..)?.first_chunk()?,
            },
            first: wide(48)?,
            chain: *bytes.get(56..)?.first_chunk()?,
        })
    }
}

/// Reads the header of a segment. `None`: it has none.
pub(super) fn read_header(path: &Path) -> io::Result<Option<SegmentHeader>> {
    let mut bytes = [0; HEADER_BYTES];
    match File::open(path)?.read_exact(&mut bytes) {
        Ok(()) => Ok(SegmentHeader::parse(&bytes)),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}

/// Returns the path of a segment.
pub(in crate::local) fn path(directory: &Path, ordinal: u64) -> PathBuf {
    directory.join(format!("{ordinal:016x}"))
}

/// Returns the ordinals of all segments in ascending order.
pub(in crate::local) fn ordinals(directory: &Path) -> io::Result<Vec<u64>> {
    let mut ordinals = Vec::new();
    for entry in fs::read_dir(directory)? {
        let name = entry?.file_name();
        let name = name.to_string_lossy();
        if name.len() == 16
            && let Ok(ordinal) = u64::from_str_radix(&name, 16)
        {
            ordinals.push(ordinal);
        }
    }
    ordinals.sort_unstable();
    Ok(ordinals)
}

/// Returns the ordinals of all segments, each with the number of its first commit, in ascending order. Files without a
/// header of a segment are left out.
pub(in crate::local) fn first_commits(directory: &Path) -> io::Result<Vec<(u64, u64)>> {
    let mut found = Vec::new();
    for ordinal in ordinals(directory)? {
        let header = read_header(&path(directory, ordinal))?;
        found.extend(header.map(|header| (ordinal, header.first)));
    }
    Ok(found)
}

/// Returns the store and timeline that the headers of all segments name. `None`: they do not agree, or there is no whole
/// one.
pub(in crate::local) fn origin(directory: &Path) -> io::Result<Option<Origin>> {
    let mut origins = Vec::new();
    for ordinal in ordinals(directory)? {
        let header = read_header(&path(directory, ordinal))?;
        origins.extend(header.map(|header| header.origin));
    }
    let first = origins.first().copied();
    Ok(first.filter(|first| origins.iter().all(|origin| origin == first)))
}

/// Cuts off what follows the last group of a segment to which nothing is appended any more. Returns its new size.
pub(in crate::local) fn cut_unused(path: &Path) -> io::Result<u64> {
    let bytes = fs::read(path)?;
    let mut end = HEADER_BYTES.min(bytes.len());
    while let Ok(group) = Group::parse(&bytes[end..]) {
        end += group.bytes();
    }
    OpenOptions::new().write(true).open(path)?.set_len(end as u64)?;
    Ok(end as u64)
}

/// Creates a segment of `size` bytes, which are allocated, so that an append cannot run out of space. It is durable on
/// return.
pub(super) fn create(directory: &Path, header: SegmentHeader, size: u64) -> io::Result<File> {
    let draft = directory.join("new");
    let mut file = OpenOptions::new()
        .create(true)
        .truncate(true)
        .read(true)
        .write(true)
        .mode(FILE_MODE)
        .open(&draft)?;
    match fallocate(&file, FallocateFlags::empty(), 0, size) {
        // The file system has no fallocate: an append may then run out of space, which fails it.
        Ok(()) | Err(rustix::io::Errno::OPNOTSUPP) => {}
        Err(error) => return Err(error.into()),
    }
    file.write_all(&header.to_bytes())?;
    file.sync_all()?;
    fs::rename(&draft, path(directory, header.ordinal))?;
    File::open(directory)?.sync_all()?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_with_any_flipped_bit_is_refused() {
        let header = SegmentHeader {
            ordinal: 3,
            origin: Origin {
                store: [1; 16],
                timeline: [2; 16],
            },
            first: 77,
            chain: [5; 32],
        };
        let bytes = header.to_bytes();
        assert_eq!(SegmentHeader::parse(&bytes), Some(header));
        for bit in 0..HEADER_BYTES * 8 {
            let mut damaged = bytes;
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(SegmentHeader::parse(&damaged), None, "bit {bit}");
        }
        assert_eq!(SegmentHeader::parse(&bytes[..HEADER_BYTES - 1]), None);
    }
}
