//! Objects that a permission was decided about.

use crate::model::acl::ObjectAccess;
use crate::model::owner::BucketOwner;
use crate::model::version_name::VersionName;

#[cfg(test)]
mod tests;

/// An object that a permission was decided about. The permission is valid as long as the object has the access that it was
/// decided by: another one may have been written under the same key since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JudgedObject {
    /// Name of the bucket.
    pub bucket: String,
    /// Key of the object.
    pub key: String,
    /// Version that the request names.
    pub version: Option<VersionName>,
    /// Access that the permission was decided by.
    pub by: Judged,
}

/// The part of an object's access that a permission was decided by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judged {
    /// The owner. `None`: the bucket's owner, or there was no object.
    Owner(Option<BucketOwner>),
    /// Owner and access control list.
    Access(ObjectAccess),
    /// There was no object.
    Missing,
}

impl Judged {
    /// Returns whether the permission is valid for an object with this access.
    pub(crate) fn admits(&self, access: &ObjectAccess) -> bool {
        match self {
            Self::Owner(owner) => *owner == access.owner,
            Self::Access(judged) => judged == access,
            Self::Missing => false,
        }
    }
}

impl JudgedObject {
    /// Returns whether the permission is valid for an object of this name with this access.
    pub(crate) fn admits(
        &self,
        bucket: &str,
        key: &str,
        version: Option<VersionName>,
        access: &ObjectAccess,
    ) -> bool {
        let is_same = self.bucket == bucket && self.key == key && self.version == version;
        !is_same || self.by.admits(access)
    }
}
