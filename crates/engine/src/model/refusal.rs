//! Why encryption headers will not do. The texts go to the audit log: they quote nothing that a request said, as a key can
//! stand in the wrong header.

/// Why a request's encryption headers will not do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The bucket takes no customer keys.
    #[error("the bucket has blocked writes with a customer's key")]
    CustomerKeysBlocked,
    /// SSE and SSE-C in one request; the SSE value.
    #[error("server-side encryption with a customer's key goes with no other encryption method")]
    Incompatible(String),
    /// An algorithm that is not AES256; its name.
    #[error("the encryption algorithm is not AES256")]
    UnknownAlgorithm(String),
    /// A customer key without an algorithm.
    #[error("the customer key comes without its algorithm")]
    MissingAlgorithm,
    /// An algorithm without a customer key.
    #[error("the customer-key headers come without a key")]
    MissingKey,
    /// A customer key without its MD5.
    #[error("the customer key comes without its MD5")]
    MissingMd5,
    /// A customer key that is not the base64 of 32 bytes; how many it decodes to.
    #[error("the customer key is not the base64 of 32 bytes")]
    InvalidKey(Option<usize>),
    /// The MD5 is not the key's.
    #[error("the MD5 is not the customer key's")]
    Md5Mismatch,
    /// SSE-KMS in two layers.
    #[error("two layers of SSE-KMS are not offered")]
    TwoLayers,
    /// A header of SSE-KMS without SSE-KMS; the header.
    #[error("{0} goes only with aws:kms")]
    KmsHeaderWithoutKms(&'static str),
    /// The encryption context is not the base64 of a JSON map of texts.
    #[error("the encryption context is not the base64 of a JSON map of texts")]
    InvalidContext,
    /// The encryption context uses a name that is the store's own.
    #[error("the encryption context uses the name {0:?}, which is the store's own")]
    ReservedContext(String),
    /// Neither `true` nor `false` for a bucket key.
    #[error("a bucket key is asked for by true or false")]
    InvalidBucketKey(String),
    /// A KMS key id without SSE-KMS.
    #[error("a KMS key id goes only with aws:kms")]
    KmsKeyWithoutKms(String),
    /// A part of a multipart upload comes with a customer key and the upload was begun without, or the other way round.
    #[error("the part is not encrypted as the upload was begun")]
    NotAsBegun,
    /// The customer key is not the one the multipart upload was begun with.
    #[error("the customer key is not the one that the upload was begun with")]
    NotTheUploadsKey,
    /// `x-amz-server-side-encryption` on a read.
    #[error("x-amz-server-side-encryption does not belong on a read")]
    SseOnRead(String),
    /// The version needs a customer's key and none came.
    #[error("the object needs the customer's key")]
    KeyNeeded,
    /// A customer's key came for a version that has none.
    #[error("the object was not stored with a customer's key")]
    NotApplicable,
    /// The customer's key is not the one the version was stored with.
    #[error("the customer key is not the one that the object was stored with")]
    WrongKey,
}
