//! A part's content, sealed in chunks: the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015) over
//! AES-256-GCM.
//!
//! ```text
//! header   0   1   suite
//!          1   1   kind: 1, a part
//!          2   1   16: a chunk holds 2^16 plaintext bytes
//!          3   1   0
//!          4   4   part number, big endian
//!          8   32  salt
//! chunk    ciphertext, tag 16
//! ```
//!
//! `part key = HKDF-Expand(HKDF-Extract(salt, data key), "part" | part number, 32)`: the salt is fresh for each part
//! that is written, so that the same part sent again never uses the same key. Nonce of chunk i: three zero bytes, i as
//! eight bytes big endian, and 1 for the last chunk or else 0. Associated data of each chunk: the header.

use crate::aead::{AeadKey, Nonce};
use crate::derive::{self, Label};
use crate::error::{Error, Result};
use crate::keys::DataKey;
use crate::keys::Wrapped as _;
use crate::layout::{CHUNK, HEADER};
use crate::random::{self, Random};
use crate::secret::CleanStack;
use crate::suite::{SALT, Suite, TAG};

#[cfg(test)]
mod tests;

const KIND_PART: u8 = 1;
const CHUNK_BITS: u8 = 16;
const NUMBER_AT: usize = 4;
const SALT_AT: usize = 8;
/// Plaintext bytes of a full chunk, as a `usize`.
const CHUNK_LENGTH: usize = 1 << CHUNK_BITS;
const _: () = assert!(CHUNK_LENGTH as u64 == CHUNK);

/// Bytes before a part's first chunk.
pub type Header = [u8; HEADER];

/// Seals one part, chunk by chunk.
pub struct PartSealer {
    key: AeadKey,
    header: Header,
    next: u64,
}

impl PartSealer {
    /// Starts a part under a fresh salt.
    ///
    /// # Errors
    /// [`Error::Random`].
    pub fn new(data_key: &DataKey, number: u32, random: &dyn Random) -> Result<Self> {
        let header = header(number, &random::bytes(random)?);
        Ok(Self {
            key: part_key(data_key, &header)?,
            header,
            next: 0,
        })
    }

    /// Returns the bytes to write before the first chunk.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Returns the salt. The manifest must list it, so that no other sealing of the same part is accepted in its place.
    pub fn salt(&self) -> [u8; SALT] {
        salt_of(&self.header)
    }

    /// Seals a full chunk in place: `chunk` is 65,536 plaintext bytes followed by 16 spare ones for the tag.
    ///
    /// # Errors
    /// [`Error::ChunkSize`] for any other length.
    pub fn seal_next(&mut self, chunk: &mut [u8]) -> Result<()> {
        if chunk.len() != CHUNK_LENGTH + TAG {
            return Err(Error::ChunkSize(chunk.len()));
        }
        self.seal(chunk, false)?;
        self.next += 1;
        Ok(())
    }

    /// Seals the last chunk in place: 0 to 65,536 plaintext bytes followed by 16 spare ones for the tag. It may be
    /// empty only if it is the part's first.
    ///
    /// # Errors
    /// [`Error::ChunkSize`] for any other length.
    pub fn seal_last(self, chunk: &mut [u8]) -> Result<()> {
        let empty_after_others = chunk.len() == TAG && self.next > 0;
        if chunk.len() < TAG || chunk.len() > CHUNK_LENGTH + TAG || empty_after_others {
            return Err(Error::ChunkSize(chunk.len()));
        }
        self.seal(chunk, true)
    }

    fn seal(&self, chunk: &mut [u8], last: bool) -> Result<()> {
        let (plain, spare) = chunk.split_at_mut(chunk.len() - TAG);
        let tag = self
            .key
            .seal(Nonce::of_chunk(self.next, last), &self.header, plain)
            .map_err(|_| Error::ChunkSize(plain.len()))?;
        spare.copy_from_slice(&tag);
        Ok(())
    }
}

/// Opens the chunks of one part, in any order.
pub struct PartOpener {
    key: AeadKey,
    header: Header,
}

impl PartOpener {
    /// Prepares to open the part `number` that was sealed under `salt`, both as listed in the manifest.
    ///
    /// # Errors
    /// None that stored bytes can cause.
    pub fn new(data_key: &DataKey, number: u32, salt: &[u8; SALT]) -> Result<Self> {
        let header = header(number, salt);
        Ok(Self {
            key: part_key(data_key, &header)?,
            header,
        })
    }

    /// Compares the stored header with the expected one.
    ///
    /// # Errors
    /// [`Error::UnknownSuite`]; [`Error::Damaged`] if it belongs to another part, or to another sealing of this part.
    pub fn check_header(&self, stored: &[u8]) -> Result<()> {
        Suite::read(*stored.first().ok_or(Error::Damaged("part"))?)?;
        if stored == self.header {
            Ok(())
        } else {
            Err(Error::Damaged("part"))
        }
    }

    /// Opens chunk `index` in place and returns its plaintext. `last` tells whether it is the part's last one, which
    /// the caller knows from the part's length. Nothing of a chunk that fails may be used.
    ///
    /// # Errors
    /// [`Error::Damaged`] if any bit was changed, or the chunk was moved.
    pub fn open<'a>(&self, index: u64, last: bool, chunk: &'a mut [u8]) -> Result<&'a mut [u8]> {
        self.key
            .open(Nonce::of_chunk(index, last), &self.header, chunk)
            .map_err(|_| Error::Damaged("content"))
    }
}

fn header(number: u32, salt: &[u8; SALT]) -> Header {
    let mut header = [0; HEADER];
    header[..NUMBER_AT].copy_from_slice(&[Suite::One as u8, KIND_PART, CHUNK_BITS, 0]);
    header[NUMBER_AT..SALT_AT].copy_from_slice(&number.to_be_bytes());
    header[SALT_AT..].copy_from_slice(salt);
    header
}

fn salt_of(header: &Header) -> [u8; SALT] {
    let mut salt = [0; SALT];
    salt.copy_from_slice(&header[SALT_AT..]);
    salt
}

fn part_key(data_key: &DataKey, header: &Header) -> Result<AeadKey> {
    let _clean = CleanStack;
    let prk = derive::extract(&salt_of(header), data_key.expose());
    let key = derive::expand(&prk, Label::Part, &[&header[NUMBER_AT..SALT_AT]])?;
    AeadKey::new(&key)
}
