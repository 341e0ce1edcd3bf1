//! Actions, and the kinds of resources they apply to.

use crate::policy::error::Fault;
use crate::policy::glob::{Case, Glob, Unit, matches};

#[cfg(test)]
mod tests;

/// Actions on buckets (Service Authorization Reference, "Actions defined by Amazon S3"; without those on access points,
/// access grants, jobs and accounts, which a bucket policy cannot contain).
const ON_BUCKETS: &[&str] = &[
    "CreateBucket",
    "CreateBucketMetadataTableConfiguration",
    "DeleteBucket",
    "DeleteBucketMetadataTableConfiguration",
    "DeleteBucketPolicy",
    "DeleteBucketWebsite",
    "GetAccelerateConfiguration",
    "GetAnalyticsConfiguration",
    "GetBucketAbac",
    "GetBucketAcl",
    "GetBucketCORS",
    "GetBucketLocation",
    "GetBucketLogging",
    "GetBucketMetadataTableConfiguration",
    "GetBucketNotification",
    "GetBucketObjectLockConfiguration",
    "GetBucketOwnershipControls",
    "GetBucketPolicy",
    "GetBucketPolicyStatus",
    "GetBucketPublicAccessBlock",
    "GetBucketRequestPayment",
    "GetBucketTagging",
    "GetBucketVersioning",
    "GetBucketWebsite",
    "GetEncryptionConfiguration",
    "GetIntelligentTieringConfiguration",
    "GetInventoryConfiguration",
    "GetLifecycleConfiguration",
    "GetMetricsConfiguration",
    "GetReplicationConfiguration",
    "ListBucket",
    "ListBucketMultipartUploads",
    "ListBucketVersions",
    "ListTagsForResource",
    "PauseReplication",
    "PutAccelerateConfiguration",
    "PutAnalyticsConfiguration",
    "PutBucketAbac",
    "PutBucketAcl",
    "PutBucketCORS",
    "PutBucketLogging",
    "PutBucketNotification",
    "PutBucketObjectLockConfiguration",
    "PutBucketOwnershipControls",
    "PutBucketPolicy",
    "PutBucketPublicAccessBlock",
    "PutBucketRequestPayment",
    "PutBucketTagging",
    "PutBucketVersioning",
    "PutBucketWebsite",
    "PutEncryptionConfiguration",
    "PutIntelligentTieringConfiguration",
    "PutInventoryConfiguration",
    "PutLifecycleConfiguration",
    "PutMetricsConfiguration",
    "PutReplicationConfiguration",
    "TagResource",
    "UntagResource",
    "UpdateBucketMetadataInventoryTableConfiguration",
    "UpdateBucketMetadataJournalTableConfiguration",
];

/// Actions on objects, from the same source.
const ON_OBJECTS: &[&str] = &[
    "AbortMultipartUpload",
    "BypassGovernanceRetention",
    "DeleteObject",
    "DeleteObjectTagging",
    "DeleteObjectVersion",
    "DeleteObjectVersionTagging",
    "GetObject",
    "GetObjectAcl",
    "GetObjectAttributes",
    "GetObjectLegalHold",
    "GetObjectRetention",
    "GetObjectTagging",
    "GetObjectTorrent",
    "GetObjectVersion",
    "GetObjectVersionAcl",
    "GetObjectVersionAttributes",
    "GetObjectVersionForReplication",
    "GetObjectVersionTagging",
    "GetObjectVersionTorrent",
    "InitiateReplication",
    "ListMultipartUploadParts",
    "ObjectOwnerOverrideToBucketOwner",
    "PutObject",
    "PutObjectAcl",
    "PutObjectLegalHold",
    "PutObjectRetention",
    "PutObjectTagging",
    "PutObjectVersionAcl",
    "PutObjectVersionTagging",
    "ReplicateDelete",
    "ReplicateObject",
    "ReplicateTags",
    "RestoreObject",
    "UpdateObjectEncryption",
];

