//! Encryption headers of requests in short form.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use md5::{Digest as _, Md5};
use strongroom_engine::encryption::{AES256, AWS_KMS, CustomerHeaders, EncryptionHeaders, KeyText};

/// Encryption mode and key of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protection {
    /// No encryption header.
    Unspecified,
    /// SSE-S3.
    S3,
    /// SSE-KMS with the default key of the service.
    Kms,
    /// SSE-C with this key.
    Customer([u8; 32]),
}

pub(crate) const ALICE: Protection = Protection::Customer(*b"alice's key alice's key alice's!");
pub(crate) const MALLORY: Protection = Protection::Customer(*b"mallory's key mallory's key mall");

impl Protection {
    pub(crate) fn on_write(self) -> EncryptionHeaders {
        EncryptionHeaders {
            sse: match self {
                Self::S3 => Some(AES256.to_owned()),
                Self::Kms => Some(AWS_KMS.to_owned()),
                Self::Unspecified | Self::Customer(_) => None,
            },
            ..self.on_read()
        }
    }

    pub(crate) fn on_read(self) -> EncryptionHeaders {
        let customer = match self {
            Self::Unspecified | Self::S3 | Self::Kms => CustomerHeaders::default(),
            Self::Customer(key) => CustomerHeaders {
                algorithm: Some(AES256.to_owned()),
                key: Some(KeyText::new(BASE64_STANDARD.encode(key))),
                md5: Some(BASE64_STANDARD.encode(Md5::digest(key))),
            },
        };
        EncryptionHeaders {
            customer,
            ..EncryptionHeaders::default()
        }
    }
}
