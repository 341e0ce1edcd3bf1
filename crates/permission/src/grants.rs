//! Access control lists: the grants that an action needs.
//!
//! (S3 User Guide, "Access control list (ACL) overview", "Mapping of ACL permissions and access policy permissions".)

use crate::identity::Identity;
use crate::request::{AccessRequest, Subject};
use strongroom_engine::model::acl::{Acl, ObjectAccess, Permission};
use strongroom_engine::model::settings::BucketSettings;

/// Actions that a grant in the list of a bucket allows.
const ON_BUCKETS: [(&str, Permission); 6] = [
    ("s3:ListBucket", Permission::Read),
    ("s3:ListBucketVersions", Permission::Read),
    ("s3:ListBucketMultipartUploads", Permission::Read),
    ("s3:PutObject", Permission::Write),
    ("s3:GetBucketAcl", Permission::ReadAcp),
    ("s3:PutBucketAcl", Permission::WriteAcp),
];

/// Actions that a grant in the list of an object allows.
const ON_OBJECTS: [(&str, Permission); 6] = [
    ("s3:GetObject", Permission::Read),
    ("s3:GetObjectVersion", Permission::Read),
    ("s3:GetObjectAcl", Permission::ReadAcp),
    ("s3:GetObjectVersionAcl", Permission::ReadAcp),
    ("s3:PutObjectAcl", Permission::WriteAcp),
    ("s3:PutObjectVersionAcl", Permission::WriteAcp),
];

/// Actions on keys that the bucket's owner decides about, whoever owns the object.
const OF_BUCKET_OWNER: [&str; 6] = [
    "s3:PutObject",
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
    "s3:BypassGovernanceRetention",
    "s3:AbortMultipartUpload",
    "s3:ListMultipartUploadParts",
];

/// Actions on an upload that the account that began it may perform. (S3 User Guide, "Multipart upload API and permissions".)
const OF_INITIATOR: [&str; 2] = ["s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"];

/// The action that a grant to write allows on objects of the grantee.
const DELETE: &str = "s3:DeleteObject";

/// Returns whether the owner of an object decides about the request, and not the owner of the bucket.
pub(crate) fn is_about_object(request: &AccessRequest<'_>) -> bool {
    request.subject == Subject::Existing
        && request.key.is_some()
        && !OF_BUCKET_OWNER.contains(&request.action)
}

/// Returns whether the request deletes an object, which a writer may if the object is its own.
pub(crate) fn deletes_object(request: &AccessRequest<'_>) -> bool {
    request.key.is_some() && request.action == DELETE
}

/// Returns whether an access control list grants the action to the caller. `object` is the access of the object, if it was
/// read and exists.
pub(crate) fn is_granted(
    identity: &Identity,
    settings: &BucketSettings,
    request: &AccessRequest<'_>,
    object: Option<&ObjectAccess>,
) -> bool {
    if request.subject == Subject::OwnUpload && OF_INITIATOR.contains(&request.action) {
        return true;
    }
    if !settings.acls_enabled() {
        return false;
    }
    let caller = identity.known().map(|principal| principal.canonical_id);
    let allows = |acl: Option<&Acl>, needed| {
        acl.is_some_and(|acl| acl.allows(caller, needed, settings.ignores_public_acls()))
    };
    let by_bucket = |needed| allows(settings.acl.as_ref(), needed);
    if is_about_object(request) {
        let needed = find(&ON_OBJECTS, request.action);
        return needed.is_some_and(|needed| allows(object.and_then(|object| object.acl.as_ref()), needed));
    }
    match (request.action, request.key) {
        // "For the bucket and object owners of existing objects, also allows deletions".
        (DELETE, Some(_)) => {
            let owner = object.and_then(|object| object.owner);
            let is_own = owner.is_some_and(|owner| Some(owner.canonical_id) == caller);
            is_own && by_bucket(Permission::Write)
        }
        // A writer decides about the list of an object that will be its own.
        ("s3:PutObjectAcl", Some(_)) => by_bucket(Permission::Write),
        (action, _) => find(&ON_BUCKETS, action).is_some_and(by_bucket),
    }
}

/// Returns whether a grant, or the ownership of an object, could allow the action to a caller of another account than the
/// bucket's owner.
pub(crate) fn could_grant(identity: &Identity, settings: &BucketSettings, action: &str) -> bool {
    if !settings.acls_enabled() || (identity.is_anonymous() && settings.ignores_public_acls()) {
        return false;
    }
    let is_listed = |table| find(table, action).is_some();
    // The owner of an object may do everything with it.
    let as_owner = !identity.is_anonymous() && !action.contains("Bucket");
    as_owner || is_listed(&ON_BUCKETS) || is_listed(&ON_OBJECTS)
}

fn find(table: &[(&str, Permission)], action: &str) -> Option<Permission> {
    let row = table.iter().find(|(name, _)| *name == action);
    row.map(|(_, permission)| *permission)
}
