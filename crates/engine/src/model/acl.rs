//! Access control lists, and the owner of an object
//! (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html>).

use crate::model::owner::BucketOwner;
use minicbor::{Decode, Encode};
use strongroom_access::arn::CanonicalId;

#[cfg(test)]
mod tests;

/// Maximum number of grants in a list, as on AWS.
pub const MAX_GRANTS: usize = 100;

/// Access control list of a bucket or an object. It grants access and denies none.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct Acl(#[n(0)] Vec<Grant>);

/// Grant of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Grant {
    /// Receiver of the permission.
    #[n(0)]
    pub grantee: Grantee,
    /// Permission.
    #[n(1)]
    pub permission: Permission,
}

/// Receiver of a permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Grantee {
    /// An account.
    #[n(0)]
    Account(#[cbor(n(0), with = "crate::model::owner::canonical_id")] CanonicalId),
    /// Everybody, also without a signature.
    #[n(1)]
    AllUsers,
    /// Every account.
    #[n(2)]
    AuthenticatedUsers,
    /// The service that would write access logs. There is none, so the grant has no effect.
    #[n(3)]
    LogDelivery,
}

/// Permission of a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Permission {
    /// All of the following.
    #[n(0)]
    FullControl,
    /// To list a bucket; to read an object.
    #[n(1)]
    Read,
    /// To create objects in a bucket. Without effect on objects.
    #[n(2)]
    Write,
    /// To read the list.
    #[n(3)]
    ReadAcp,
    /// To change the list.
    #[n(4)]
    WriteAcp,
}

impl Grant {
    /// Creates a grant.
    pub fn new(grantee: Grantee, permission: Permission) -> Self {
        Self { grantee, permission }
    }
}

impl Grantee {
    /// Returns whether the grant is to the public, as the public access block understands it.
    ///
    /// (S3 User Guide, "Blocking public access to your Amazon S3 storage", "The meaning of public".)
    fn is_public(self) -> bool {
        matches!(self, Self::AllUsers | Self::AuthenticatedUsers)
    }

    /// Returns whether a caller of this account is meant. `None`: a caller without a signature.
    fn includes(self, caller: Option<CanonicalId>) -> bool {
        match self {
            Self::Account(id) => caller == Some(id),
            Self::AllUsers => true,
            Self::AuthenticatedUsers => caller.is_some(),
            Self::LogDelivery => false,
        }
    }
}

impl Acl {
    /// Creates a list of grants.
    pub fn new(grants: Vec<Grant>) -> Self {
        Self(grants)
    }

    /// Creates the list of a resource for which none was set: the owner has full control.
    pub fn private(owner: CanonicalId) -> Self {
        Self(vec![Grant::new(Grantee::Account(owner), Permission::FullControl)])
    }

    /// Returns the grants in the order in which they were set.
    pub fn grants(&self) -> &[Grant] {
        &self.0
    }

    /// Returns the list to store for a resource of this owner: none if it is that of [`Self::private`].
    pub fn stored(self, owner: CanonicalId) -> Option<Self> {
        (self != Self::private(owner)).then_some(self)
    }

    /// Returns whether the list grants something to the public.
    pub fn is_public(&self) -> bool {
        self.0.iter().any(|grant| grant.grantee.is_public())
    }

    /// Returns whether the list grants something to anyone but this account.
    pub fn reaches_beyond(&self, owner: CanonicalId) -> bool {
        self.0
            .iter()
            .any(|grant| grant.grantee != Grantee::Account(owner))
    }

    /// Returns whether the list grants the permission to a caller of this account; `None`: to a caller without a signature.
    /// `without_public`: grants to the public have no effect.
    pub fn allows(&self, caller: Option<CanonicalId>, needed: Permission, without_public: bool) -> bool {
        self.0.iter().any(|grant| {
            let has_effect = !(without_public && grant.grantee.is_public());
            has_effect
                && grant.grantee.includes(caller)
                && (grant.permission == needed || grant.permission == Permission::FullControl)
        })
    }
}

/// Owner and access control list of an object. By default an object belongs to the bucket's owner and is private.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObjectAccess {
    /// Account that owns the object. `None`: the bucket's owner.
    pub owner: Option<BucketOwner>,
    /// Access control list. `None`: [`Acl::private`].
    pub acl: Option<Acl>,
}

/// Caller that began an upload.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Initiator {
    /// Account of the caller.
    #[n(0)]
    pub account: BucketOwner,
    /// ARN of the user, or of the session of a role. `None`: the root user of the account.
    #[n(1)]
    pub arn: Option<String>,
}
