//! The bytes of a blob's file: the sealed bytes, then a trailer of 24 bytes.
//!
//! ```text
//! sealed bytes
//! 8  magic and version  "SRBLOB\0\x01"
//! 8  length of the sealed bytes, big endian
//! 8  CRC-64/NVME over the sealed bytes, big endian
//! ```
//!
//! The trailer is at the end because length and checksum are known only when the stream ends.

use crate::blobs::WrittenBlob;
use crate::error::StoreError;
use crate::id::BlobId;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

const MAGIC: [u8; 8] = *b"SRBLOB\0\x01";

pub(super) const TRAILER_BYTES: u64 = 24;

/// Reason why a file is not an intact blob.
#[derive(Debug, thiserror::Error)]
pub(super) enum Flaw {
    #[error("the file is shorter than a trailer")]
    NoTrailer,
    #[error("the trailer is not that of a blob, or has a later version")]
    Magic,
    #[error("the file contains {found} sealed bytes instead of {expected}")]
    Length { expected: u64, found: u64 },
    #[error("the sealed bytes do not match their checksum")]
    Checksum,
    #[error(transparent)]
    Io(#[from] io::Error),
}

pub(super) fn trailer(written: WrittenBlob) -> [u8; 24] {
    let mut trailer = [0; 24];
    trailer[..8].copy_from_slice(&MAGIC);
    trailer[8..16].copy_from_slice(&written.length.to_be_bytes());
    trailer[16..].copy_from_slice(&written.checksum.to_be_bytes());
    trailer
}

/// Reads the trailer and compares it with the length of the file.
pub(super) fn read_trailer(file: &File) -> Result<WrittenBlob, Flaw> {
    let found = file
        .metadata()?
        .len()
        .checked_sub(TRAILER_BYTES)
        .ok_or(Flaw::NoTrailer)?;
    let mut words = [[0_u8; 8]; 3];
    file.read_exact_at(words.as_flattened_mut(), found)?;
    let [magic, length, checksum] = words;
    if magic != MAGIC {
        return Err(Flaw::Magic);
    }
    let expected = u64::from_be_bytes(length);
    if expected != found {
        return Err(Flaw::Length { expected, found });
    }
    Ok(WrittenBlob {
        length: expected,
        checksum: u64::from_be_bytes(checksum),
    })
}

/// Reads all sealed bytes and compares them with the trailer.
pub(super) fn verify(file: &File) -> Result<WrittenBlob, Flaw> {
    /// Bytes per read: enough for sequential speed on a disk.
    const PIECE: usize = 256 << 10;

    let trailer = read_trailer(file)?;
    let mut checksum = crate::checksum::Checksum::new();
    let mut buffer = vec![0; PIECE];
    let mut at = 0;
    while at < trailer.length {
        let wanted = usize::try_from(trailer.length - at).map_or(PIECE, |left| left.min(PIECE));
        let piece = &mut buffer[..wanted];
        file.read_exact_at(piece, at)?;
        checksum.update(piece);
        at += piece.len() as u64;
    }
    if checksum.written() != trailer {
        return Err(Flaw::Checksum);
    }
    Ok(trailer)
}

impl Flaw {
    /// Converts the flaw to an error of the store: `Damaged`, or `Failed` if the system could not read the file.
    pub(super) fn of(self, id: BlobId) -> StoreError {
        match self {
            Self::Io(error) if error.kind() != io::ErrorKind::UnexpectedEof => {
                StoreError::failed(format!("reading blob {id}"), error)
            }
            flaw => StoreError::damaged(format!("blob {id}"), flaw.to_string()),
        }
    }
}

#[cfg(test)]
mod tests;
