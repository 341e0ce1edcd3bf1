//! The mark: names the last acknowledged commit, in a file apart from the log.
//!
//! A log that ends before the mark has lost acknowledged commits, however whole it looks. The file has two slots, at the
//! offsets 0 and 4096, which are written in turn, so that a torn write leaves the mark before it:
//!
//! ```text
//! "SRMARK" 00 02 ‖ sequence number (8) ‖ last commit (8) ‖ chain value of its group (32) ‖ number of the list of tables (8)
//! ‖ number of orphans that are allowed (8) ‖ MAC of the store's id and everything before (32)
//! ```
//! Numbers are big endian. The slot of a mark is its sequence number modulo 2.

mod keeper;

pub(super) use keeper::MarkKeeper;

use crate::authenticator::{Authenticator, MacPurpose};
use crate::error::{Result, StoreError};
use crate::local::directory::FILE_MODE;
use crate::local::log::{Head, Origin};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::sync::Arc;

const MAGIC: [u8; 8] = *b"SRMARK\0\x02";

/// Distance of the slots: no write to one touches a disk block of the other.
const SLOT_BYTES: usize = 4096;

/// Length of a mark without its MAC.
const CONTENT_BYTES: usize = 72;

/// Content of the mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// Head of the log at the last acknowledged commit.
    pub(super) head: Head,
    /// Sequence number of the list of tables; 0: there is none.
    pub(super) list: u64,
    /// Maximum number of blobs that have no row.
    pub(super) orphans: u64,
}

/// File of the mark.
pub(super) struct MarkFile {
    file: File,
    origin: Origin,
    authenticator: Arc<dyn Authenticator>,
    sequence: u64,
}

impl MarkFile {
    /// Creates the file with a first mark. It is durable on return, except for its name in the directory.
    pub(super) fn create(
        path: &Path,
        origin: Origin,
        authenticator: Arc<dyn Authenticator>,
        mark: Mark,
    ) -> io::Result<Self> {
        let file = OpenOptions::new()
            .create(true)
            .truncate(true)
            .write(true)
            .mode(FILE_MODE)
            .open(path)?;
        file.write_all_at(&[0; 2 * SLOT_BYTES], 0)?;
        file.sync_all()?;
        let mut file = Self {
            file,
            origin,
            authenticator,
            sequence: 0,
        };
        file.write(mark)?;
        Ok(file)
    }

    /// Opens the file and returns its newest mark.
    pub(super) fn open(
        path: &Path,
        origin: Origin,
        authenticator: Arc<dyn Authenticator>,
    ) -> Result<(Self, Mark)> {
        let (sequence, mark) = read(path, &origin, &*authenticator)?;
        let file = OpenOptions::new()
            .write(true)
            .open(path)
            .map_err(|error| StoreError::failed(format!("opening {}", path.display()), error))?;
        let file = Self {
            file,
            origin,
            authenticator,
            sequence,
        };
        Ok((file, mark))
    }

    /// Replaces the older of the two marks. It is durable on return.
    pub(super) fn write(&mut self, mark: Mark) -> io::Result<()> {
        let sequence = self.sequence + 1;
        let bytes = encode(sequence, mark, &self.origin, &*self.authenticator);
        self.file.write_all_at(&bytes, sequence % 2 * SLOT_BYTES as u64)?;
        self.file.sync_data()?;
        self.sequence = sequence;
        Ok(())
    }
}

/// Returns the newest mark of a file with its sequence number. Changes nothing.
pub(super) fn read(path: &Path, origin: &Origin, authenticator: &dyn Authenticator) -> Result<(u64, Mark)> {
    let name = || format!("the mark {}", path.display());
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(StoreError::damaged(name(), "it is missing"));
        }
        Err(error) => return Err(StoreError::failed(format!("reading {}", path.display()), error)),
    };
    let slots = [0, SLOT_BYTES].into_iter().filter_map(|at| bytes.get(at..));
    slots
        .filter_map(|slot| decode(slot, origin, authenticator))
        .max_by_key(|(sequence, _)| *sequence)
        .ok_or_else(|| StoreError::damaged(name(), "none of its two slots is what this store wrote"))
}

fn encode(sequence: u64, mark: Mark, origin: &Origin, authenticator: &dyn Authenticator) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend_from_slice(&sequence.to_be_bytes());
    bytes.extend_from_slice(&mark.head.number.to_be_bytes());
    bytes.extend_from_slice(&mark.head.chain);
    bytes.extend_from_slice(&mark.list.to_be_bytes());
    bytes.extend_from_slice(&mark.orphans.to_be_bytes());
    let mac = mac(&bytes, origin, authenticator);
    bytes.extend_from_slice(&mac);
    bytes
}

fn decode(slot: &[u8], origin: &Origin, authenticator: &dyn Authenticator) -> Option<(u64, Mark)> {
    let (content, rest) = slot.split_at_checked(CONTENT_BYTES)?;
    if !rest.starts_with(&mac(content, origin, authenticator)) {
        return None;
    }
    let content = content.strip_prefix(&MAGIC)?;
    let number = |at: usize| Some(u64::from_be_bytes(*content.get(at..)?.first_chunk()?));
    let mark = Mark {
        head: Head {
            number: number(8)?,
            chain: *content.get(16..)?.first_chunk()?,
        },
        list: number(48)?,
        orphans: number(56)?,
    };
    Some((number(0)?, mark))
}

fn mac(content: &[u8], origin: &Origin, authenticator: &dyn Authenticator) -> [u8; 32] {
    authenticator.mac(MacPurpose::Mark, &[&origin.store, &origin.timeline, content])
}

#[cfg(test)]
mod tests;
