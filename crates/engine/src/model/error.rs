//! Errors of the engine's operations. The table of S3 error codes is in the s3 crate.

use crate::model::body::BodyError;
use crate::model::quota::QuotaExceeded;
use crate::model::refusal::Refusal;
use crate::model::settings::SettingsConflict;
use crate::model::version_name::VersionName;
use strongroom_audit::AuditUnavailable;
use strongroom_keys::KeyringError;
use strongroom_keys::kms::KmsError;
use strongroom_store::StoreError;
use tokio::task::JoinError;

/// Result of an operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Error of an operation. The operation changed nothing, unless a variant says otherwise.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The bucket does not exist.
    #[error("there is no bucket {0}")]
    NoSuchBucket(String),
    /// The object does not exist.
    #[error("there is no object {0:?}")]
    NoSuchKey(String),
    /// The object has no such version.
    #[error("there is no version {1} of {0:?}")]
    NoSuchVersion(String, VersionName),
    /// The newest version of the object is this delete marker.
    #[error("{0:?} is deleted")]
    Deleted(String, VersionName),
    /// The requested version is a delete marker, which has no content; its name, and its time in microseconds since 1970.
    #[error("version {0} is a delete marker")]
    IsDeleteMarker(VersionName, u64),
    /// The version must be kept: it is under retention or a legal hold.
    #[error("the version is locked")]
    Locked,
    /// The bucket has no Object Lock.
    #[error("the bucket has no Object Lock")]
    NoObjectLock,
    /// The retention would end in the past.
    #[error("the retention would end in the past")]
    RetentionInPast,
    /// The multipart upload does not exist, or was completed or aborted.
    #[error("there is no such multipart upload")]
    NoSuchUpload(String),
    /// The part number is not between 1 and 10,000.
    #[error("{0} is not a valid part number")]
    PartNumber(i64),
    /// The object has no part with this number.
    #[error("the object has no part {requested}")]
    InvalidPartNumber {
        /// Requested part number.
        requested: u32,
        /// Number of parts of the object.
        parts: usize,
    },
    /// The request that completes an upload lists a part that was never uploaded, or was replaced since.
    #[error("part {number} does not exist or was replaced")]
    InvalidPart {
        /// Number of the part.
        number: u32,
        /// `ETag` of the part in the request's list.
        etag: String,
    },
    /// The request that completes an upload lists no parts.
    #[error("no parts are listed")]
    NoParts,
    /// The request that completes an upload does not list the parts in ascending order.
    #[error("the parts are not listed in ascending order")]
    InvalidPartOrder,
    /// A part other than the last one is smaller than 5 MiB.
    #[error("part {number} is too small")]
    PartTooSmall {
        /// Number of the part.
        number: u32,
        /// Plaintext bytes of the part.
        length: u64,
        /// `ETag` of the part.
        etag: String,
    },
    /// The request's checksums conflict with the upload's; the reason.
    #[error("{0}")]
    UploadChecksum(String),
    /// The completed object does not have the length that the request gave.
    #[error("the object has {actual} bytes and not {requested}")]
    UploadLength {
        /// Length in the request.
        requested: u64,
        /// Actual length.
        actual: u64,
    },
    /// A copy of an object onto itself that changes nothing.
    #[error("the copy would change nothing")]
    CopyOntoItself,
    /// The source of a copy is larger than one copy may be.
    #[error("the source has {0} bytes; the maximum for one copy is 5 GiB")]
    CopySourceTooLarge(u64),
    /// The source of a copy is a version that is a delete marker.
    #[error("the source of the copy is a delete marker")]
    SourceIsDeleteMarker,
    /// The requested range is outside the source of the copy, which has this many bytes.
    #[error("the range is outside the source's {0} bytes")]
    CopyRange(u64),
    /// The bucket exists already, and belongs to the account that wants to create it.
    #[error("the bucket {0} exists already")]
    BucketExists(String),
    /// The name belongs to a bucket of another account.
    #[error("another account has a bucket {0}")]
    BucketTaken(String),
    /// The bucket is not empty.
    #[error("the bucket {0} is not empty")]
    BucketNotEmpty(String),
    /// The bucket name is invalid.
    #[error("{0:?} is not a valid bucket name")]
    InvalidBucketName(String),
    /// The object key is longer than 1024 bytes.
    #[error("the object key has {0} bytes; the maximum is 1024")]
    KeyTooLong(usize),
    /// The names and values of user metadata are longer than 2048 bytes together.
    #[error("the user metadata has {0} bytes; the maximum is 2048")]
    MetadataTooLarge(usize),
    /// The object is larger than one PUT may be.
    #[error("the object has {0} bytes; the maximum for one PUT is 5 GiB")]
    EntityTooLarge(u64),
    /// A condition of the request does not hold; the name of its header.
    #[error("the condition {0} does not hold")]
    PreconditionFailed(&'static str),
    /// The client has the current version already, by the conditions of the read.
    #[error("not modified")]
    NotModified {
        /// `ETag` of the object, without quotes.
        etag: String,
        /// Time of the last modification, in microseconds since 1970.
        modified: u64,
    },
    /// The requested range is outside the object, which has this many bytes.
    #[error("the range is outside the object's {0} bytes")]
    InvalidRange(u64),
    /// The requested encryption, or the key in the request, was refused.
    #[error(transparent)]
    Encryption(#[from] Refusal),
    /// The key management service did not provide the key.
    #[error(transparent)]
    Kms(#[from] KmsError),
    /// The use of a key cannot be recorded in the audit log, so no key is used.
    #[error(transparent)]
    Audit(#[from] AuditUnavailable),
    /// A setting of the bucket conflicts with another one.
    #[error(transparent)]
    Settings(#[from] SettingsConflict),
    /// The body of the request could not be received.
    #[error(transparent)]
    Body(#[from] BodyError),
    /// The content does not match the request's Content-MD5.
    #[error("the content does not match the MD5 in the request")]
    BadDigest,
    /// The content does not match the request's checksum; the algorithm.
    #[error("the content does not match the {0} in the request")]
    BadChecksum(&'static str),
    /// The trailer that should contain a checksum is missing or malformed; its name.
    #[error("the trailer {0} is missing or is not a checksum")]
    BadTrailer(String),
    /// The write would exceed a quota.
    #[error(transparent)]
    QuotaExceeded(#[from] QuotaExceeded),
    /// The account has as many buckets as it may have: this number.
    #[error("the account may have {0} buckets")]
    TooManyBuckets(u64),
    /// Other writers committed first, too many times in a row.
    #[error("other requests keep changing the same object; try again")]
    Contended,
    /// The caller has no memory for the content of a read.
    #[error("there is no memory for the content; try again")]
    NoRoom,
    /// Stored bytes cannot be authenticated or decoded. Raises an alarm; only the store's operator should see the
    /// reason.
    #[error("stored data is damaged: {0}")]
    Damaged(String),
    /// The store failed. A write may or may not have taken effect.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The keyring cannot decrypt this data.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// Encryption failed because no random bytes were available.
    #[error("encryption failed: {0}")]
    Seal(strongroom_seal::Error),
}

impl Error {
    /// Returns the error for a lost task or thread: it panicked, or the server is shutting down.
    pub(crate) fn lost(doing: &str, lost: JoinError) -> Self {
        Self::Store(if lost.is_panic() {
            StoreError::failed(doing, lost)
        } else {
            StoreError::Closing
        })
    }
}

impl From<strongroom_seal::Error> for Error {
    fn from(error: strongroom_seal::Error) -> Self {
        match error {
            strongroom_seal::Error::WrongKey => Self::Encryption(Refusal::WrongKey),
            strongroom_seal::Error::Damaged(_) | strongroom_seal::Error::UnknownSuite(_) => {
                Self::Damaged(error.to_string())
            }
            other => Self::Seal(other),
        }
    }
}

impl From<strongroom_rows::Error> for Error {
    fn from(error: strongroom_rows::Error) -> Self {
        match error {
            strongroom_rows::Error::Store(error) => Self::Store(error),
            strongroom_rows::Error::Damaged(why) => Self::Damaged(why),
            strongroom_rows::Error::Seal(error) => error.into(),
        }
    }
}
