//! Decisions and their reasons.

use crate::identity::Identity;
use std::fmt;
use strongroom_access::evaluation::{self, Verdict};
use strongroom_engine::model::judged::Judged;

/// The answer to an [`AccessRequest`](crate::AccessRequest).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// True if the caller may perform the action.
    pub allowed: bool,
    /// The rule that decided.
    pub reason: Reason,
    /// Access of the object that the permission is valid for. `None`: it does not depend on the object.
    pub judged: Option<Judged>,
}

/// The rule that decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The policies of the caller and of the bucket decide together.
    Policies(evaluation::Reason),
    /// The root user of the bucket's account may always read, replace and delete the bucket's policy. Otherwise a policy
    /// that denies everything could not be removed.
    OwnerManagesPolicy,
    /// The bucket does not exist. A signed request proceeds so that the operation reports the missing bucket.
    NoSuchBucket,
    /// The object does not exist, and the caller, who may list the bucket, may know it. The operation reports it.
    NoSuchObject,
    /// The object belongs to another account than the bucket, and neither that account's policies nor the object's access
    /// control list allow the action.
    NotAllowedByObjectOwner,
    /// A statement allows the action, but the policy is public and the bucket's public access block restricts public
    /// policies (`RestrictPublicBuckets`).
    PublicAccessBlock,
    /// The stored policy cannot be parsed. Nobody may use the bucket until the policy is replaced.
    UnreadablePolicy,
    /// The request is not signed, and no policy applies to it.
    NotSigned,
}

impl Decision {
    pub(crate) fn allow(reason: Reason) -> Self {
        Self {
            allowed: true,
            reason,
            judged: None,
        }
    }

    pub(crate) fn deny(reason: Reason) -> Self {
        Self {
            allowed: false,
            reason,
            judged: None,
        }
    }

    /// Returns AWS's message to a caller that is refused an action on a resource of its own account. `None`: a caller must
    /// not learn more than that access is denied.
    ///
    /// (IAM User Guide, "Troubleshoot access denied error messages".)
    pub fn message(&self, identity: &Identity, action: &str, resource: &str) -> Option<String> {
        let Reason::Policies(reason) = &self.reason else {
            return None;
        };
        let verdict = Verdict {
            allowed: self.allowed,
            reason: reason.clone(),
        };
        let arn = identity.as_policy_principal().arn()?;
        let why = verdict.refusal(action)?;
        Some(format!(
            "User: {arn} is not authorized to perform: {action} on resource: \"{resource}\" {why}"
        ))
    }
}

impl From<Verdict> for Decision {
    fn from(verdict: Verdict) -> Self {
        Self {
            allowed: verdict.allowed,
            reason: Reason::Policies(verdict.reason),
            judged: None,
        }
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.allowed { "allowed" } else { "denied" };
        write!(f, "{verdict}: {}", self.reason)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Policies(reason) => reason.fmt(f),
            Self::OwnerManagesPolicy => f.write_str("the owner manages the policy"),
            Self::NoSuchBucket => f.write_str("the bucket does not exist"),
            Self::NoSuchObject => f.write_str("the object does not exist"),
            Self::NotAllowedByObjectOwner => f.write_str("the owner of the object does not allow it"),
            Self::PublicAccessBlock => f.write_str("public access block"),
            Self::UnreadablePolicy => f.write_str("the stored policy cannot be read"),
            Self::NotSigned => f.write_str("the request is not signed"),
        }
    }
}
