//! Errors of objects and versions that do not exist or are locked.

use crate::response::error::ErrorResponse;
use crate::response::time::http_date;
use http::HeaderName;
use http::header::{ALLOW, LAST_MODIFIED};
use strongroom_engine::{Error, VersionName};

/// Returns the response to an error of an object or a version.
pub(super) fn response(error: &Error) -> ErrorResponse {
    match error {
        Error::NoSuchKey(key) => {
            ErrorResponse::new(404, "NoSuchKey", "The specified key does not exist.").with("Key", key)
        }
        Error::NoSuchVersion(key, version) => {
            ErrorResponse::new(404, "NoSuchVersion", "The specified version does not exist.")
                .with("Key", key)
                .with("VersionId", version.to_string())
        }
        Error::Deleted(key, version) => {
            ErrorResponse::new(404, "NoSuchKey", "The specified key does not exist.")
                .with("Key", key)
                .of_delete_marker(version)
        }
        Error::IsDeleteMarker(version, modified) => ErrorResponse::new(
            405,
            "MethodNotAllowed",
            "The specified method is not allowed against this resource.",
        )
        .with("Method", "GET")
        .with("ResourceType", "DeleteMarker")
        .of_delete_marker(version)
        .header(ALLOW, "DELETE")
        .header(LAST_MODIFIED, &http_date(*modified)),
        Error::Locked => {
            ErrorResponse::access_denied("Access Denied because object protected by object lock.")
        }
        Error::NoObjectLock => ErrorResponse::invalid_request("Bucket is missing Object Lock Configuration"),
        Error::RetentionInPast => {
            ErrorResponse::invalid_argument("The retain until date must be in the future!")
        }
        _ => ErrorResponse::internal(),
    }
}

impl ErrorResponse {
    /// Adds the headers of a delete marker.
    fn of_delete_marker(self, version: &VersionName) -> Self {
        self.header(HeaderName::from_static("x-amz-delete-marker"), "true")
            .header(HeaderName::from_static("x-amz-version-id"), &version.to_string())
    }
}
