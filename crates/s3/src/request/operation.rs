//! The table of operations: one row for each operation of S3.
//!
//! The fence uses it to refuse unsupported operations, `dispatch` to require digests, `permission` to find the actions
//! that policies use for an operation. Tests compare it with the list of implementations (`ops.rs`) and with
//! `docs/s3-api.md`.

use crate::request::target::Level;
use http::Method;
use strongroom_access::policy::Policy;
use strongroom_audit::Category;
use strongroom_sigv4::query::Query;

#[cfg(test)]
mod tests;

/// An operation.
pub(crate) struct Operation {
    /// Name, as AWS and s3s write it.
    pub(crate) name: &'static str,
    pub(crate) method: Method,
    pub(crate) level: Level,
    /// Query parameter that names the part of the bucket or object. `None`: the bucket or object itself.
    pub(crate) sub_resource: Option<&'static str>,
    /// Actions of policies that the caller must be allowed
    /// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html>).
    actions: &'static [&'static str],
    /// Actions if the request names a version. Empty: it cannot name one.
    version_actions: &'static [&'static str],
    traits: &'static [Trait],
    max_document: usize,
}

/// Maximum size of documents for which no row of the table says another, in bytes: settings of a few elements, up to
/// 50 tags of a bucket, 100 rules of CORS (AWS documents 64 KB).
const MAX_DOCUMENT: usize = 64 << 10;

/// A property of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(non_camel_case_types, reason = "they are written this way in the table")]
pub(crate) enum Trait {
    /// AWS requires a digest of the document: a flipped bit could delete what must stay.
    needs_digest,
    /// Concerns the caller's account and no existing bucket: only policies of the caller apply.
    of_account,
    /// Decides about permission itself, for each object of its document.
    decides_by_object,
    /// Copies the tags of another object, unless the request says otherwise.
    copies_tags,
    /// Creates an object, and takes its tags, its lock and its access control list from headers.
    creates_object,
    /// Continues an upload, whose encryption was fixed when it was created.
    continues_upload,
    /// The account that began the upload may do it too.
    of_initiator,
    /// Responds as if the bucket had never been configured. Changes are refused unless they change nothing.
    never_configured,
    /// Refused with `NotImplemented`.
    not_implemented,
}

macro_rules! operations {
    ($($name:ident: $method:ident $level:ident $($sub_resource:literal)?
        => [$($action:ident)*] [$($version_action:ident)*] $($trait:ident)* $(, $max_document:expr)?;)*) => {
        /// All operations.
        pub(crate) const OPERATIONS: &[Operation] = &[$(Operation {
            name: stringify!($name),
            method: Method::$method,
            level: Level::$level,
            sub_resource: operations!(@sub_resource $($sub_resource)?),
            actions: &[$(concat!("s3:", stringify!($action))),*],
            version_actions: &[$(concat!("s3:", stringify!($version_action))),*],
            traits: &[$(Trait::$trait),*],
            max_document: operations!(@max_document $($max_document)?),
        }),*];
    };
    (@sub_resource) => { None };
    (@sub_resource $name:literal) => { Some($name) };
    (@max_document) => { MAX_DOCUMENT };
    (@max_document $bytes:expr) => { $bytes };
}

