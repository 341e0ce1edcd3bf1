//! Reasons for which encryption headers are refused. The texts go to the audit log. They quote no header value, because
//! a client may send a key in the wrong header.

/// Reason for which the encryption headers of a request are refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The bucket does not allow customer keys.
    #[error("the bucket blocks writes with a customer key")]
    CustomerKeysBlocked,
    /// The request has both SSE and SSE-C headers; the SSE value.
    #[error("a customer key cannot be combined with another encryption method")]
    Incompatible(String),
    /// The algorithm is not AES256; its name.
    #[error("the encryption algorithm is not AES256")]
    UnknownAlgorithm(String),
    /// The encryption method is neither AES256 nor aws:kms; its name.
    #[error("the encryption method is not supported")]
    UnknownMethod(String),
    /// The request has a customer key without an algorithm.
    #[error("the request has a customer key without its algorithm")]
    MissingAlgorithm,
    /// The request has an algorithm without a customer key.
    #[error("the request has customer-key headers without a key")]
    MissingKey,
    /// The request has a customer key without its MD5.
    #[error("the request has a customer key without its MD5")]
    MissingMd5,
    /// The customer key is not the base64 of 32 bytes; the number of bytes it decodes to.
    #[error("the customer key is not the base64 of 32 bytes")]
    InvalidKey(Option<usize>),
    /// The MD5 does not match the customer key.
    #[error("the MD5 does not match the customer key")]
    Md5Mismatch,
    /// The request asks for two layers of SSE-KMS.
    #[error("SSE-KMS in two layers is not supported")]
    TwoLayers,
    /// The request has a header of SSE-KMS without SSE-KMS; the header's name.
    #[error("{0} requires aws:kms")]
    KmsHeaderWithoutKms(&'static str),
    /// The encryption context is not the base64 of a JSON map of strings.
    #[error("the encryption context is not the base64 of a JSON map of strings")]
    InvalidContext,
    /// The encryption context uses a name that is reserved for the store.
    #[error("the encryption context uses a reserved name")]
    ReservedContext(String),
    /// The bucket-key header is neither `true` nor `false`.
    #[error("the bucket-key header must be true or false")]
    InvalidBucketKey(String),
    /// The request has a KMS key id without SSE-KMS.
    #[error("a KMS key id requires aws:kms")]
    KmsKeyWithoutKms(String),
    /// A part of a multipart upload has a customer key and the upload has none, or the other way round.
    #[error("the part and its upload must both use a customer key, or neither")]
    NotAsBegun,
    /// The customer key is not the one that the multipart upload was begun with.
    #[error("the customer key is not the one that the upload was begun with")]
    NotTheUploadsKey,
    /// A read has the header `x-amz-server-side-encryption`.
    #[error("x-amz-server-side-encryption is not allowed on a read")]
    SseOnRead(String),
    /// The version is encrypted under a customer key and the request has none.
    #[error("the object requires a customer key")]
    KeyNeeded,
    /// The request has a customer key and the version was stored without one.
    #[error("the object was not stored with a customer key")]
    NotApplicable,
    /// The customer key is not the one that the version was stored with.
    #[error("the customer key is not the one that the object was stored with")]
    WrongKey,
}
