//! Settings of a bucket that contradict each other.

use crate::response::error::ErrorResponse;
use strongroom_engine::model::settings::SettingsConflict;

/// Returns the response to a setting that contradicts another one.
pub(super) fn response(conflict: SettingsConflict) -> ErrorResponse {
    let state = |message| ErrorResponse::new(409, "InvalidBucketState", message);
    match conflict {
        SettingsConflict::VersioningIsLocked => state(
            "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.",
        ),
        SettingsConflict::LockNeedsVersions => {
            state("Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration")
        }
        SettingsConflict::AclsDisabled => ErrorResponse::coded(
            400,
            "InvalidBucketAclWithObjectOwnership",
            "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
        ),
        SettingsConflict::PublicAclBlocked => ErrorResponse::public_acl_blocked(),
        SettingsConflict::PublicPolicyBlocked => ErrorResponse::access_denied("Access Denied").with(
            "Hint",
            "The policy grants public access, which BlockPublicPolicy in the bucket's public access block \
             prevents.",
        ),
        _ => ErrorResponse::internal(),
    }
}
