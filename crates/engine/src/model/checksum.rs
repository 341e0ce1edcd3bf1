//! Checksums as requests name them.

use crc_fast::CrcAlgorithm;
use minicbor::{Decode, Encode};

/// The algorithms that S3 names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum ChecksumAlgorithm {
    /// CRC-32 (ISO-HDLC).
    #[n(0)]
    Crc32,
    /// CRC-32C (Castagnoli).
    #[n(1)]
    Crc32c,
    /// CRC-64/NVME. The one that is computed when a client asks for none, as on AWS.
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
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Crc32,
        Self::Crc32c,
        Self::Crc64Nvme,
        Self::Sha1,
        Self::Sha256,
    ];

    /// The name in headers and documents of S3, in upper case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Crc32 => "CRC32",
            Self::Crc32c => "CRC32C",
            Self::Crc64Nvme => "CRC64NVME",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
        }
    }

    /// The algorithm of this name, in any case.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|algorithm| algorithm.name().eq_ignore_ascii_case(name))
    }

    /// Which CRC it is, if it is one.
    pub(crate) fn crc(self) -> Option<CrcAlgorithm> {
        match self {
            Self::Crc32 => Some(CrcAlgorithm::Crc32IsoHdlc),
            Self::Crc32c => Some(CrcAlgorithm::Crc32Iscsi),
            Self::Crc64Nvme => Some(CrcAlgorithm::Crc64Nvme),
            Self::Sha1 | Self::Sha256 => None,
        }
    }

    /// Bytes of a checksum.
    pub fn length(self) -> usize {
        match self {
            Self::Crc32 | Self::Crc32c => 4,
            Self::Crc64Nvme => 8,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }
}

/// A checksum that the content must have.
pub struct ExpectedChecksum {
    /// Its algorithm.
    pub algorithm: ChecksumAlgorithm,
    /// Its bytes, and when they are known.
    pub value: ExpectedValue,
}

/// When the bytes of a checksum are known.
pub enum ExpectedValue {
    /// The request's header gave them.
    Known(Vec<u8>),
    /// They follow the body, in the trailer of this name; to be asked for when the body has been read.
    /// `None` then: it did not come, or is no checksum.
    AfterBody(String, Box<dyn FnOnce() -> Option<Vec<u8>> + Send>),
}

/// The checksum of a multipart upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct UploadChecksum {
    /// Its algorithm.
    #[n(0)]
    pub algorithm: ChecksumAlgorithm,
    /// Of the parts' checksums (COMPOSITE) and not of the whole object (`FULL_OBJECT`).
    #[n(1)]
    pub composite: bool,
    /// The request that began the upload asked for it.
    #[n(2)]
    pub asked: bool,
}
