//! Lifecycle rules of a bucket.

use crate::model::tags::Tags;
use minicbor::{Decode, Encode};

/// Lifecycle rule: expires or aborts what its filter matches.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct LifecycleRule {
    /// Name of the rule, unique within the bucket.
    #[n(0)]
    pub id: String,
    /// True if the rule is in force.
    #[n(1)]
    pub enabled: bool,
    /// Objects that the rule applies to.
    #[n(2)]
    pub filter: LifecycleFilter,
    /// The prefix was given outside a filter, as before S3 had filters, and is returned in the same place.
    #[n(3)]
    pub without_filter: bool,
    /// Expiration of current versions.
    #[n(4)]
    pub expiration: Option<Expiration>,
    /// Expiration of noncurrent versions.
    #[n(5)]
    pub noncurrent: Option<NoncurrentExpiration>,
    /// Days after which an incomplete upload is aborted.
    #[n(6)]
    pub abort_uploads_after: Option<u32>,
}

/// Filter of a rule. An object matches if all conditions hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct LifecycleFilter {
    /// Prefix of the key.
    #[n(0)]
    pub prefix: Option<String>,
    /// Tags that the object has; it may have others too.
    #[cbor(n(1), skip_if = "Tags::is_empty")]
    pub tags: Tags,
    /// The object has more bytes than this.
    #[n(2)]
    pub larger_than: Option<u64>,
    /// The object has fewer bytes than this.
    #[n(3)]
    pub smaller_than: Option<u64>,
}

/// Expiration of current versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Expiration {
    /// Objects are deleted this many days after their creation.
    #[n(0)]
    Days(#[n(0)] u32),
    /// Objects are deleted from this midnight on, in seconds since 1970.
    #[n(1)]
    Date(#[n(0)] i64),
    /// Delete markers without older versions are deleted, if `true`.
    #[n(2)]
    DeleteMarkers(#[n(0)] bool),
}

/// Expiration of noncurrent versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct NoncurrentExpiration {
    /// Days after which a version is deleted, counted from when it became noncurrent.
    #[n(0)]
    pub days: u32,
    /// Number of the newest noncurrent versions that are kept nevertheless.
    #[n(1)]
    pub keep: Option<u32>,
}
