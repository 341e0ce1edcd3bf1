//! Access by others than the owner: what is blocked, and who owns the objects that others write.

use minicbor::{Decode, Encode};

/// Block of public access that was configured, in place of a new bucket's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum PublicAccess {
    /// Blocks this access.
    #[n(0)]
    Block(#[n(0)] PublicAccessBlock),
    /// The block was removed.
    #[n(1)]
    Open,
}

/// Public access that is blocked, whatever policies and access control lists allow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
#[expect(clippy::struct_excessive_bools, reason = "these are the four switches of S3")]
pub struct PublicAccessBlock {
    /// Access control lists that allow public access are refused.
    #[n(0)]
    pub block_public_acls: bool,
    /// Existing access control lists that allow public access have no effect.
    #[n(1)]
    pub ignore_public_acls: bool,
    /// Policies that allow public access are refused.
    #[n(2)]
    pub block_public_policy: bool,
    /// Policies that allow public access take effect for the owner's account only.
    #[n(3)]
    pub restrict_public_buckets: bool,
}

impl PublicAccessBlock {
    /// The block of a new bucket, as on AWS since April 2023.
    pub const ALL: Self = Self {
        block_public_acls: true,
        ignore_public_acls: true,
        block_public_policy: true,
        restrict_public_buckets: true,
    };
}

/// Owner of objects that other accounts write, in place of a new bucket's setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Ownership {
    /// The bucket's owner; access control lists are off. A new bucket has this.
    #[n(0)]
    BucketOwnerEnforced,
    /// The bucket's owner if the writer requests it (`bucket-owner-full-control`), else the writer.
    #[n(1)]
    BucketOwnerPreferred,
    /// The writer.
    #[n(2)]
    ObjectWriter,
    /// The setting was removed; the writer then owns its objects.
    #[n(3)]
    Removed,
}
