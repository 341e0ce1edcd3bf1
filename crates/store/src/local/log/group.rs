//! Groups: the records of the log. A group carries the changes of all commits that were made durable together.
//!
//! ```text
//! 0   4  "SRG1"
//! 4   4  length of the body
//! 8   8  number of the first commit
//! 16  8  number of the last commit
//! 24  4  number of changes
//! 28  4  time of the group, in seconds since 1970
//! 32 32  chain value: MAC of the previous chain value, bytes 0 to 32 of this header, and the body
//! 64  8  CRC-64/NVME of bytes 0 to 64 of this header, and the body
//! ```
//! Numbers are big endian. The body is the changes in the order of their keys:
//! `kind (1: put, 0: delete) ‖ length of the key (2) ‖ length of the value (4) ‖ key ‖ value`.

use crate::authenticator::{Authenticator, MacPurpose};
use bytes::Bytes;
use crc_fast::{CrcAlgorithm, Digest};
use std::collections::BTreeMap;

/// Keys of the database with their new values. `None`: the key is deleted.
pub(in crate::local) type Changes = BTreeMap<Vec<u8>, Option<Bytes>>;

/// Value that binds a group to all groups before it.
pub(in crate::local) type Chain = [u8; 32];

/// First bytes of a group.
pub(super) const MAGIC: [u8; 4] = *b"SRG1";

pub(super) const HEADER_BYTES: usize = 72;

/// Bytes of the header that the chain value covers.
const CHAINED: usize = 32;

/// Bytes of the header that the checksum covers.
const SUMMED: usize = 64;

/// Bytes of a change before its key.
const CHANGE_BYTES: usize = 7;

const DELETE: u8 = 0;
const PUT: u8 = 1;

/// Numbers of the commits in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::local) struct Numbers {
    pub(in crate::local) first: u64,
    pub(in crate::local) last: u64,
}

/// A key with its new value. `None`: the key is deleted.
pub(super) type Change<'a> = (&'a [u8], Option<&'a [u8]>);

/// A group of the log, read and checked against its checksum.
#[derive(Debug)]
pub(super) struct Group<'a> {
    pub(super) numbers: Numbers,
    pub(super) chain: Chain,
    /// Time at which the group was written, in seconds since 1970.
    pub(super) time: u32,
    count: u32,
    chained: &'a [u8],
    body: &'a [u8],
}

/// Reason why bytes are no group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoGroup {
    #[error("there is no group")]
    Magic,
    #[error("a group is cut off")]
    Short,
    #[error("a group does not match its checksum")]
    Checksum,
    #[error("a group is malformed")]
    Malformed,
}

/// Encodes a group. Returns its bytes and its chain value.
///
/// Keys have at most 64 KiB and values at most 4 GiB; the callers' limits are far below.
pub(super) fn encode(
    numbers: Numbers,
    time: u32,
    changes: &Changes,
    previous: &Chain,
    authenticator: &dyn Authenticator,
) -> (Vec<u8>, Chain) {
    let size = |(key, value): (&Vec<u8>, &Option<Bytes>)| {
        CHANGE_BYTES + key.len() + value.as_ref().map_or(0, Bytes::len)
    };
    let body_bytes = changes.iter().map(size).sum::<usize>();
    let mut bytes = Vec::with_capacity(HEADER_BYTES + body_bytes);
    bytes.extend_from_slice(&MAGIC);
    bytes.extend_from_slice(&length(body_bytes).to_be_bytes());
    bytes.extend_from_slice(&numbers.first.to_be_bytes());
    bytes.extend_from_slice(&numbers.last.to_be_bytes());
    bytes.extend_from_slice(&length(changes.len()).to_be_bytes());
    bytes.extend_from_slice(&time.to_be_bytes());
    bytes.resize(HEADER_BYTES, 0);
    for (key, value) in changes {
        let kind = if value.is_some() { PUT } else { DELETE };
        let value = value.as_deref().unwrap_or_default();
        bytes.push(kind);
        bytes.extend_from_slice(&u16::try_from(key.len()).unwrap_or(u16::MAX).to_be_bytes());
        bytes.extend_from_slice(&length(value.len()).to_be_bytes());
        bytes.extend_from_slice(key);
        bytes.extend_from_slice(value);
    }
    let chain = authenticator.mac(
        MacPurpose::Log,
        &[previous, &bytes[..CHAINED], &bytes[HEADER_BYTES..]],
    );
    bytes[CHAINED..SUMMED].copy_from_slice(&chain);
    let sum = checksum(&bytes[..SUMMED], &bytes[HEADER_BYTES..]);
    bytes[SUMMED..HEADER_BYTES].copy_from_slice(&sum.to_be_bytes());
    (bytes, chain)
}

