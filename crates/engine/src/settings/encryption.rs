//! How a bucket wants its objects encrypted.

use minicbor::{Decode, Encode};

/// How a bucket wants its objects encrypted. Those that do not say are encrypted with SSE-S3 in any case: there is no
/// other default to choose while there is no key management service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct BucketEncryption {
    /// Whether a bucket key was asked for. It matters for SSE-KMS only, and is kept because clients compare what they
    /// get with what they set.
    #[n(0)]
    pub bucket_key: bool,
    /// Which encryption writes may not ask for; `None`: it was never said, which is the same as none.
    #[n(1)]
    pub blocked: Option<BlockedEncryption>,
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
