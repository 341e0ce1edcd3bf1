//! What is set for a bucket as a whole: the row `settings` of its partition.

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

/// What is set for a bucket. The default is what a new bucket has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct BucketSettings {
    /// Whether versions are kept; `None`: it was never asked. Changed by [`Self::set_versioning`].
    #[n(0)]
    pub versioning: Option<Versioning>,
    /// The bucket's tags; empty: none were set, which is the same as none.
    #[cbor(n(1), skip_if = "Tags::is_empty")]
    pub tags: Tags,
    /// What pages of other origins may ask of the bucket, in the order in which rules are tried.
    #[cbor(n(2), skip_if = "Vec::is_empty")]
    pub cors: Vec<CorsRule>,
    /// The bucket policy, letter for letter. Changed by [`Self::set_policy`].
    #[n(3)]
    pub policy: Option<String>,
    /// Which access by the public is shut off whatever else is set; `None`: as for a new bucket, all of it.
    #[n(4)]
    pub public_access: Option<PublicAccess>,
    /// Who owns what others write; `None`: as for a new bucket, its owner.
    #[n(5)]
    pub ownership: Option<Ownership>,
    /// How writes that do not say are encrypted, and which may not be; `None`: it was never set.
    #[n(6)]
    pub encryption: Option<BucketEncryption>,
    /// Whether versions can be locked; `None`: they cannot. Changed by [`Self::set_object_lock`].
    #[n(7)]
    pub object_lock: Option<ObjectLock>,
    /// What becomes of objects with time.
    #[cbor(n(8), skip_if = "Vec::is_empty")]
    pub lifecycle: Vec<LifecycleRule>,
}

/// Whether a bucket keeps versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Versioning {
    /// Each write makes a version of its own.
    #[n(0)]
    Enabled,
    /// Writes replace the null version; the others stay.
    #[n(1)]
    Suspended,
}

/// Why a setting does not go with another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsConflict {
    /// Versions that can be locked must be kept.
    #[error("versioning cannot be suspended while Object Lock is on")]
    VersioningIsLocked,
    /// Only versions can be locked.
    #[error("Object Lock needs versioning")]
    LockNeedsVersions,
    /// The policy would give access to the public.
    #[error("public policies are blocked")]
    PublicPolicyBlocked,
}

impl BucketSettings {
    /// Whether a write makes a version of its own.
    pub(crate) fn keeps_versions(&self) -> bool {
        self.versioning == Some(Versioning::Enabled)
    }

    /// Which access by the public is shut off; `None`: nothing is said of it.
    pub fn public_access_block(&self) -> Option<PublicAccessBlock> {
        match self.public_access {
            None => Some(PublicAccessBlock::ALL),
            Some(PublicAccess::Block(block)) => Some(block),
            Some(PublicAccess::Open) => None,
        }
    }

    /// Whether requests may ask for SSE-C.
    pub fn takes_customer_keys(&self) -> bool {
        let blocked = self.encryption.as_ref().and_then(|encryption| encryption.blocked);
        blocked != Some(BlockedEncryption::CustomerKeys)
    }

    /// The key of writes that do not say how they are to be encrypted, if that is SSE-KMS.
    pub(crate) fn default_kms(&self) -> Option<&DefaultKms> {
        self.encryption.as_ref()?.kms.as_ref()
    }

    /// Whether objects under SSE-KMS share a key of the service's, unless their request says otherwise.
    pub(crate) fn bucket_key(&self) -> bool {
        self.encryption
            .as_ref()
            .is_some_and(|encryption| encryption.bucket_key)
    }

    /// Turns versioning on or suspends it.
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

    /// Lets versions be locked, from now on and for good.
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

    /// Sets the bucket policy. Whether it gives access to the public is for whoever can read policies to say.
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
