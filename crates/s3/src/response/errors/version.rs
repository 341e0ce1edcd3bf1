//! Errors of objects and versions that are not there, or are locked.

use crate::response::error::Answer;
use http::HeaderName;
use http::header::ALLOW;
use strongroom_engine::{Error, VersionName};

/// The answer to an error of an object or a version.
pub(super) fn answer(error: &Error) -> Answer {
    match error {
        Error::NoSuchKey(key) => {
            Answer::new(404, "NoSuchKey", "The specified key does not exist.").with("Key", key)
        }
        Error::NoSuchVersion(key, version) => {
            Answer::new(404, "NoSuchVersion", "The specified version does not exist.")
                .with("Key", key)
                .with("VersionId", version.to_string())
        }
        Error::Deleted(key, version) => Answer::new(404, "NoSuchKey", "The specified key does not exist.")
            .with("Key", key)
            .of_delete_marker(version),
        Error::IsDeleteMarker(version) => Answer::new(
            405,
            "MethodNotAllowed",
            "The specified method is not allowed against this resource.",
        )
        .with("Method", "GET")
        .with("ResourceType", "DeleteMarker")
        .of_delete_marker(version)
        .header(ALLOW, "DELETE"),
        Error::Locked => Answer::access_denied("Access Denied because object protected by object lock."),
        Error::NoObjectLock => Answer::invalid_request("Bucket is missing Object Lock Configuration"),
        Error::RetentionInPast => Answer::invalid_argument("The retain until date must be in the future!"),
        _ => Answer::internal(),
    }
}

impl Answer {
    /// With the headers that tell of a delete marker.
    fn of_delete_marker(self, version: &VersionName) -> Self {
        self.header(HeaderName::from_static("x-amz-delete-marker"), "true")
            .header(HeaderName::from_static("x-amz-version-id"), &version.to_string())
    }
}
