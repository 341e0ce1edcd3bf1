//! Checksums as requests name them.

use crc_fast::CrcAlgorithm;
use minicbor::{Decode, Encode};
use strongroom_seal::Checksum;

/// Checksum algorithms of S3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum ChecksumAlgorithm {
    /// CRC-32 (ISO-HDLC).
    #[n(0)]
    Crc32,
    /// CRC-32C (Castagnoli).
    #[n(1)]
    Crc32c,
    /// CRC-64/NVME. Computed if a client requests no algorithm, as on AWS.
    #[n(2)]
    Crc64Nvme,
    /// SHA-1.
    #[n(3)]
    Sha1,
    /// SHA-256.
    #[n(4)]
    Sha256,
}

impl ChecksumAlgorithm {
    /// All algorithms.
    pub const ALL: [Self; 5] = [
        Self::Crc32,
        Self::Crc32c,
        Self::Crc64Nvme,
        Self::Sha1,
        Self::Sha256,
    ];

    /// Returns the name in headers and documents of S3, in upper case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Crc32 => "CRC32",
            Self::Crc32c => "CRC32C",
            Self::Crc64Nvme => "CRC64NVME",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
        }
    }

    /// Returns the algorithm with this name, in any case.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|algorithm| algorithm.name().eq_ignore_ascii_case(name))
    }

    /// Returns a checksum of this algorithm.
    pub(crate) fn checksum(self, value: Vec<u8>, composite: bool) -> Checksum {
        Checksum {
            algorithm: self.name().to_owned(),
            value,
            composite,
        }
    }

    /// Returns the CRC's parameters, if the algorithm is a CRC.
    pub(crate) fn crc(self) -> Option<CrcAlgorithm> {
        match self {
            Self::Crc32 => Some(CrcAlgorithm::Crc32IsoHdlc),
            Self::Crc32c => Some(CrcAlgorithm::Crc32Iscsi),
            Self::Crc64Nvme => Some(CrcAlgorithm::Crc64Nvme),
            Self::Sha1 | Self::Sha256 => None,
        }
    }

    /// Returns the length of a checksum, in bytes.
    pub fn length(self) -> usize {
        match self {
            Self::Crc32 | Self::Crc32c => 4,
            Self::Crc64Nvme => 8,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }
}

/// Checksum that the content must have.
pub struct ExpectedChecksum {
    /// Algorithm of the checksum.
    pub algorithm: ChecksumAlgorithm,
    /// Value of the checksum.
    pub value: ExpectedValue,
}

/// Value of an expected checksum, or where to get it once the body was read.
pub enum ExpectedValue {
    /// Value from the request's header.
    Known(Vec<u8>),
    /// Value from the trailer of this name, which follows the body. Call the function after the body was read; it
    /// returns `None` if the trailer is missing or not a checksum.
    AfterBody(String, Box<dyn FnOnce() -> Option<Vec<u8>> + Send>),
}

/// Checksum of a multipart upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct UploadChecksum {
    /// Algorithm of the checksum.
    #[n(0)]
    pub algorithm: ChecksumAlgorithm,
    /// True: checksum of the parts' checksums (COMPOSITE). False: checksum of the whole object (`FULL_OBJECT`).
    #[n(1)]
    pub composite: bool,
    /// True if the request that began the upload named the checksum.
    #[n(2)]
    pub requested: bool,
}
