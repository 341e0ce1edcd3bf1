//! The encryption headers of a request, as they came.

use zeroize::Zeroizing;

/// The encryption headers of a request. Absent ones are `None`; nothing is judged yet.
#[derive(Default)]
pub struct EncryptionHeaders {
    /// `x-amz-server-side-encryption`.
    pub sse: Option<String>,
    /// The headers of SSE-KMS.
    pub kms: KmsHeaders,
    /// `x-amz-server-side-encryption-customer-*`.
    pub customer: CustomerHeaders,
}

impl EncryptionHeaders {
    /// Whether there are any.
    pub fn any(&self) -> bool {
        self.sse.is_some() || self.kms.any() || self.customer.any()
    }
}

/// The three headers of SSE-C.
#[derive(Default)]
pub struct CustomerHeaders {
    /// `...-algorithm`.
    pub algorithm: Option<String>,
    /// `...-key`, the base64 text.
    pub key: Option<KeyText>,
    /// `...-key-MD5`, the base64 text.
    pub md5: Option<String>,
}

/// The base64 text of a customer key. Wiped on drop; cannot be printed.
pub struct KeyText(Zeroizing<String>);

impl KeyText {
    /// Takes the header's text.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl CustomerHeaders {
    /// Whether there are any.
    pub(crate) fn any(&self) -> bool {
        self.algorithm.is_some() || self.key.is_some() || self.md5.is_some()
    }
}

/// The headers of SSE-KMS.
#[derive(Default)]
pub struct KmsHeaders {
    /// `x-amz-server-side-encryption-aws-kms-key-id`.
    pub key_id: Option<String>,
    /// `x-amz-server-side-encryption-context`, the base64 text.
    pub context: Option<String>,
    /// `x-amz-server-side-encryption-bucket-key-enabled`.
    pub bucket_key: Option<String>,
}

impl KmsHeaders {
    pub(crate) fn any(&self) -> bool {
        self.key_id.is_some() || self.context.is_some() || self.bucket_key.is_some()
    }
}
