//! Reasons why a request has no other answer, in words for people. The only table of them.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use strongroom_engine::encryption::Refusal;
use strongroom_engine::{BodyError, Error};
use strongroom_identity::IdentityError;

/// A reason why a request failed. [`crate::front`] makes a page of it, or a document for scripts.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) status: StatusCode,
    /// Code for scripts, and for whoever reports the failure: where S3 has one, that of S3.
    pub(crate) code: &'static str,
    /// Statement of the failure.
    pub(crate) title: String,
    /// Explanation, and advice.
    pub(crate) text: String,
    /// Action that the caller lacks.
    pub(crate) action: Option<&'static str>,
}

impl Failure {
    pub(crate) fn new(
        status: StatusCode,
        code: &'static str,
        title: impl Into<String>,
        text: impl Into<String>,
    ) -> Self {
        Self {
            status,
            code,
            title: title.into(),
            text: text.into(),
            action: None,
        }
    }

    /// Returns the failure of a request that its caller may not make. `why`: what a caller of the same account may know.
    pub(crate) fn denied(action: &'static str, why: Option<String>) -> Self {
        let text = why.unwrap_or_else(|| {
            "Your policies, or the policy of the bucket, do not allow it. Ask the owner of the bucket for the permission."
                .to_owned()
        });
        Self {
            action: Some(action),
            ..Self::new(StatusCode::FORBIDDEN, "AccessDenied", "You may not do this", text)
        }
    }

    /// Returns the failure of a request that the pages of the console do not make.
    pub(crate) fn invalid(text: impl Into<String>) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "InvalidRequest",
            "This request is not valid",
            text,
        )
    }

    pub(crate) fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "NotFound",
            "There is no such page",
            "The address may be misspelled, or the page has moved.",
        )
    }

    pub(crate) fn busy() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "SlowDown",
            "The server is busy",
            "It serves as many transfers as it can. Try again in a moment.",
        )
    }

    /// Returns the failure of a request to a bucket that does not exist.
    fn no_bucket(name: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "NoSuchBucket",
            "There is no such bucket",
            format!("No bucket has the name {name}. It may have been deleted."),
        )
    }

    fn internal(log: &dyn std::fmt::Display) -> Self {
        tracing::error!(error = %log, "the request failed");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "InternalError",
            "The server could not do this",
            "The reason is in its log, under the id below. Nothing is known to be lost. Try again, or ask the operator.",
        )
    }

    fn of_object(error: &Error) -> Self {
        match error {
            Error::Deleted(..) => Self::new(
                StatusCode::NOT_FOUND,
                "NoSuchKey",
                "This object is deleted",
                "Its newest version is a delete marker. Older versions may still be there: show the versions of the bucket.",
            ),
            Error::NoSuchVersion(..) => Self::new(
                StatusCode::NOT_FOUND,
                "NoSuchVersion",
                "There is no such version",
                "The object has no version of this name. It may have been deleted for good.",
            ),
            Error::IsDeleteMarker(..) => Self::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "MethodNotAllowed",
                "This version is a delete marker",
                "A delete marker has no content. Delete it to bring the object back.",
            ),
            _ => Self::new(
                StatusCode::NOT_FOUND,
                "NoSuchKey",
                "There is no such object",
                "The bucket has no object with this key. It may have been deleted or renamed.",
            ),
        }
    }

    fn of_refusal(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::KeyNeeded => Self::new(
                StatusCode::BAD_REQUEST,
                "InvalidRequest",
                "This object is protected with its owner's key",
                "Give the key that it was stored with.",
            ),
            Refusal::WrongKey | Refusal::NotTheUploadsKey => Self::new(
                StatusCode::FORBIDDEN,
                "AccessDenied",
                "This key does not open the object",
                "The object was stored with another key. Each version may have a key of its own.",
            ),
            Refusal::CustomerKeysBlocked => Self::new(
                StatusCode::FORBIDDEN,
                "AccessDenied",
                "This bucket does not take your own keys",
                "Its settings block SSE-C. Choose another protection.",
            ),
            Refusal::NotApplicable => Self::new(
                StatusCode::BAD_REQUEST,
                "InvalidRequest",
                "This object needs no key",
                "It is not protected with a key of its owner. Ask for it without one.",
            ),
            other => Self::new(
                StatusCode::BAD_REQUEST,
                "InvalidArgument",
                "The encryption of this request is not valid",
                other.to_string(),
            ),
        }
    }

    fn of_body(error: &BodyError) -> Self {
        match error {
            BodyError::Stalled => Self::new(
                StatusCode::BAD_REQUEST,
                "RequestTimeout",
                "The upload stopped",
                "No bytes arrived for too long.",
            ),
            other => Self::new(
                StatusCode::BAD_REQUEST,
                "IncompleteBody",
                "The upload is incomplete",
                other.to_string(),
            ),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::from(&error)
    }
}