// Name: method, level, sub-resource => [actions] [actions on a version] traits, maximum size of the document in bytes.
// Where AWS documents the number of entries, the size is their longest form times that number.
operations! {
    ListBuckets: GET Service => [ListAllMyBuckets] [] of_account;

    CreateBucket: PUT Bucket => [CreateBucket] [] of_account;
    HeadBucket: HEAD Bucket => [ListBucket] [];
    DeleteBucket: DELETE Bucket => [DeleteBucket] [];
    ListObjects: GET Bucket => [ListBucket] [];
    ListObjectsV2: GET Bucket => [ListBucket] [];
    PostObject: POST Bucket => [PutObject] [];

    GetBucketAcl: GET Bucket "acl" => [GetBucketAcl] [];
    PutBucketAcl: PUT Bucket "acl" => [PutBucketAcl] [];
    GetBucketCors: GET Bucket "cors" => [GetBucketCORS] [];
    PutBucketCors: PUT Bucket "cors" => [PutBucketCORS] [] needs_digest;
    DeleteBucketCors: DELETE Bucket "cors" => [PutBucketCORS] [];
    // 1,000 keys of 1 KiB with version, ETag and size.
    DeleteObjects: POST Bucket "delete"
        => [DeleteObject] [DeleteObjectVersion] needs_digest decides_by_object, 2252 << 10;
    GetBucketEncryption: GET Bucket "encryption" => [GetEncryptionConfiguration] [];
    PutBucketEncryption: PUT Bucket "encryption" => [PutEncryptionConfiguration] [] needs_digest;
    DeleteBucketEncryption: DELETE Bucket "encryption" => [PutEncryptionConfiguration] [];
    GetBucketLifecycleConfiguration: GET Bucket "lifecycle" => [GetLifecycleConfiguration] [];
    // 1,000 rules with prefix and tags.
    PutBucketLifecycleConfiguration: PUT Bucket "lifecycle"
        => [PutLifecycleConfiguration] [] needs_digest, 2 << 20;
    DeleteBucketLifecycle: DELETE Bucket "lifecycle" => [PutLifecycleConfiguration] [];
    GetBucketLocation: GET Bucket "location" => [GetBucketLocation] [];
    GetObjectLockConfiguration: GET Bucket "object-lock" => [GetBucketObjectLockConfiguration] [];
    PutObjectLockConfiguration: PUT Bucket "object-lock" => [PutBucketObjectLockConfiguration] [] needs_digest;
    GetBucketOwnershipControls: GET Bucket "ownershipControls" => [GetBucketOwnershipControls] [];
    PutBucketOwnershipControls: PUT Bucket "ownershipControls" => [PutBucketOwnershipControls] [];
    DeleteBucketOwnershipControls: DELETE Bucket "ownershipControls" => [PutBucketOwnershipControls] [];
    GetBucketPolicy: GET Bucket "policy" => [GetBucketPolicy] [];
    // AWS documents 20 KB. One byte more is read, so that the answer says that the policy is too long.
    PutBucketPolicy: PUT Bucket "policy" => [PutBucketPolicy] [], Policy::MAX_LEN + 1;
    DeleteBucketPolicy: DELETE Bucket "policy" => [DeleteBucketPolicy] [];
    GetBucketPolicyStatus: GET Bucket "policyStatus" => [GetBucketPolicyStatus] [];
    GetPublicAccessBlock: GET Bucket "publicAccessBlock" => [GetBucketPublicAccessBlock] [];
    PutPublicAccessBlock: PUT Bucket "publicAccessBlock" => [PutBucketPublicAccessBlock] [];
    DeletePublicAccessBlock: DELETE Bucket "publicAccessBlock" => [PutBucketPublicAccessBlock] [];
    GetBucketRequestPayment: GET Bucket "requestPayment" => [GetBucketRequestPayment] [];
    PutBucketRequestPayment: PUT Bucket "requestPayment" => [PutBucketRequestPayment] [];
    GetBucketTagging: GET Bucket "tagging" => [GetBucketTagging] [];
    PutBucketTagging: PUT Bucket "tagging" => [PutBucketTagging] [] needs_digest;
    DeleteBucketTagging: DELETE Bucket "tagging" => [PutBucketTagging] [];
    ListMultipartUploads: GET Bucket "uploads" => [ListBucketMultipartUploads] [];
    GetBucketVersioning: GET Bucket "versioning" => [GetBucketVersioning] [];
    PutBucketVersioning: PUT Bucket "versioning" => [PutBucketVersioning] [];
    ListObjectVersions: GET Bucket "versions" => [ListBucketVersions] [];

    GetBucketAccelerateConfiguration: GET Bucket "accelerate" => [GetAccelerateConfiguration] [] never_configured;
    PutBucketAccelerateConfiguration: PUT Bucket "accelerate" => [PutAccelerateConfiguration] [] never_configured;
    GetBucketAnalyticsConfiguration: GET Bucket "analytics" => [GetAnalyticsConfiguration] [] never_configured;
    ListBucketAnalyticsConfigurations: GET Bucket "analytics" => [GetAnalyticsConfiguration] [] never_configured;
    DeleteBucketAnalyticsConfiguration: DELETE Bucket "analytics" => [PutAnalyticsConfiguration] [] never_configured;
    GetBucketIntelligentTieringConfiguration: GET Bucket "intelligent-tiering"
        => [GetIntelligentTieringConfiguration] [] never_configured;
    ListBucketIntelligentTieringConfigurations: GET Bucket "intelligent-tiering"
        => [GetIntelligentTieringConfiguration] [] never_configured;
    DeleteBucketIntelligentTieringConfiguration: DELETE Bucket "intelligent-tiering"
        => [PutIntelligentTieringConfiguration] [] never_configured;
    GetBucketInventoryConfiguration: GET Bucket "inventory" => [GetInventoryConfiguration] [] never_configured;
    ListBucketInventoryConfigurations: GET Bucket "inventory" => [GetInventoryConfiguration] [] never_configured;
    DeleteBucketInventoryConfiguration: DELETE Bucket "inventory" => [PutInventoryConfiguration] [] never_configured;
    GetBucketLogging: GET Bucket "logging" => [GetBucketLogging] [] never_configured;
    PutBucketLogging: PUT Bucket "logging" => [PutBucketLogging] [] never_configured;
    GetBucketMetricsConfiguration: GET Bucket "metrics" => [GetMetricsConfiguration] [] never_configured;
    ListBucketMetricsConfigurations: GET Bucket "metrics" => [GetMetricsConfiguration] [] never_configured;
    DeleteBucketMetricsConfiguration: DELETE Bucket "metrics" => [PutMetricsConfiguration] [] never_configured;
    GetBucketNotificationConfiguration: GET Bucket "notification" => [GetBucketNotification] [] never_configured;
    PutBucketNotificationConfiguration: PUT Bucket "notification" => [PutBucketNotification] [] never_configured;
    GetBucketReplication: GET Bucket "replication" => [GetReplicationConfiguration] [] never_configured;
    DeleteBucketReplication: DELETE Bucket "replication" => [PutReplicationConfiguration] [] never_configured;
    GetBucketWebsite: GET Bucket "website" => [GetBucketWebsite] [] never_configured;
    DeleteBucketWebsite: DELETE Bucket "website" => [DeleteBucketWebsite] [] never_configured;

    GetBucketAbac: GET Bucket "abac" => [] [] not_implemented;
    PutBucketAbac: PUT Bucket "abac" => [] [] not_implemented;
    CreateBucketMetadataConfiguration: POST Bucket "metadataConfiguration" => [] [] not_implemented;
    GetBucketMetadataConfiguration: GET Bucket "metadataConfiguration" => [] [] not_implemented;
    DeleteBucketMetadataConfiguration: DELETE Bucket "metadataConfiguration" => [] [] not_implemented;
    UpdateBucketMetadataAnnotationTableConfiguration: PUT Bucket "metadataAnnotationTable" => [] [] not_implemented;
    UpdateBucketMetadataInventoryTableConfiguration: PUT Bucket "metadataInventoryTable" => [] [] not_implemented;
    UpdateBucketMetadataJournalTableConfiguration: PUT Bucket "metadataJournalTable" => [] [] not_implemented;
    CreateBucketMetadataTableConfiguration: POST Bucket "metadataTable" => [] [] not_implemented;
    GetBucketMetadataTableConfiguration: GET Bucket "metadataTable" => [] [] not_implemented;
    DeleteBucketMetadataTableConfiguration: DELETE Bucket "metadataTable" => [] [] not_implemented;
    CreateSession: GET Bucket "session" => [] [] not_implemented;

    PutObject: PUT Object => [PutObject] [] creates_object;
    CopyObject: PUT Object => [PutObject] [] creates_object copies_tags;
    GetObject: GET Object => [GetObject] [GetObjectVersion];
    HeadObject: HEAD Object => [GetObject] [GetObjectVersion];
    DeleteObject: DELETE Object => [DeleteObject] [DeleteObjectVersion];

    GetObjectAcl: GET Object "acl" => [GetObjectAcl] [GetObjectVersionAcl];
    PutObjectAcl: PUT Object "acl" => [PutObjectAcl] [PutObjectVersionAcl];
    GetObjectAttributes: GET Object "attributes"
        => [GetObjectAttributes GetObject] [GetObjectVersionAttributes GetObjectVersion];
    // It changes the encryption of an object, so a policy that restricts the encryption of writes must apply to it too.
    UpdateObjectEncryption: PUT Object "encryption"
        => [UpdateObjectEncryption PutObject] [UpdateObjectEncryption PutObject];
    GetObjectLegalHold: GET Object "legal-hold" => [GetObjectLegalHold] [GetObjectLegalHold];
    PutObjectLegalHold: PUT Object "legal-hold" => [PutObjectLegalHold] [PutObjectLegalHold];
    GetObjectRetention: GET Object "retention" => [GetObjectRetention] [GetObjectRetention];
    PutObjectRetention: PUT Object "retention" => [PutObjectRetention] [PutObjectRetention];
    GetObjectTagging: GET Object "tagging" => [GetObjectTagging] [GetObjectVersionTagging];
    // 10 tags of 128 and 256 characters.
    PutObjectTagging: PUT Object "tagging" => [PutObjectTagging] [PutObjectVersionTagging], 16 << 10;
    DeleteObjectTagging: DELETE Object "tagging" => [DeleteObjectTagging] [DeleteObjectVersionTagging];

    CreateMultipartUpload: POST Object "uploads" => [PutObject] [] creates_object;
    UploadPart: PUT Object "uploadId" => [PutObject] [] continues_upload;
    UploadPartCopy: PUT Object "uploadId" => [PutObject] [] continues_upload;
    // 10,000 parts of 300 bytes, which is an ETag and the longest checksum, indented.
    CompleteMultipartUpload: POST Object "uploadId" => [PutObject] [] continues_upload, 3 << 20;
    AbortMultipartUpload: DELETE Object "uploadId" => [AbortMultipartUpload] [] of_initiator;
    ListParts: GET Object "uploadId" => [ListMultipartUploadParts] [] of_initiator;

    GetObjectAnnotation: GET Object "annotation" => [] [] not_implemented;
    ListObjectAnnotations: GET Object "annotation" => [] [] not_implemented;
    PutObjectAnnotation: PUT Object "annotation" => [] [] not_implemented;
    DeleteObjectAnnotation: DELETE Object "annotation" => [] [] not_implemented;
    RenameObject: PUT Object "renameObject" => [] [] not_implemented;
    RestoreObject: POST Object "restore" => [] [] not_implemented;
    SelectObjectContent: POST Object "select" => [] [] not_implemented;
    GetObjectTorrent: GET Object "torrent" => [] [] not_implemented;
}

