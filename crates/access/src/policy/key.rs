//! Names of condition keys.
//!
//! (IAM User Guide, "AWS global condition context keys", "IAM and AWS STS condition context keys"; Service Authorization
//! Reference, "Condition keys for Amazon S3".) A name that ends with a slash is a prefix; the key of a tag follows.

/// Address of the client.
pub const SOURCE_IP: &str = "aws:SourceIp";
/// `true` over TLS, else `false`.
pub const SECURE_TRANSPORT: &str = "aws:SecureTransport";
/// Time of the request, ISO 8601.
pub const CURRENT_TIME: &str = "aws:CurrentTime";
/// Time of the request, seconds since 1970.
pub const EPOCH_TIME: &str = "aws:EpochTime";
/// Value of the header.
pub const USER_AGENT: &str = "aws:UserAgent";
/// Value of the header.
pub const REFERER: &str = "aws:Referer";
/// `Account`, `User`, `AssumedRole` or `Anonymous`.
pub const PRINCIPAL_TYPE: &str = "aws:PrincipalType";
/// Account id, or `anonymous`.
pub const PRINCIPAL_ACCOUNT: &str = "aws:PrincipalAccount";
/// ARN of the account, the user, or the role of the session; absent for anonymous requests.
pub const PRINCIPAL_ARN: &str = "aws:PrincipalArn";
/// `true` for services, `false` for signed requests; absent for anonymous requests.
pub const PRINCIPAL_IS_AWS_SERVICE: &str = "aws:PrincipalIsAWSService";
/// Name of the service that makes the request.
pub const PRINCIPAL_SERVICE_NAME: &str = "aws:PrincipalServiceName";
/// Prefix of the keys for the tags of the user or role, and of the session.
pub const PRINCIPAL_TAG: &str = "aws:PrincipalTag/";
/// ARN of the identity provider of a web identity and of its sessions.
pub const FEDERATED_PROVIDER: &str = "aws:FederatedProvider";
/// Unique id of the user; unique id of the role, a colon, and the name of the session; or the account id. Absent for
/// anonymous requests.
pub const USERID: &str = "aws:userid";
/// Name of the user; absent for all others.
pub const USERNAME: &str = "aws:username";
/// Time at which temporary credentials were issued, ISO 8601.
pub const TOKEN_ISSUE_TIME: &str = "aws:TokenIssueTime";
/// `true` if temporary credentials were issued with multi-factor authentication, else `false`; absent for access keys.
pub const MFA_PRESENT: &str = "aws:MultiFactorAuthPresent";
/// Seconds since multi-factor authentication.
pub const MFA_AGE: &str = "aws:MultiFactorAuthAge";
/// Value that the session was given as its source identity.
pub const SOURCE_IDENTITY: &str = "aws:SourceIdentity";
/// Region that the request names.
pub const REQUESTED_REGION: &str = "aws:RequestedRegion";
/// Account id of the resource's owner.
pub const OWNER_ACCOUNT: &str = "aws:ResourceAccount";
/// Prefix of the keys for the tags of the resource.
pub const RESOURCE_TAG: &str = "aws:ResourceTag/";
/// Prefix of the keys for the tags in the request.
pub const REQUEST_TAG: &str = "aws:RequestTag/";
/// Keys of the tags in the request; one value per tag.
pub const TAG_KEYS: &str = "aws:TagKeys";
/// `true` if a service makes the request on behalf of the principal, else `false`.
pub const VIA_AWS_SERVICE: &str = "aws:ViaAWSService";
/// External id of a request for a role.
pub const EXTERNAL_ID: &str = "sts:ExternalId";
/// Name of the session in a request for a role.
pub const ROLE_SESSION_NAME: &str = "sts:RoleSessionName";
/// Source identity in a request for a role.
pub const REQUESTED_SOURCE_IDENTITY: &str = "sts:SourceIdentity";
/// Duration in seconds in a request for a role.
pub const DURATION_SECONDS: &str = "sts:DurationSeconds";
/// Keys of the tags that a session passes on to the roles that it assumes; one value per tag.
pub const TRANSITIVE_TAG_KEYS: &str = "sts:TransitiveTagKeys";
/// ARN of the managed policy in a request that attaches or detaches it.
pub const POLICY_ARN: &str = "iam:PolicyARN";
/// ARN of the managed policy in a request that makes it a boundary.
pub const PERMISSIONS_BOUNDARY: &str = "iam:PermissionsBoundary";
/// Service to which a request passes a role.
pub const PASSED_TO_SERVICE: &str = "iam:PassedToService";
/// Prefix of the keys for the tags of the user or role to which a request applies.
pub const IAM_RESOURCE_TAG: &str = "iam:ResourceTag/";
/// Version of TLS, such as `1.3`.
pub const TLS_VERSION: &str = "s3:TlsVersion";
/// `REST-HEADER`, `REST-QUERY-STRING` or `POST`.
pub const AUTH_TYPE: &str = "s3:authType";
/// Age of the signature of a presigned request, in milliseconds.
pub const SIGNATURE_AGE: &str = "s3:signatureAge";
/// `AWS4-HMAC-SHA256` or `AWS`.
pub const SIGNATURE_VERSION: &str = "s3:signatureversion";
/// Value of the header.
pub const CONTENT_SHA256: &str = "s3:x-amz-content-sha256";
/// Account id of the bucket's owner.
pub const RESOURCE_ACCOUNT: &str = "s3:ResourceAccount";
/// Parameter of a listing.
pub const PREFIX: &str = "s3:prefix";
/// Parameter of a listing.
pub const DELIMITER: &str = "s3:delimiter";
/// Parameter of a listing.
pub const MAX_KEYS: &str = "s3:max-keys";
/// Parameter of a request for a version.
pub const VERSION_ID: &str = "s3:VersionId";
/// Value of the header.
pub const ACL: &str = "s3:x-amz-acl";
/// Value of the header.
pub const GRANT_FULL_CONTROL: &str = "s3:x-amz-grant-full-control";
/// Value of the header.
pub const GRANT_READ: &str = "s3:x-amz-grant-read";
/// Value of the header.
pub const GRANT_READ_ACP: &str = "s3:x-amz-grant-read-acp";
/// Value of the header.
pub const GRANT_WRITE: &str = "s3:x-amz-grant-write";
/// Value of the header.
pub const GRANT_WRITE_ACP: &str = "s3:x-amz-grant-write-acp";
/// Value of the header.
pub const OBJECT_OWNERSHIP: &str = "s3:x-amz-object-ownership";
/// Value of the header.
pub const SSE: &str = "s3:x-amz-server-side-encryption";
/// Value of the header.
pub const SSE_KMS_KEY_ID: &str = "s3:x-amz-server-side-encryption-aws-kms-key-id";
/// Value of the header.
pub const SSE_CUSTOMER_ALGORITHM: &str = "s3:x-amz-server-side-encryption-customer-algorithm";
/// Value of the header.
pub const COPY_SOURCE: &str = "s3:x-amz-copy-source";
/// Value of the header.
pub const METADATA_DIRECTIVE: &str = "s3:x-amz-metadata-directive";
/// Value of the header.
pub const STORAGE_CLASS: &str = "s3:x-amz-storage-class";
/// Value of the header.
pub const WEBSITE_REDIRECT_LOCATION: &str = "s3:x-amz-website-redirect-location";
/// `GOVERNANCE` or `COMPLIANCE`.
pub const OBJECT_LOCK_MODE: &str = "s3:object-lock-mode";
/// End of the retention, ISO 8601.
pub const OBJECT_LOCK_RETAIN_UNTIL_DATE: &str = "s3:object-lock-retain-until-date";
/// Remaining retention in days.
pub const OBJECT_LOCK_REMAINING_RETENTION_DAYS: &str = "s3:object-lock-remaining-retention-days";
/// `ON` or `OFF`.
pub const OBJECT_LOCK_LEGAL_HOLD: &str = "s3:object-lock-legal-hold";
/// Prefix of the keys for an object's existing tags; the tag's key follows.
pub const EXISTING_OBJECT_TAG: &str = "s3:ExistingObjectTag/";
/// Prefix of the keys for the tags in the request; the tag's key follows.
pub const REQUEST_OBJECT_TAG: &str = "s3:RequestObjectTag/";
/// Keys of the tags in the request; one value per tag.
pub const REQUEST_OBJECT_TAG_KEYS: &str = "s3:RequestObjectTagKeys";
