//! The operations of S3 that pages carry out, with the actions that they need: those of the same operations of S3.

use strongroom_audit::Category;

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
    /// Returns the category of the operation in the audit log.
    pub(crate) fn category(&self) -> Category {
        let name = self.name.trim_start_matches("console:");
        if ["Get", "Head", "List"].iter().any(|word| name.starts_with(word)) {
            Category::Reads
        } else if ["Object", "Upload"].iter().any(|word| name.contains(word)) {
            Category::Writes
        } else {
            Category::Settings
        }
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_have_the_categories_of_those_of_s3() {
        for operation in [LIST_BUCKETS, HEAD_OBJECT, GET_LOCK, LIST_UPLOADS, GET_TAGS] {
            assert_eq!(operation.category(), Category::Reads, "{}", operation.name);
        }
        for operation in [
            PUT_OBJECT,
            COPY_OBJECT,
            DELETE_OBJECT,
            PUT_TAGS,
            BEGIN_UPLOAD,
            UPLOAD_PART,
            COMPLETE_UPLOAD,
            ABORT_UPLOAD,
        ] {
            assert_eq!(operation.category(), Category::Writes, "{}", operation.name);
        }
        for operation in [
            CREATE_BUCKET,
            DELETE_BUCKET,
            PUT_VERSIONING,
            PUT_PUBLIC_ACCESS,
            PUT_ENCRYPTION,
        ] {
            assert_eq!(operation.category(), Category::Settings, "{}", operation.name);
        }
    }
}
