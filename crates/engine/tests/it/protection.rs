//! How a test asks for encryption.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use md5::{Digest as _, Md5};
use strongroom_engine::encryption::{AES256, CustomerHeaders, EncryptionHeaders, KeyText};

/// Under whose key an object is sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protection {
    /// Nothing is asked for.
    Unasked,
    /// SSE-S3 is asked for.
    S3,
    /// SSE-C with this key.
    Customer([u8; 32]),
}

pub(crate) const ALICE: Protection = Protection::Customer(*b"alice's key alice's key alice's!");
pub(crate) const MALLORY: Protection = Protection::Customer(*b"mallory's key mallory's key mall");

impl Protection {
    pub(crate) fn on_write(self) -> EncryptionHeaders {
        EncryptionHeaders {
            sse: (self == Self::S3).then(|| AES256.to_owned()),
            ..self.on_read()
        }
    }

    pub(crate) fn on_read(self) -> EncryptionHeaders {
        let customer = match self {
            Self::Unasked | Self::S3 => CustomerHeaders::default(),
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
