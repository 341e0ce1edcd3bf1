//! Settings of a bucket as a whole: the row `settings` of its partition.

use crate::model::acl::Acl;
use crate::model::quota::Quota;
use crate::model::tags::Tags;
use minicbor::{Decode, Encode};

pub mod access;
pub mod cors;
pub mod encryption;
pub mod lifecycle;
pub mod lock;
#[cfg(test)]
mod tests;

pub use access::{Ownership, PublicAccess, PublicAccessBlock};
pub use cors::{CorsMethod, CorsRule};
pub use encryption::{BlockedEncryption, BucketEncryption, DefaultKms};
pub use lifecycle::{Expiration, LifecycleFilter, LifecycleRule, NoncurrentExpiration};
pub use lock::{DefaultRetention, LockPeriod, ObjectLock, RetentionMode};

/// Settings of a bucket. The default is what a new bucket has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct BucketSettings {
    /// Versioning state. `None`: versioning was never configured. Changed by [`Self::set_versioning`].
    #[n(0)]
    pub versioning: Option<Versioning>,
    /// Tags of the bucket. S3 does not distinguish an empty set of tags from no tags.
    #[cbor(n(1), skip_if = "Tags::is_empty")]
    pub tags: Tags,
    /// CORS rules, in the order in which they are tried.
    #[cbor(n(2), skip_if = "Vec::is_empty")]
    pub cors: Vec<CorsRule>,
    /// Bucket policy, byte for byte as it was sent. Changed by [`Self::set_policy`].
    #[n(3)]
    pub policy: Option<String>,
    /// Public access that is blocked whatever else is set. `None`: all of it, as for a new bucket.
    #[n(4)]
    pub public_access: Option<PublicAccess>,
    /// Owner of objects that other accounts write. `None`: the bucket's owner, as for a new bucket.
    #[n(5)]
    pub ownership: Option<Ownership>,
    /// Encryption of writes that name none, and the encryption that is blocked. `None`: never configured.
    #[n(6)]
    pub encryption: Option<BucketEncryption>,
    /// Object Lock. `None`: versions cannot be locked. Changed by [`Self::set_object_lock`].
    #[n(7)]
    pub object_lock: Option<ObjectLock>,
    /// Lifecycle rules.
    #[cbor(n(8), skip_if = "Vec::is_empty")]
    pub lifecycle: Vec<LifecycleRule>,
    /// Limits of the contents, set by the operator of the store. `None`: no limits.
    #[n(9)]
    pub quota: Option<Quota>,
    /// Access control list of the bucket. `None`: [`Acl::private`]. Changed by [`Self::set_acl`].
    #[n(10)]
    pub acl: Option<Acl>,
}

/// Versioning state of a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Versioning {
    /// Each write creates a version of its own.
    #[n(0)]
    Enabled,
    /// Writes replace the null version; other versions are kept.
    #[n(1)]
    Suspended,
}

/// Conflict between a setting and another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsConflict {
    /// Versions that can be locked must be kept.
    #[error("versioning cannot be suspended while Object Lock is on")]
    VersioningIsLocked,
    /// Object Lock requires versioning.
    #[error("Object Lock needs versioning")]
    LockNeedsVersions,
    /// Access control lists are disabled, and the bucket has one that grants access to others.
    #[error("access control lists are disabled")]
    AclsDisabled,
    /// The access control list would allow public access.
    #[error("public access control lists are blocked")]
    PublicAclBlocked,
    /// The policy would allow public access.
    #[error("public policies are blocked")]
    PublicPolicyBlocked,
}

impl BucketSettings {
    /// Returns whether a write creates a version of its own.
    pub(crate) fn keeps_versions(&self) -> bool {
        self.versioning == Some(Versioning::Enabled)
    }

    /// Returns the public access that is blocked. `None`: the block was removed.
    pub fn public_access_block(&self) -> Option<PublicAccessBlock> {
        match self.public_access {
            None => Some(PublicAccessBlock::ALL),
            Some(PublicAccess::Block(block)) => Some(block),
            Some(PublicAccess::Open) => None,
        }
    }

