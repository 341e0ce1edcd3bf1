//! Actions, and the kinds of resources they apply to.

use crate::policy::error::Fault;
use crate::policy::pattern::{Case, Pattern, Syntax, Unit, matches};

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
    patterns: Vec<Vec<Unit>>,
    /// `NotAction`: all except these.
    except: bool,
}

impl Actions {
    /// Parses the texts of the element. `resources` are the kinds of the statement's resources; ignored with `except`.
    pub(super) fn parse(texts: &[&str], except: bool, resources: Kinds) -> Result<Self, Fault> {
        let patterns = texts.iter().map(|text| {
            let (units, kinds) = parse(text).ok_or_else(|| Fault::Action((*text).to_owned()))?;
            if !except && !kinds.meet(resources) {
                return Err(Fault::NotApplicable((*text).to_owned()));
            }
            Ok(units)
        });
        Ok(Self {
            patterns: patterns.collect::<Result<_, _>>()?,
            except,
        })
    }

    /// Returns whether the element covers an action. Names of actions are case-insensitive.
    pub(super) fn cover(&self, action: &str) -> bool {
        self.except
            != self
                .patterns
                .iter()
                .any(|pattern| matches(pattern, action, Case::Ignored))
    }
}

/// Compiles an action; `None` if it matches no existing action.
fn parse(text: &str) -> Option<(Vec<Unit>, Kinds)> {
    let name = match text.split_at_checked(3) {
        Some((service, name)) if service.eq_ignore_ascii_case("s3:") => name,
        _ if text == "*" => "*",
        _ => return None,
    };
    let compile = |text: &str| {
        let syntax = Syntax {
            wildcards: true,
            variables: false,
        };
        Pattern::compile(text, syntax).map(|pattern| pattern.widest().into_owned())
    };
    let units = compile(name).ok()?;
    let any = |known: &[&str]| known.iter().any(|action| matches(&units, action, Case::Ignored));
    let kinds = Kinds {
        bucket: any(ON_BUCKETS),
        objects: any(ON_OBJECTS),
    };
    (kinds != Kinds::default()).then_some((compile(text).ok()?, kinds))
}
