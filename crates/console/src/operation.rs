//! The operations of S3 that pages carry out, with the actions that they need: those of the same operations of S3.

/// An operation of S3.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Operation {
    /// Name, for the audit log.
    pub(crate) name: &'static str,
    /// Action on a bucket, or on the newest version of an object.
    pub(crate) action: &'static str,
    /// Action on a named version of an object.
    pub(crate) action_on_version: &'static str,
}

impl Operation {
    /// Returns whether the operation creates the object that it names.
    pub(crate) fn creates_object(&self) -> bool {
        [PUT_OBJECT.name, COPY_OBJECT.name, BEGIN_UPLOAD.name].contains(&self.name)
    }
}

macro_rules! operations {
    ($($(#[$doc:meta])* $constant:ident = $name:literal: $action:literal $(, $on_version:literal)?;)*) => {
        $($(#[$doc])* pub(crate) const $constant: Operation = Operation {
            name: concat!("console:", $name),
            action: concat!("s3:", $action),
            action_on_version: operations!(@version $action $($on_version)?),
        };)*
    };
    (@version $action:literal) => { concat!("s3:", $action) };
    (@version $action:literal $on_version:literal) => { concat!("s3:", $on_version) };
}

operations! {
    LIST_BUCKETS = "ListBuckets": "ListAllMyBuckets";
    CREATE_BUCKET = "CreateBucket": "CreateBucket";
    DELETE_BUCKET = "DeleteBucket": "DeleteBucket";
    LIST_OBJECTS = "ListObjectsV2": "ListBucket";
    LIST_VERSIONS = "ListObjectVersions": "ListBucketVersions";
    LIST_UPLOADS = "ListMultipartUploads": "ListBucketMultipartUploads";
    GET_OBJECT = "GetObject": "GetObject", "GetObjectVersion";
    HEAD_OBJECT = "HeadObject": "GetObject", "GetObjectVersion";
    GET_TAGS = "GetObjectTagging": "GetObjectTagging", "GetObjectVersionTagging";
    PUT_TAGS = "PutObjectTagging": "PutObjectTagging", "PutObjectVersionTagging";
    PUT_OBJECT = "PutObject": "PutObject";
    BEGIN_UPLOAD = "CreateMultipartUpload": "PutObject";
    UPLOAD_PART = "UploadPart": "PutObject";
    COMPLETE_UPLOAD = "CompleteMultipartUpload": "PutObject";
    ABORT_UPLOAD = "AbortMultipartUpload": "AbortMultipartUpload";
    DELETE_OBJECT = "DeleteObject": "DeleteObject", "DeleteObjectVersion";
    COPY_OBJECT = "CopyObject": "PutObject";
    GET_VERSIONING = "GetBucketVersioning": "GetBucketVersioning";
    PUT_VERSIONING = "PutBucketVersioning": "PutBucketVersioning";
    GET_ENCRYPTION = "GetBucketEncryption": "GetEncryptionConfiguration";
    PUT_ENCRYPTION = "PutBucketEncryption": "PutEncryptionConfiguration";
    GET_PUBLIC_ACCESS = "GetPublicAccessBlock": "GetBucketPublicAccessBlock";
    PUT_PUBLIC_ACCESS = "PutPublicAccessBlock": "PutBucketPublicAccessBlock";
    GET_POLICY_STATUS = "GetBucketPolicyStatus": "GetBucketPolicyStatus";
    GET_POLICY = "GetBucketPolicy": "GetBucketPolicy";
    GET_LOCK = "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration";
}
