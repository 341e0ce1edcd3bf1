//! How a bucket wants its objects encrypted.

use minicbor::{Decode, Encode};

/// How a bucket wants its objects encrypted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct BucketEncryption {
    /// Whether objects under SSE-KMS share a key of the service's, unless their request says otherwise.
    #[n(0)]
    pub bucket_key: bool,
    /// Which encryption writes may not ask for; `None`: it was never said, which is the same as none.
    #[n(1)]
    pub blocked: Option<BlockedEncryption>,
    /// What is done with writes that do not say is SSE-KMS; `None`: it is SSE-S3.
    #[n(2)]
    pub kms: Option<DefaultKms>,
}

/// The key of writes that do not say how they are to be encrypted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct DefaultKms {
    /// Its name, as it was set; `None`: the service's default key.
    #[n(0)]
    pub key: Option<String>,
}

/// Which encryption writes may not ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum BlockedEncryption {
    /// None is blocked.
    #[n(0)]
    Nothing,
    /// SSE-C.
    #[n(1)]
    CustomerKeys,
}
