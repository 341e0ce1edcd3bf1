//! What can go wrong, in the engine's own words. The table of S3 codes is in the s3 crate.

use crate::audit::AuditUnavailable;
use crate::model::body::BodyError;
use crate::model::refusal::Refusal;
use crate::model::settings::SettingsConflict;
use crate::model::version_name::VersionName;
use strongroom_keys::KeyringError;
use strongroom_keys::kms::KmsError;
use strongroom_store::StoreError;
use tokio::task::JoinError;

/// Result of an operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why an operation was not carried out. Nothing was changed then, unless a variant says otherwise.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no such bucket.
    #[error("there is no bucket {0}")]
    NoSuchBucket(String),
    /// There is no such object.
    #[error("there is no object {0:?}")]
    NoSuchKey(String),
    /// There is no such version of the object.
    #[error("there is no version {1} of {0:?}")]
    NoSuchVersion(String, VersionName),
    /// The newest version of the object is this delete marker.
    #[error("{0:?} is deleted")]
    Deleted(String, VersionName),
    /// The version asked for is a delete marker: there is nothing to read.
    #[error("version {0} is a delete marker")]
    IsDeleteMarker(VersionName),
    /// The version must be kept: it is under retention or a legal hold.
    #[error("the version is locked")]
    Locked,
    /// The bucket has no Object Lock.
    #[error("the bucket has no Object Lock")]
    NoObjectLock,
    /// A version can only be retained until some time to come.
    #[error("the retention would have ended already")]
    RetentionInPast,
    /// There is no such multipart upload, or it was completed or aborted.
    #[error("there is no such multipart upload")]
    NoSuchUpload(String),
    /// Part numbers go from 1 to 10,000.
    #[error("{0} is not the number of a part")]
    PartNumber(i64),
    /// The object has no part of this number.
    #[error("the object has no part {asked}")]
    InvalidPartNumber {
        /// The number asked for.
        asked: u32,
        /// How many parts it has.
        parts: usize,
    },
    /// A part of the list that completes an upload was never uploaded, or is another one.
    #[error("part {number} is not there, or is another one")]
    InvalidPart {
        /// Its number.
        number: u32,
        /// Its `ETag` in the list.
        etag: String,
    },
    /// The list that completes an upload is empty.
    #[error("there are no parts")]
    NoParts,
    /// The list that completes an upload is not in ascending order.
    #[error("the parts are not in ascending order")]
    InvalidPartOrder,
    /// A part other than the last is smaller than 5 MiB.
    #[error("part {number} is too small")]
    PartTooSmall {
        /// Its number.
        number: u32,
        /// Its plain bytes.
        length: u64,
        /// Its `ETag`.
        etag: String,
    },
    /// The upload's checksums and those of the request do not go together; why.
    #[error("{0}")]
    UploadChecksum(String),
    /// The completed object is not of the length that the request gave.
    #[error("the object has {actual} bytes and not {asked}")]
    UploadLength {
        /// The length in the request.
        asked: u64,
        /// The length there is.
        actual: u64,
    },
    /// A copy onto itself that changes nothing.
    #[error("the copy would change nothing")]
    CopyOntoItself,
    /// The source of a copy has more bytes than one copy may have.
    #[error("the source has {0} bytes; 5 GiB is the most for one copy")]
    CopySourceTooLarge(u64),
    /// The source of a copy is a delete marker, named by its version.
    #[error("the source of the copy is a delete marker")]
    SourceIsDeleteMarker,
    /// The range of the source lies outside it.
    #[error("the range lies outside the source's {0} bytes")]
    CopyRange(u64),
    /// The bucket is there already.
    #[error("the bucket {0} is there already")]
    BucketExists(String),
    /// The bucket holds objects.
    #[error("the bucket {0} is not empty")]
    BucketNotEmpty(String),
    /// Not a name for a bucket.
    #[error("{0:?} is not a name for a bucket")]
    InvalidBucketName(String),
    /// The object key has more than 1024 bytes.
    #[error("the object key has {0} bytes; 1024 is the most")]
    KeyTooLong(usize),
    /// Names and values of user metadata have more than 2048 bytes together.
    #[error("the user metadata has {0} bytes; 2048 is the most")]
    MetadataTooLarge(usize),
    /// The object has more bytes than one PUT may bring.
    #[error("the object has {0} bytes; 5 GiB is the most for one PUT")]
    EntityTooLarge(u64),
    /// A condition of the request does not hold; the header is named.
    #[error("the condition {0} does not hold")]
    PreconditionFailed(&'static str),
    /// A condition of the read says that the client has it already.
    #[error("not modified")]
    NotModified {
        /// The object's `ETag`, without quotes.
        etag: String,
        /// When it was last modified, in microseconds since 1970.
        modified: u64,
    },
    /// The range asked for lies outside the object.
    #[error("the range lies outside the object's {0} bytes")]
    InvalidRange(u64),
    /// The encryption asked for, or the key given, will not do.
    #[error(transparent)]
    Encryption(#[from] Refusal),
    /// The key management service does not give the key.
    #[error(transparent)]
    Kms(#[from] KmsError),
    /// The use of a key cannot be noted, so no key is used.
    #[error(transparent)]
    Audit(#[from] AuditUnavailable),
    /// A setting of the bucket does not go with another one.
    #[error(transparent)]
    Settings(#[from] SettingsConflict),
    /// The content of the request could not be taken.
    #[error(transparent)]
    Body(#[from] BodyError),
    /// The content does not match its Content-MD5.
    #[error("the content's MD5 is not the one that the request gave")]
    BadDigest,
    /// The content does not match the checksum that the request gave.
    #[error("the content's {0} is not the one that the request gave")]
    BadChecksum(&'static str),
    /// A checksum was announced for the end of the body, and did not come, or is none.
    #[error("the trailer {0} is missing or is not a checksum")]
    BadTrailer(String),
    /// Too many other writers were faster, again and again.
    #[error("others keep changing the same object; try again")]
    Contended,
    /// Stored bytes are not what was sealed. An alarm: nobody but the store's own operator should see why.
    #[error("stored data is damaged: {0}")]
    Damaged(String),
    /// The store failed. A write may have taken effect or not.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The keyring does not open this data.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// Sealing failed for want of randomness.
    #[error("sealing failed: {0}")]
    Seal(strongroom_seal::Error),
}

impl Error {
    /// Work on another task or thread is lost: it panicked, or everything is being shut down.
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