/// Actions that a trust policy may contain (IAM User Guide, "Creating roles and attaching policies").
const OF_TRUST: &[&str] = &[
    "sts:AssumeRole",
    "sts:AssumeRoleWithSAML",
    "sts:AssumeRoleWithWebIdentity",
    "sts:SetSourceIdentity",
    "sts:TagSession",
];

/// Kinds of resources.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Kinds {
    pub(super) bucket: bool,
    pub(super) objects: bool,
}

impl Kinds {
    pub(super) fn meet(self, other: Self) -> bool {
        self.bucket && other.bucket || self.objects && other.objects
    }
}

/// The element `Action` or `NotAction`.
#[derive(Clone, Debug)]
pub(super) struct Actions {
    patterns: Vec<Glob>,
    /// `NotAction`: all except these.
    except: bool,
}

impl Actions {
    /// Parses the element of a bucket's policy. `resources` are the kinds of the statement's resources; ignored with
    /// `except`.
    pub(super) fn of_bucket(texts: &[&str], except: bool, resources: Kinds) -> Result<Self, Fault> {
        let patterns = texts.iter().map(|text| {
            let (units, kinds) = parse(text).ok_or_else(|| Fault::Action((*text).to_owned()))?;
            if !except && !kinds.meet(resources) {
                return Err(Fault::NotApplicable((*text).to_owned()));
            }
            Ok(Glob::new(units))
        });
        Ok(Self {
            patterns: patterns.collect::<Result<_, _>>()?,
            except,
        })
    }

    /// Parses the element of a policy of IAM, which may contain actions of all services, also of those that are not here:
    /// AWS does not check whether an action exists.
    pub(super) fn of_identity(texts: &[&str], except: bool) -> Result<Self, Fault> {
        let patterns = texts.iter().map(|text| {
            let owned = || (*text).to_owned();
            if *text != "*" {
                let (vendor, name) = text.split_once(':').ok_or_else(|| Fault::NoVendor(owned()))?;
                if vendor.is_empty() || !vendor.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
                    return Err(Fault::Vendor(vendor.to_owned()));
                }
                let is_letter = |b: u8| b.is_ascii_alphanumeric() || b"*?-_".contains(&b);
                if name.is_empty() || !name.bytes().all(is_letter) {
                    return Err(Fault::ActionName(owned()));
                }
            }
            Ok(Glob::new(compile(text)))
        });
        Ok(Self {
            patterns: patterns.collect::<Result<_, _>>()?,
            except,
        })
    }

    /// Parses the element of a trust policy.
    pub(super) fn of_trust(texts: &[&str], except: bool) -> Result<Self, Fault> {
        let actions = Self::of_identity(texts, false)?;
        for (text, pattern) in texts.iter().zip(&actions.patterns) {
            let is_known = OF_TRUST
                .iter()
                .any(|action| pattern.matches(action, Case::Ignored));
            if except || *text == "*" || !is_known {
                return Err(Fault::TrustAction((*text).to_owned()));
            }
        }
        Ok(actions)
    }

    /// Returns whether the element covers an action. Names of actions are case-insensitive.
    pub(super) fn cover(&self, action: &str) -> bool {
        let mut patterns = self.patterns.iter();
        self.except != patterns.any(|pattern| pattern.matches(action, Case::Ignored))
    }
}

/// Compiles an action of S3; `None` if it matches no existing action.
fn parse(text: &str) -> Option<(Vec<Unit>, Kinds)> {
    let name = match text.split_at_checked(3) {
        Some((service, name)) if service.eq_ignore_ascii_case("s3:") => name,
        _ if text == "*" => "*",
        _ => return None,
    };
    let units = compile(name);
    let any = |known: &[&str]| known.iter().any(|action| matches(&units, action, Case::Ignored));
    let kinds = Kinds {
        bucket: any(ON_BUCKETS),
        objects: any(ON_OBJECTS),
    };
    (kinds != Kinds::default()).then(|| (compile(text), kinds))
}

/// Compiles an action, which has wildcards but no variables.
fn compile(text: &str) -> Vec<Unit> {
    let units = text.chars().map(|char| match char {
        '*' => Unit::Any,
        '?' => Unit::One,
        other => Unit::Char(other),
    });
    units.collect()
}