impl From<&Error> for Failure {
    #[expect(clippy::too_many_lines, reason = "this is the table")]
    fn from(error: &Error) -> Self {
        let conflict = |code, title: &str, text: &str| Self::new(StatusCode::CONFLICT, code, title, text);
        match error {
            Error::NoSuchBucket(name) => Self::no_bucket(name),
            Error::NoSuchKey(_)
            | Error::NoSuchVersion(..)
            | Error::Deleted(..)
            | Error::IsDeleteMarker(..) => Self::of_object(error),
            Error::Locked => Self::new(
                StatusCode::FORBIDDEN,
                "AccessDenied",
                "This version is locked",
                "A retention or a legal hold keeps it from being deleted.",
            ),
            Error::BucketExists(_) => conflict(
                "BucketAlreadyOwnedByYou",
                "You have this bucket already",
                "Choose another name, or open the bucket.",
            ),
            Error::BucketTaken(_) => conflict(
                "BucketAlreadyExists",
                "This name is taken",
                "A bucket of another account has it. Names are shared by all accounts.",
            ),
            Error::BucketNotEmpty(_) => conflict(
                "BucketNotEmpty",
                "The bucket is not empty",
                "Delete its objects first, with all their versions.",
            ),
            Error::InvalidBucketName(_) => Self::new(
                StatusCode::BAD_REQUEST,
                "InvalidBucketName",
                "This is not a valid bucket name",
                "A name has 3 to 63 lower-case letters, digits, dots and hyphens. It begins and ends with a letter or digit.",
            ),
            Error::KeyTooLong(bytes) => Self::new(
                StatusCode::BAD_REQUEST,
                "KeyTooLongError",
                "The name is too long",
                format!("The key of an object has at most 1,024 bytes, this one {bytes}."),
            ),
            Error::EntityTooLarge(_) => Self::new(
                StatusCode::BAD_REQUEST,
                "EntityTooLarge",
                "The file is too large for one request",
                "Upload it in parts: the console does so by itself with scripts turned on.",
            ),
            Error::InvalidRange(_) => Self::new(
                StatusCode::RANGE_NOT_SATISFIABLE,
                "InvalidRange",
                "The range is outside the object",
                "The object has fewer bytes.",
            ),
            Error::PreconditionFailed(_) => Self::new(
                StatusCode::PRECONDITION_FAILED,
                "PreconditionFailed",
                "The object has changed",
                "Somebody replaced it in the meantime. Load the page again.",
            ),
            Error::NoSuchUpload(_) => Self::new(
                StatusCode::NOT_FOUND,
                "NoSuchUpload",
                "There is no such upload",
                "It was completed or aborted.",
            ),
            Error::PartNumber(_)
            | Error::InvalidPart { .. }
            | Error::NoParts
            | Error::InvalidPartOrder
            | Error::PartTooSmall { .. }
            | Error::UploadChecksum(_)
            | Error::UploadLength { .. } => Self::new(
                StatusCode::BAD_REQUEST,
                "InvalidPart",
                "The parts of the upload are not valid",
                error.to_string(),
            ),
            Error::Settings(conflict) => Self::new(
                StatusCode::CONFLICT,
                "InvalidBucketState",
                "This setting conflicts with another one",
                conflict.to_string(),
            ),
            Error::Encryption(refusal) => Self::of_refusal(refusal),
            Error::Kms(error) => {
                tracing::warn!(%error, "the key management service did not provide a key");
                Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "KMS",
                    "The key management service does not answer",
                    "The object is whole; its key cannot be had now. Try again later.",
                )
            }
            Error::Audit(error) => {
                tracing::error!(alarm = "audit", %error, "the request was refused");
                Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "ServiceUnavailable",
                    "The audit log cannot be written",
                    "The server uses no key that it cannot record. Ask the operator.",
                )
            }
            Error::Body(error) => Self::of_body(error),
            Error::Contended | Error::NoRoom => Self::busy(),
            Error::Damaged(what) => {
                tracing::error!(alarm = "damaged", %what, "stored data is damaged; the read was refused");
                Self::new(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "InternalError",
                    "The stored object is damaged",
                    "Its bytes are not what was written, so none of them is given out. The operator was alarmed.",
                )
            }
            other => Self::internal(other),
        }
    }
}

impl From<IdentityError> for Failure {
    fn from(error: IdentityError) -> Self {
        match error {
            IdentityError::NoSuchEntity(_)
            | IdentityError::InvalidInput(_)
            | IdentityError::PasswordPolicyViolation { .. } => Self::new(
                StatusCode::BAD_REQUEST,
                "InvalidInput",
                "This cannot be used",
                error.to_string(),
            ),
            IdentityError::ConcurrentModification | IdentityError::NoMemory => Self::busy(),
            other => Self::internal(&other),
        }
    }
}

impl IntoResponse for Failure {
    /// Returns a response without a body, which carries the failure to [`crate::front`].
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}
