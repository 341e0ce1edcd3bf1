//! Error of a request, as the command and other clients get it.

use http::StatusCode;
use serde::{Deserialize, Serialize};

/// Error of a request: a code for programs and a message for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Failure {
    pub(crate) code: Code,
    pub(crate) message: String,
}

impl Failure {
    pub(super) fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }
}

/// Kind of an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Code {
    // The request was not understood, or not admitted.
    BadRequest,
    MethodNotAllowed,
    NotAdmitted,
    NotFound,
    OtherVersion,
    Timeout,
    TooLarge,
    TooManyCommands,
    UnsupportedMediaType,
    // The job was not done, or not completely.
    AuditUnavailable,
    EntityState,
    Failed,
    KeyInUse,
    KeyState,
    KmsKey,
    KmsUnavailable,
    NoSuchBucket,
    NoSuchEntity,
    NoSuchKey,
    ObjectLock,
}

impl Code {
    /// Returns the status of a response with this error.
    pub(super) fn status(self) -> StatusCode {
        match self {
            Self::BadRequest | Self::OtherVersion => StatusCode::BAD_REQUEST,
            Self::NotAdmitted => StatusCode::FORBIDDEN,
            Self::NotFound | Self::NoSuchBucket | Self::NoSuchEntity | Self::NoSuchKey => {
                StatusCode::NOT_FOUND
            }
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Timeout => StatusCode::REQUEST_TIMEOUT,
            Self::EntityState | Self::KeyInUse | Self::KeyState | Self::KmsKey | Self::ObjectLock => {
                StatusCode::CONFLICT
            }
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Failed => StatusCode::INTERNAL_SERVER_ERROR,
            Self::AuditUnavailable | Self::KmsUnavailable | Self::TooManyCommands => {
                StatusCode::SERVICE_UNAVAILABLE
            }
        }
    }
}
