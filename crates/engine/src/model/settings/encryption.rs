//! Default and blocked encryption of a bucket.

use minicbor::{Decode, Encode};

/// Default and blocked encryption of a bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct BucketEncryption {
    /// SSE-KMS objects share one key of the KMS, unless their request says otherwise.
    #[n(0)]
    pub bucket_key: bool,
    /// Encryption that writes may not request. `None`: never configured, which blocks nothing.
    #[n(1)]
    pub blocked: Option<BlockedEncryption>,
    /// Writes that name no encryption use SSE-KMS with this key. `None`: they use SSE-S3.
    #[n(2)]
    pub kms: Option<DefaultKms>,
}

/// Key for writes that name no encryption.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct DefaultKms {
    /// Name of the key, as it was configured. `None`: the default key of the KMS.
    #[n(0)]
    pub key: Option<String>,
}

/// Encryption that writes may not request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum BlockedEncryption {
    /// Nothing is blocked.
    #[n(0)]
    Nothing,
    /// SSE-C.
    #[n(1)]
    CustomerKeys,
}
