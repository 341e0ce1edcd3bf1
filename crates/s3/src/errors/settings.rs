//! What goes wrong with the settings of a bucket, as S3 tells it.

use super::Answer;
use strongroom_engine::settings::SettingsConflict;
use strongroom_engine::tags::TagError;

impl Answer {
    pub(super) fn of_conflict(conflict: SettingsConflict) -> Self {
        let state = |message| Self::new(409, "InvalidBucketState", message);
        match conflict {
            SettingsConflict::VersioningIsLocked => state(
                "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.",
            ),
            SettingsConflict::LockNeedsVersions => {
                state("Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration")
            }
            SettingsConflict::PublicPolicyBlocked => Self::access_denied("Access Denied").with(
                "Hint",
                "The policy gives access to the public, which BlockPublicPolicy in the bucket's public access block \
                 prevents.",
            ),
            _ => Self::internal(),
        }
    }

    /// The answer to tags that will not do.
    pub(crate) fn of_tags(error: &TagError) -> Self {
        let invalid = |message, key: &str| Self::new(400, "InvalidTag", message).with("TagKey", key);
        match error {
            TagError::TooMany(most) => {
                Self::bad_request(format!("The number of tags cannot be greater than {most}"))
            }
            TagError::Twice(key) => invalid("Cannot provide multiple Tags with the same key", key),
            TagError::Key(key) => invalid("The TagKey you have provided is invalid", key),
            TagError::Value(key) => invalid("The TagValue you have provided is invalid", key),
            TagError::Reserved(key) => invalid("System tags cannot be added/updated by requester", key),
            _ => Self::internal(),
        }
    }

    pub(crate) fn malformed_policy(message: String) -> Self {
        Self::new(400, "MalformedPolicy", message)
    }
}
