//! Settings of a bucket that do not go together.

use crate::response::error::ErrorResponse;
use strongroom_engine::settings::SettingsConflict;

/// The answer to a setting that does not go with another one.
pub(super) fn answer(conflict: SettingsConflict) -> ErrorResponse {
    let state = |message| ErrorResponse::new(409, "InvalidBucketState", message);
    match conflict {
        SettingsConflict::VersioningIsLocked => state(
            "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.",
        ),
        SettingsConflict::LockNeedsVersions => {
            state("Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration")
        }
        SettingsConflict::PublicPolicyBlocked => ErrorResponse::access_denied("Access Denied").with(
            "Hint",
            "The policy gives access to the public, which BlockPublicPolicy in the bucket's public access block \
             prevents.",
        ),
        _ => ErrorResponse::internal(),
    }
}
