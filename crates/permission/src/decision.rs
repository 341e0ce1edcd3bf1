//! Decisions and their reasons.

use std::fmt;
use strongroom_access::policy::StatementName;

/// The answer to an [`AccessRequest`](crate::AccessRequest).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// True if the caller may perform the action.
    pub allowed: bool,
    /// The rule that decided.
    pub reason: Reason,
}

/// The rule that decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// A statement of the bucket's policy allows or denies the action.
    Statement(StatementName),
    /// The caller owns the bucket, and no statement denies the action.
    Owner,
    /// The owner may always read, replace and delete the bucket's policy. Otherwise a policy that denies everything could
    /// not be removed.
    OwnerManagesPolicy,
    /// The bucket does not exist. The owner is allowed to proceed so that the operation reports the missing bucket.
    NoSuchBucket,
    /// A statement allows the action, but the policy is public and the bucket's public access block restricts public
    /// policies (`RestrictPublicBuckets`).
    PublicAccessBlock,
    /// The stored policy cannot be parsed. Nobody may use the bucket until the policy is replaced.
    UnreadablePolicy,
    /// No rule allows the action.
    NothingAllows,
}

impl Decision {
    pub(crate) fn allow(reason: Reason) -> Self {
        Self {
            allowed: true,
            reason,
        }
    }

    pub(crate) fn deny(reason: Reason) -> Self {
        Self {
            allowed: false,
            reason,
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
            Self::Statement(StatementName { number, sid: None }) => write!(f, "statement {number}"),
            Self::Statement(StatementName {
                number,
                sid: Some(sid),
            }) => write!(f, "statement {number} (Sid {sid:?})"),
            Self::Owner => f.write_str("owner"),
            Self::OwnerManagesPolicy => f.write_str("the owner manages the policy"),
            Self::NoSuchBucket => f.write_str("the bucket does not exist"),
            Self::PublicAccessBlock => f.write_str("public access block"),
            Self::UnreadablePolicy => f.write_str("the stored policy cannot be read"),
            Self::NothingAllows => f.write_str("no statement allows it"),
        }
    }
}