    /// Returns whether access control lists have an effect, and objects belong to the accounts that wrote them.
    pub fn acls_enabled(&self) -> bool {
        !matches!(self.ownership, None | Some(Ownership::BucketOwnerEnforced))
    }

    /// Returns whether access control lists that allow public access are refused.
    pub fn blocks_public_acls(&self) -> bool {
        self.public_access_block()
            .is_some_and(|block| block.block_public_acls)
    }

    /// Returns whether grants to the public have no effect.
    pub fn ignores_public_acls(&self) -> bool {
        self.public_access_block()
            .is_some_and(|block| block.ignore_public_acls)
    }

    /// Returns whether requests may use SSE-C.
    pub fn takes_customer_keys(&self) -> bool {
        let blocked = self.encryption.as_ref().and_then(|encryption| encryption.blocked);
        blocked != Some(BlockedEncryption::CustomerKeys)
    }

    /// Returns the key for writes that name no encryption, if the bucket's default is SSE-KMS.
    pub(crate) fn default_kms(&self) -> Option<&DefaultKms> {
        self.encryption.as_ref()?.kms.as_ref()
    }

    /// Returns whether SSE-KMS objects share one key of the KMS by default; a request can say otherwise.
    pub(crate) fn bucket_key(&self) -> bool {
        self.encryption
            .as_ref()
            .is_some_and(|encryption| encryption.bucket_key)
    }

    /// Enables or suspends versioning.
    ///
    /// # Errors
    /// [`SettingsConflict::VersioningIsLocked`].
    pub fn set_versioning(&mut self, versioning: Versioning) -> Result<(), SettingsConflict> {
        if versioning == Versioning::Suspended && self.object_lock.is_some() {
            return Err(SettingsConflict::VersioningIsLocked);
        }
        self.versioning = Some(versioning);
        Ok(())
    }

    /// Turns Object Lock on. It cannot be turned off again.
    ///
    /// # Errors
    /// [`SettingsConflict::LockNeedsVersions`].
    pub fn set_object_lock(&mut self, lock: ObjectLock) -> Result<(), SettingsConflict> {
        if !self.keeps_versions() {
            return Err(SettingsConflict::LockNeedsVersions);
        }
        self.object_lock = Some(lock);
        Ok(())
    }

    /// Sets the owner of objects that other accounts write.
    ///
    /// # Errors
    /// [`SettingsConflict::AclsDisabled`].
    pub fn set_ownership(&mut self, ownership: Ownership) -> Result<(), SettingsConflict> {
        let disables = ownership == Ownership::BucketOwnerEnforced;
        if disables && self.acl.is_some() {
            return Err(SettingsConflict::AclsDisabled);
        }
        self.ownership = Some(ownership);
        Ok(())
    }

    /// Sets the access control list. `None`: [`Acl::private`].
    ///
    /// # Errors
    /// [`SettingsConflict::AclsDisabled`], [`SettingsConflict::PublicAclBlocked`].
    pub fn set_acl(&mut self, acl: Option<Acl>) -> Result<(), SettingsConflict> {
        if acl.is_some() && !self.acls_enabled() {
            return Err(SettingsConflict::AclsDisabled);
        }
        if acl.as_ref().is_some_and(Acl::is_public) && self.blocks_public_acls() {
            return Err(SettingsConflict::PublicAclBlocked);
        }
        self.acl = acl;
        Ok(())
    }

    /// Sets the bucket policy. The engine cannot parse policies, so the caller passes whether this one is public.
    ///
    /// # Errors
    /// [`SettingsConflict::PublicPolicyBlocked`].
    pub fn set_policy(&mut self, policy: String, is_public: bool) -> Result<(), SettingsConflict> {
        let blocked = self
            .public_access_block()
            .is_some_and(|block| block.block_public_policy);
        if is_public && blocked {
            return Err(SettingsConflict::PublicPolicyBlocked);
        }
        self.policy = Some(policy);
        Ok(())
    }
}
