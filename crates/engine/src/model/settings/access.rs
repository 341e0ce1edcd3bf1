//! Access by others than the owner: what is shut off, and who owns what they write.

use minicbor::{Decode, Encode};

/// What was set about access by the public, in place of what a new bucket has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum PublicAccess {
    /// This is shut off.
    #[n(0)]
    Block(#[n(0)] PublicAccessBlock),
    /// The block was taken away.
    #[n(1)]
    Open,
}

/// Which access by the public is shut off, whatever policies and access control lists say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
#[expect(clippy::struct_excessive_bools, reason = "these are the four switches of S3")]
pub struct PublicAccessBlock {
    /// Access control lists that give access to the public are refused.
    #[n(0)]
    pub block_public_acls: bool,
    /// Those that are there have no effect.
    #[n(1)]
    pub ignore_public_acls: bool,
    /// Policies that give access to the public are refused.
    #[n(2)]
    pub block_public_policy: bool,
    /// Such policies give access to the owner's account only.
    #[n(3)]
    pub restrict_public_buckets: bool,
}

impl PublicAccessBlock {
    /// What a new bucket has, as on AWS since April 2023.
    pub const ALL: Self = Self {
        block_public_acls: true,
        ignore_public_acls: true,
        block_public_policy: true,
        restrict_public_buckets: true,
    };
}

/// Who owns the objects that others write, in place of what a new bucket has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Ownership {
    /// The bucket's owner, and access control lists are off. This is what a new bucket has.
    #[n(0)]
    BucketOwnerEnforced,
    /// The bucket's owner if the writer says so.
    #[n(1)]
    BucketOwnerPreferred,
    /// Whoever writes them.
    #[n(2)]
    ObjectWriter,
    /// The setting was taken away; then it is whoever writes them.
    #[n(3)]
    Removed,
}