fn length(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

fn checksum(header: &[u8], body: &[u8]) -> u64 {
    let mut digest = Digest::new(CrcAlgorithm::Crc64Nvme);
    digest.update(header);
    digest.update(body);
    digest.finalize()
}

impl<'a> Group<'a> {
    /// Reads the group at the start of `bytes`.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, NoGroup> {
        if !bytes.starts_with(&MAGIC) {
            return Err(NoGroup::Magic);
        }
        let (header, rest) = bytes.split_at_checked(HEADER_BYTES).ok_or(NoGroup::Short)?;
        let number = |at: usize| u32::from_be_bytes(array(&header[at..at + 4]));
        let wide = |at: usize| u64::from_be_bytes(array(&header[at..at + 8]));
        let length = usize::try_from(number(4)).map_err(|_| NoGroup::Short)?;
        let body = rest.get(..length).ok_or(NoGroup::Short)?;
        if checksum(&header[..SUMMED], body) != wide(SUMMED) {
            return Err(NoGroup::Checksum);
        }
        let group = Self {
            numbers: Numbers {
                first: wide(8),
                last: wide(16),
            },
            chain: array(&header[CHAINED..SUMMED]),
            time: number(28),
            count: number(24),
            chained: &header[..CHAINED],
            body,
        };
        if group.numbers.first > group.numbers.last || group.changes().is_none() {
            return Err(NoGroup::Malformed);
        }
        Ok(group)
    }

    /// Returns the length of the whole group in bytes.
    pub(super) fn bytes(&self) -> usize {
        HEADER_BYTES + self.body.len()
    }

    /// Returns whether the group follows the one with the chain value `previous`.
    pub(super) fn follows(&self, previous: &Chain, authenticator: &dyn Authenticator) -> bool {
        let expected = authenticator.mac(MacPurpose::Log, &[previous, self.chained, self.body]);
        expected == self.chain
    }

    /// Returns the keys and their new values. `None`: the body is malformed.
    pub(super) fn changes(&self) -> Option<Vec<Change<'a>>> {
        let mut rest = self.body;
        // The count comes from the file, so it does not size the allocation.
        let mut changes = Vec::new();
        for _ in 0..self.count {
            let (head, after) = rest.split_at_checked(CHANGE_BYTES)?;
            let key_bytes = usize::from(u16::from_be_bytes(array(&head[1..3])));
            let value_bytes = usize::try_from(u32::from_be_bytes(array(&head[3..7]))).ok()?;
            let (key, after) = after.split_at_checked(key_bytes)?;
            let (value, after) = after.split_at_checked(value_bytes)?;
            changes.push(match head[0] {
                PUT => (key, Some(value)),
                DELETE if value.is_empty() => (key, None),
                _ => return None,
            });
            rest = after;
        }
        rest.is_empty().then_some(changes)
    }
}

/// Converts a slice whose length is known to be `N`.
fn array<const N: usize>(slice: &[u8]) -> [u8; N] {
    let mut array = [0; N];
    array.copy_from_slice(slice);
    array
}

#[cfg(test)]
mod tests;
