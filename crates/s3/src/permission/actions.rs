//! What each operation is called in policies
//! (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html>).

use crate::permission::conditions::CREATE_OBJECTS;
use crate::request::query::Query;
use http::HeaderMap;

/// The actions that a request must be allowed on the bucket or object that it is about; none for an operation that is
/// unknown here, which nobody may then do.
pub(super) fn of(operation: &str, query: &Query, headers: &HeaderMap) -> Vec<&'static str> {
    let of_version = query.has("versionId");
    let version = |plain, of_a_version| if of_version { of_a_version } else { plain };
    let mut actions = vec![match operation {
        "PutObject"
        | "CopyObject"
        | "CreateMultipartUpload"
        | "UploadPart"
        | "UploadPartCopy"
        | "CompleteMultipartUpload" => "s3:PutObject",
        "AbortMultipartUpload" => "s3:AbortMultipartUpload",
        "ListParts" => "s3:ListMultipartUploadParts",
        "ListMultipartUploads" => "s3:ListBucketMultipartUploads",
        "GetObject" | "HeadObject" => version("s3:GetObject", "s3:GetObjectVersion"),
        "GetObjectAttributes" => version("s3:GetObjectAttributes", "s3:GetObjectVersionAttributes"),
        "DeleteObject" => version("s3:DeleteObject", "s3:DeleteObjectVersion"),
        "GetObjectTagging" => version("s3:GetObjectTagging", "s3:GetObjectVersionTagging"),
        "PutObjectTagging" => version("s3:PutObjectTagging", "s3:PutObjectVersionTagging"),
        "DeleteObjectTagging" => version("s3:DeleteObjectTagging", "s3:DeleteObjectVersionTagging"),
        "GetObjectAcl" => version("s3:GetObjectAcl", "s3:GetObjectVersionAcl"),
        "PutObjectAcl" => version("s3:PutObjectAcl", "s3:PutObjectVersionAcl"),
        "GetObjectRetention" => "s3:GetObjectRetention",
        "PutObjectRetention" => "s3:PutObjectRetention",
        "GetObjectLegalHold" => "s3:GetObjectLegalHold",
        "PutObjectLegalHold" => "s3:PutObjectLegalHold",
        "UpdateObjectEncryption" => "s3:UpdateObjectEncryption",
        other => match of_bucket(other) {
            Some(action) => action,
            None => return Vec::new(),
        },
    }];
    if operation == "GetObjectAttributes" {
        actions.push(version("s3:GetObject", "s3:GetObjectVersion"));
    }
    if operation == "UpdateObjectEncryption" {
        // It writes an object's key, and must not be a way around a rule about how objects are written.
        actions.push("s3:PutObject");
    }
    let makes_object = CREATE_OBJECTS.contains(&operation);
    let has = |name: &str| headers.contains_key(name);
    let locks = has("x-amz-object-lock-mode") || has("x-amz-object-lock-retain-until-date");
    let also = [
        (makes_object && has("x-amz-tagging"), "s3:PutObjectTagging"),
        (makes_object && has("x-amz-acl"), "s3:PutObjectAcl"),
        (makes_object && locks, "s3:PutObjectRetention"),
        (
            makes_object && has("x-amz-object-lock-legal-hold"),
            "s3:PutObjectLegalHold",
        ),
        (
            has("x-amz-bypass-governance-retention"),
            "s3:BypassGovernanceRetention",
        ),
    ];
    actions.extend(
        also.into_iter()
            .filter(|(needed, _)| *needed)
            .map(|(_, action)| action),
    );
    actions
}

