//! Encryption headers of a request, not yet validated.

use zeroize::Zeroizing;

/// Encryption headers of a request, not validated yet. Absent ones are `None`.
#[derive(Default)]
pub struct EncryptionHeaders {
    /// `x-amz-server-side-encryption`.
    pub sse: Option<String>,
    /// Headers of SSE-KMS.
    pub kms: KmsHeaders,
    /// `x-amz-server-side-encryption-customer-*`.
    pub customer: CustomerHeaders,
}

impl EncryptionHeaders {
    /// Returns whether any header is present.
    pub fn any(&self) -> bool {
        self.sse.is_some() || self.kms.any() || self.customer.any()
    }
}

/// The three headers of SSE-C.
#[derive(Default)]
pub struct CustomerHeaders {
    /// `...-algorithm`.
    pub algorithm: Option<String>,
    /// `...-key`, in base64.
    pub key: Option<KeyText>,
    /// `...-key-MD5`, in base64.
    pub md5: Option<String>,
}

/// Customer key in base64. Wiped on drop; cannot be printed.
pub struct KeyText(Zeroizing<String>);

impl KeyText {
    /// Wraps the header's text.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl CustomerHeaders {
    /// Returns whether any header is present.
    pub(crate) fn any(&self) -> bool {
        self.algorithm.is_some() || self.key.is_some() || self.md5.is_some()
    }
}

/// Headers of SSE-KMS.
#[derive(Default)]
pub struct KmsHeaders {
    /// `x-amz-server-side-encryption-aws-kms-key-id`.
    pub key_id: Option<String>,
    /// `x-amz-server-side-encryption-context`, in base64.
    pub context: Option<String>,
    /// `x-amz-server-side-encryption-bucket-key-enabled`.
    pub bucket_key: Option<String>,
}

impl KmsHeaders {
    pub(crate) fn any(&self) -> bool {
        self.key_id.is_some() || self.context.is_some() || self.bucket_key.is_some()
    }
}
