//! What becomes of objects with time.

use crate::model::tags::Tags;
use minicbor::{Decode, Encode};

/// A rule: what becomes of some objects.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct LifecycleRule {
    /// The rule's name; no other rule of the bucket has it.
    #[n(0)]
    pub id: String,
    /// Whether it is in force.
    #[n(1)]
    pub enabled: bool,
    /// Which objects.
    #[n(2)]
    pub filter: LifecycleFilter,
    /// The prefix came in the place of a filter, as it did before there were filters, and is told there.
    #[n(3)]
    pub without_filter: bool,
    /// What becomes of current versions.
    #[n(4)]
    pub expiration: Option<Expiration>,
    /// What becomes of noncurrent versions.
    #[n(5)]
    pub noncurrent: Option<NoncurrentExpiration>,
    /// Days after which an upload that is not complete is given up.
    #[n(6)]
    pub abort_uploads_after: Option<u32>,
}

/// Which objects a rule is about: those for which all of it holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct LifecycleFilter {
    /// What the key begins with.
    #[n(0)]
    pub prefix: Option<String>,
    /// The tags that it has, beside others perhaps.
    #[cbor(n(1), skip_if = "Tags::is_empty")]
    pub tags: Tags,
    /// It has more bytes.
    #[n(2)]
    pub larger_than: Option<u64>,
    /// It has fewer bytes.
    #[n(3)]
    pub smaller_than: Option<u64>,
}

/// What becomes of current versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Expiration {
    /// They are deleted so many days after they were made.
    #[n(0)]
    Days(#[n(0)] u32),
    /// They are deleted from this midnight on, in seconds since 1970.
    #[n(1)]
    Date(#[n(0)] i64),
    /// Delete markers that have no versions behind them go, if `true`.
    #[n(2)]
    DeleteMarkers(#[n(0)] bool),
}

/// What becomes of noncurrent versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct NoncurrentExpiration {
    /// Days after which they are deleted, counted from when they became noncurrent.
    #[n(0)]
    pub days: u32,
    /// How many of the newest of them stay all the same.
    #[n(1)]
    pub keep: Option<u32>,
}
