//! Condition keys of a request, and their values.

use crate::policy::principal::Principal;
use std::borrow::Cow;

/// The condition context of one request: values by condition key.
///
/// Keys are case-insensitive, values are not. A key added several times has several values; a key never added is
/// absent, which conditions can test too (see the operator `Null`).
#[derive(Clone, Debug, Default)]
pub struct Conditions<'a> {
    entries: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

impl<'a> Conditions<'a> {
    /// Creates an empty context.
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates a context with the keys of the principal: `aws:PrincipalType`, `aws:PrincipalAccount`,
    /// `aws:PrincipalArn`, `aws:username`, and `aws:userid` of accounts. The `aws:userid` of users is not their name,
    /// and must be added by the caller. (IAM User Guide, "AWS global condition context keys", "Principal key values".)
    pub fn of(principal: &Principal<'a>) -> Self {
        let mut conditions = Self::new();
        match *principal {
            Principal::Anonymous => {
                conditions.add(key::PRINCIPAL_TYPE, "Anonymous");
                conditions.add(key::PRINCIPAL_ACCOUNT, "anonymous");
            }
            Principal::Account(account) => {
                conditions.add(key::PRINCIPAL_ACCOUNT, account.id);
                conditions.add(key::PRINCIPAL_ARN, account.arn());
                if let Some(user) = account.user {
                    conditions.add(key::PRINCIPAL_TYPE, "User");
                    let name = user.rsplit_once('/').map_or(user, |(_, name)| name);
                    conditions.add(key::USERNAME, name);
                } else {
                    conditions.add(key::PRINCIPAL_TYPE, "Account");
                    conditions.add(key::USERID, account.id);
                }
            }
        }
        conditions
    }

    /// Adds a value of a key.
    pub fn add(&mut self, key: impl Into<Cow<'a, str>>, value: impl Into<Cow<'a, str>>) -> &mut Self {
        self.entries.push((key.into(), value.into()));
        self
    }

    /// Returns the values of a key.
    pub(super) fn values(&self, key: &str) -> impl Iterator<Item = &str> {
        self.entries
            .iter()
            .filter(move |(known, _)| known.eq_ignore_ascii_case(key))
            .map(|(_, value)| value.as_ref())
    }

    /// Returns the only value of a key; `None` if it has none or several, as a variable cannot stand for several.
    pub(super) fn value(&self, key: &str) -> Option<&str> {
        let mut values = self.values(key);
        let value = values.next()?;
        values.next().is_none().then_some(value)
    }
}

/// Names of condition keys (IAM User Guide, "AWS global condition context keys"; Service Authorization Reference,
/// "Condition keys for Amazon S3").
pub mod key {
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
    /// `Account`, `User` or `Anonymous`.
    pub const PRINCIPAL_TYPE: &str = "aws:PrincipalType";
    /// Account id, or `anonymous`.
    pub const PRINCIPAL_ACCOUNT: &str = "aws:PrincipalAccount";
    /// ARN of the account or user; absent for anonymous requests.
    pub const PRINCIPAL_ARN: &str = "aws:PrincipalArn";
    /// Unique id of the user, or the account id; absent for anonymous requests.
    pub const USERID: &str = "aws:userid";
    /// Name of the user; absent for accounts and anonymous requests.
    pub const USERNAME: &str = "aws:username";
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
}