/// Sub-resources that other servers support and no operation above has.
const OTHER_SUB_RESOURCES: [&str; 3] = ["append", "events", "usage"];

impl Operation {
    /// Returns the operation of this name.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        OPERATIONS.iter().find(|operation| operation.name == name)
    }

    /// Returns the operation of a request with a document. `None`: there is none, or the request is no request of S3.
    pub(crate) fn with_document(level: Level, method: &Method, query: &Query) -> Option<&'static Self> {
        let sub_resource = query.pairs().iter().find(|(name, _)| is_sub_resource(name));
        let sub_resource = sub_resource.map(|(name, _)| name.as_str());
        OPERATIONS.iter().find(|operation| {
            operation.level == level && operation.method == *method && operation.sub_resource == sub_resource
        })
    }

    /// Returns the actions that allow the operation on a resource or on a version of one.
    pub(crate) fn all_actions(&self) -> Vec<&'static str> {
        [self.actions, self.version_actions].concat()
    }

    /// Returns the actions that the caller must be allowed.
    pub(crate) fn actions(&self, names_version: bool) -> &'static [&'static str] {
        if names_version && !self.version_actions.is_empty() {
            self.version_actions
        } else {
            self.actions
        }
    }

    /// Returns the category of its requests in the audit log.
    pub(crate) fn category(&self) -> Category {
        match (&self.method, self.level) {
            (&Method::GET | &Method::HEAD, _) => Category::Reads,
            (_, Level::Object) => Category::Writes,
            _ if ["DeleteObjects", "PostObject"].contains(&self.name) => Category::Writes,
            _ => Category::Settings,
        }
    }

    /// Returns whether the operation has this property.
    pub(crate) fn is(&self, property: Trait) -> bool {
        self.traits.contains(&property)
    }

    /// Returns whether requests of the operation are not refused from the start.
    pub(crate) fn is_offered(&self) -> bool {
        !self.is(Trait::not_implemented)
    }

    fn is_about(&self, level: Level, sub_resource: &str) -> bool {
        self.level == level && self.sub_resource == Some(sub_resource)
    }
}

