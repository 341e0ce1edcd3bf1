//! Limits of what an account may hold and request.

use minicbor::{Decode, Encode};
use strongroom_rows::records;

records! {
    AccountQuota = 1, "quota of an account";
}

/// Limits of an account: the row `quota/<account>`, which exists while there are limits. `None`: no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct AccountQuota {
    /// Maximum plaintext bytes of all versions and parts in its buckets.
    #[n(0)]
    pub bytes: Option<u64>,
    /// Maximum number of versions in its buckets, without delete markers.
    #[n(1)]
    pub objects: Option<u64>,
    /// Maximum number of buckets.
    #[n(2)]
    pub buckets: Option<u64>,
    /// Maximum number of requests per second.
    #[n(3)]
    pub requests_per_second: Option<u32>,
    /// Maximum number of requests at the same time.
    #[n(4)]
    pub concurrency: Option<u32>,
}

impl AccountQuota {
    /// Returns whether nothing is limited.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}