fn of_bucket(operation: &str) -> Option<&'static str> {
    Some(match operation {
        "ListBuckets" => "s3:ListAllMyBuckets",
        "CreateBucket" => "s3:CreateBucket",
        "DeleteBucket" => "s3:DeleteBucket",
        "ListObjects" | "ListObjectsV2" | "HeadBucket" => "s3:ListBucket",
        "ListObjectVersions" => "s3:ListBucketVersions",
        // Asked of each object by itself: see `Caller::may`.
        "DeleteObjects" => "s3:DeleteObject",
        "GetBucketLocation" => "s3:GetBucketLocation",
        "GetBucketAcl" => "s3:GetBucketAcl",
        "PutBucketAcl" => "s3:PutBucketAcl",
        "GetBucketCors" => "s3:GetBucketCORS",
        "PutBucketCors" | "DeleteBucketCors" => "s3:PutBucketCORS",
        "GetBucketEncryption" => "s3:GetEncryptionConfiguration",
        "PutBucketEncryption" | "DeleteBucketEncryption" => "s3:PutEncryptionConfiguration",
        "GetBucketLifecycleConfiguration" => "s3:GetLifecycleConfiguration",
        "PutBucketLifecycleConfiguration" | "DeleteBucketLifecycle" => "s3:PutLifecycleConfiguration",
        "GetObjectLockConfiguration" => "s3:GetBucketObjectLockConfiguration",
        "PutObjectLockConfiguration" => "s3:PutBucketObjectLockConfiguration",
        "GetBucketOwnershipControls" => "s3:GetBucketOwnershipControls",
        "PutBucketOwnershipControls" | "DeleteBucketOwnershipControls" => "s3:PutBucketOwnershipControls",
        "GetBucketPolicy" => "s3:GetBucketPolicy",
        "GetBucketPolicyStatus" => "s3:GetBucketPolicyStatus",
        "PutBucketPolicy" => "s3:PutBucketPolicy",
        "DeleteBucketPolicy" => "s3:DeleteBucketPolicy",
        "GetPublicAccessBlock" => "s3:GetBucketPublicAccessBlock",
        "PutPublicAccessBlock" | "DeletePublicAccessBlock" => "s3:PutBucketPublicAccessBlock",
        "GetBucketTagging" => "s3:GetBucketTagging",
        "PutBucketTagging" | "DeleteBucketTagging" => "s3:PutBucketTagging",
        "GetBucketVersioning" => "s3:GetBucketVersioning",
        "PutBucketVersioning" => "s3:PutBucketVersioning",
        other => return of_what_is_never_configured(other),
    })
}

fn of_what_is_never_configured(operation: &str) -> Option<&'static str> {
    Some(match operation {
        "GetBucketAccelerateConfiguration" => "s3:GetAccelerateConfiguration",
        "PutBucketAccelerateConfiguration" => "s3:PutAccelerateConfiguration",
        "GetBucketLogging" => "s3:GetBucketLogging",
        "PutBucketLogging" => "s3:PutBucketLogging",
        "GetBucketNotificationConfiguration" => "s3:GetBucketNotification",
        "PutBucketNotificationConfiguration" => "s3:PutBucketNotification",
        "GetBucketRequestPayment" => "s3:GetBucketRequestPayment",
        "PutBucketRequestPayment" => "s3:PutBucketRequestPayment",
        "GetBucketWebsite" => "s3:GetBucketWebsite",
        "DeleteBucketWebsite" => "s3:DeleteBucketWebsite",
        "GetBucketReplication" => "s3:GetReplicationConfiguration",
        "DeleteBucketReplication" => "s3:PutReplicationConfiguration",
        "GetBucketAnalyticsConfiguration" | "ListBucketAnalyticsConfigurations" => {
            "s3:GetAnalyticsConfiguration"
        }
        "DeleteBucketAnalyticsConfiguration" => "s3:PutAnalyticsConfiguration",
        "GetBucketIntelligentTieringConfiguration" | "ListBucketIntelligentTieringConfigurations" => {
            "s3:GetIntelligentTieringConfiguration"
        }
        "DeleteBucketIntelligentTieringConfiguration" => "s3:PutIntelligentTieringConfiguration",
        "GetBucketInventoryConfiguration" | "ListBucketInventoryConfigurations" => {
            "s3:GetInventoryConfiguration"
        }
        "DeleteBucketInventoryConfiguration" => "s3:PutInventoryConfiguration",
        "GetBucketMetricsConfiguration" | "ListBucketMetricsConfigurations" => "s3:GetMetricsConfiguration",
        "DeleteBucketMetricsConfiguration" => "s3:PutMetricsConfiguration",
        _ => return None,
    })
}