/// Returns the maximum size of the document of a request, in bytes.
pub(crate) fn max_document(operation: Option<&Operation>) -> usize {
    operation.map_or(MAX_DOCUMENT, |operation| operation.max_document)
}

/// Returns whether a query parameter of this name is a sub-resource.
pub(crate) fn is_sub_resource(name: &str) -> bool {
    OTHER_SUB_RESOURCES.contains(&name)
        || OPERATIONS
            .iter()
            .any(|operation| operation.sub_resource == Some(name))
}

/// Returns whether there is an operation with this method on this sub-resource.
pub(crate) fn is_offered(level: Level, sub_resource: &str, method: &Method) -> bool {
    OPERATIONS.iter().any(|operation| {
        operation.is_about(level, sub_resource) && operation.method == *method && operation.is_offered()
    })
}

/// Returns whether this sub-resource is one of buckets only, for this method.
pub(crate) fn is_of_buckets_only(sub_resource: &str, method: &Method) -> bool {
    let is_of = |level| {
        OPERATIONS
            .iter()
            .any(|operation| operation.is_about(level, sub_resource) && operation.method == *method)
    };
    is_of(Level::Bucket) && !is_of(Level::Object)
}

/// Returns whether versions of an object have this sub-resource too.
pub(crate) fn is_of_versions(sub_resource: &str) -> bool {
    OPERATIONS.iter().any(|operation| {
        operation.is_about(Level::Object, sub_resource) && !operation.version_actions.is_empty()
    })
}

/// Returns whether AWS requires a digest of the document of such a request.
pub(crate) fn needs_digest(level: Level, method: &Method, query: &Query) -> bool {
    OPERATIONS.iter().any(|operation| {
        operation.is(Trait::needs_digest)
            && operation.level == level
            && operation.method == *method
            && operation.sub_resource.is_some_and(|name| query.has(name))
    })
}
