//! Streaming CRC-64/NVME of sealed bytes.

use crate::blobs::WrittenBlob;
use crc_fast::{CrcAlgorithm, Digest};

/// Length and checksum of the bytes so far.
pub(crate) struct Checksum(Digest);

impl Checksum {
    pub(crate) fn new() -> Self {
        Self(Digest::new(CrcAlgorithm::Crc64Nvme))
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(crate) fn written(&self) -> WrittenBlob {
        WrittenBlob {
            length: self.0.get_amount(),
            checksum: self.0.finalize(),
        }
    }
}
