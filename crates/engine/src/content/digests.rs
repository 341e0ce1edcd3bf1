//! Checksums over plaintext: those of S3, and the MD5 that some `ETag`s are.

use crate::model::checksum::{ChecksumAlgorithm, ExpectedValue};
use crate::model::error::{Error, Result};
use aws_lc_rs::digest;
use bytes::Bytes;
use md5::{Digest as _, Md5};
use strongroom_seal::Checksum;
use tokio::task::JoinHandle;

#[cfg(test)]
mod tests;

/// Computes the checksum of bytes in memory.
pub fn checksum_of(algorithm: ChecksumAlgorithm, bytes: &[u8]) -> Vec<u8> {
    let mut digests = Digests::new(false, algorithm);
    digests.update(bytes);
    digests.finish().value
}

/// Combines the checksums of consecutive byte ranges, given with their lengths, into the checksum of the whole. `None`:
/// the algorithm's checksums cannot be combined, or there are no parts.
pub(crate) fn joined<'a>(
    algorithm: ChecksumAlgorithm,
    parts: impl Iterator<Item = (&'a [u8], u64)>,
) -> Option<Vec<u8>> {
    let crc = algorithm.crc()?;
    let value = |bytes: &[u8]| bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
    let whole =
        parts
            .map(|(checksum, length)| (value(checksum), length))
            .reduce(|(before, sum), (next, length)| {
                (
                    crc_fast::checksum_combine(crc, before, next, length),
                    sum + length,
                )
            });
    let bytes = whole?.0.to_be_bytes();
    Some(bytes[bytes.len() - algorithm.length()..].to_vec())
}

#[expect(
    clippy::large_enum_variant,
    reason = "one lives for a request, and behind a box"
)]
enum Hash {
    Crc(crc_fast::Digest),
    Sha(digest::Context),
}

/// Checksums being computed.
pub(crate) struct Digests {
    md5: Option<Md5>,
    algorithm: ChecksumAlgorithm,
    hash: Hash,
}

/// Computed checksums.
pub(crate) struct Digested {
    pub(crate) md5: Option<[u8; 16]>,
    pub(crate) algorithm: ChecksumAlgorithm,
    pub(crate) value: Vec<u8>,
}

impl Digests {
    pub(crate) fn new(md5: bool, algorithm: ChecksumAlgorithm) -> Self {
        let hash = match (algorithm.crc(), algorithm) {
            (Some(crc), _) => Hash::Crc(crc_fast::Digest::new(crc)),
            (None, ChecksumAlgorithm::Sha1) => {
                Hash::Sha(digest::Context::new(&digest::SHA1_FOR_LEGACY_USE_ONLY))
            }
            (None, _) => Hash::Sha(digest::Context::new(&digest::SHA256)),
        };
        Self {
            md5: md5.then(Md5::new),
            algorithm,
            hash,
        }
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        if let Some(md5) = &mut self.md5 {
            md5.update(bytes);
        }
        match &mut self.hash {
            Hash::Crc(crc) => crc.update(bytes),
            Hash::Sha(sha) => sha.update(bytes),
        }
    }

    fn update_all(&mut self, pieces: &[Bytes]) {
        for piece in pieces {
            self.update(piece);
        }
    }

    pub(crate) fn finish(self) -> Digested {
        let value = match self.hash {
            Hash::Crc(crc) => {
                let value = crc.finalize().to_be_bytes();
                value[value.len() - self.algorithm.length()..].to_vec()
            }
            Hash::Sha(sha) => sha.finish().as_ref().to_vec(),
        };
        Digested {
            md5: self.md5.map(|md5| md5.finalize().into()),
            algorithm: self.algorithm,
            value,
        }
    }

    /// Returns whether hashing is slow enough to be worth a thread of its own. CRCs run at memory speed.
    fn slow(&self) -> bool {
        self.md5.is_some() || matches!(self.hash, Hash::Sha(_))
    }
}

impl Digested {
    /// Compares the checksums with those that the request gave.
    ///
    /// # Errors
    /// [`Error::BadDigest`], [`Error::BadChecksum`], [`Error::BadTrailer`].
    pub(crate) fn verify(&self, md5: Option<[u8; 16]>, expected: Option<ExpectedValue>) -> Result<()> {
        if md5.is_some() && md5 != self.md5 {
            return Err(Error::BadDigest);
        }
        let expected = match expected {
            None => return Ok(()),
            Some(ExpectedValue::Known(value)) => value,
            Some(ExpectedValue::AfterBody(trailer, value)) => value().ok_or(Error::BadTrailer(trailer))?,
        };
        if expected == self.value {
            Ok(())
        } else {
            Err(Error::BadChecksum(self.algorithm.name()))
        }
    }

    pub(crate) fn checksum(&self) -> Checksum {
        self.algorithm.checksum(self.value.clone(), false)
    }
}

/// Checksums of a stream, computed while the stream is processed: MD5 and SHA on another thread (MD5 is several times
/// slower than encryption), CRCs on the calling task. A thread is held only while there are bytes to hash, so slow
/// uploads do not use up the thread pool.
pub(crate) enum Beside {
    Here(Box<Digests>),
    Thread(JoinHandle<Digests>),
    /// The thread failed; there is no result.
    Broken,
}

impl Beside {
    pub(crate) fn new(digests: Digests) -> Self {
        Self::Here(Box::new(digests))
    }

    /// Adds the next bytes. Waits until those of the previous call are hashed: at most two calls' bytes are in memory.
    pub(crate) async fn update(&mut self, pieces: Vec<Bytes>) -> Result<()> {
        let mut digests = std::mem::replace(self, Self::Broken).digests().await?;
        if digests.slow() {
            *self = Self::Thread(tokio::task::spawn_blocking(move || {
                digests.update_all(&pieces);
                digests
            }));
        } else {
            digests.update_all(&pieces);
            *self = Self::new(digests);
        }
        Ok(())
    }

    pub(crate) async fn finish(self) -> Result<Digested> {
        Ok(self.digests().await?.finish())
    }

    async fn digests(self) -> Result<Digests> {
        let broken = || Error::Damaged("the checksum thread failed".to_owned());
        match self {
            Self::Here(digests) => Ok(*digests),
            Self::Thread(thread) => thread.await.map_err(|_| broken()),
            Self::Broken => Err(broken()),
        }
    }
}
