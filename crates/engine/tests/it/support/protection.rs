//! How a test asks for encryption.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use md5::{Digest as _, Md5};
use strongroom_engine::encryption::{AES256, AWS_KMS, CustomerHeaders, EncryptionHeaders, KeyText};

/// Under whose key an object is sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protection {
    /// Nothing is asked for.
    Unasked,
    /// SSE-S3 is asked for.
    S3,
    /// SSE-KMS is asked for, with the service's default key.
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
                Self::Unasked | Self::Customer(_) => None,
            },
            ..self.on_read()
        }
    }

    pub(crate) fn on_read(self) -> EncryptionHeaders {
        let customer = match self {
            Self::Unasked | Self::S3 | Self::Kms => CustomerHeaders::default(),
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
