//! Errors in policies.

use std::fmt;
use thiserror::Error;

mod advice;
mod message;
#[cfg(test)]
mod tests;

/// Maximum length of a bucket's policy in bytes: 20 KB (S3 User Guide, "Bucket policies").
pub(super) const MAX_LEN: usize = 20 * 1024;

/// An error in a policy. S3 responds with `400 MalformedPolicy`, IAM with `400 MalformedPolicyDocument`, or with
/// `409 LimitExceeded` for [`Fault::Quota`].
///
/// Displays AWS's message where it is known, letter for letter; [`hint`](Self::hint) describes what to change.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub struct PolicyError {
    /// The fault.
    pub fault: Fault,
    /// Number of the faulty statement, from 1.
    pub statement: Option<usize>,
    pub(super) dialect: Dialect,
}

/// Wording of errors: each service of AWS has its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    S3,
    Managed,
    Inline,
    Session,
    Trust,
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.fault.message_of_iam(self.dialect) {
            Some(message) => f.write_str(&message),
            None => self.fault.fmt(f),
        }
    }
}

/// A fault in a policy. Displays the message of S3.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Fault {
    /// The policy of a bucket is longer than [`Policy::MAX_LEN`](crate::policy::Policy::MAX_LEN): its length in bytes.
    #[error("Policy exceeds the maximum allowed document size.")]
    TooLong(usize),
    /// A policy of IAM is larger than its kind may be.
    #[error("Cannot exceed quota for PolicySize: {max}")]
    Quota {
        /// Size of the policy.
        size: usize,
        /// Maximum size: see [`PolicyKind::max_size`](crate::policy::PolicyKind::max_size).
        max: usize,
    },
    /// The policy does not begin with a brace.
    #[error("Policies must be valid JSON and the first byte must be '{{'")]
    FirstByte,
    /// The policy is not JSON, or has a duplicate element.
    #[error("This policy contains invalid Json")]
    Json(String),
    /// An element has the wrong shape: the element and the expected shape.
    #[error("Invalid policy syntax.")]
    Shape(&'static str, &'static str),
    /// The element does not exist: the element and the existing ones.
    #[error("Unknown field {0}")]
    UnknownField(String, &'static str),
    /// The element must not be in a policy of this kind.
    #[error("Has prohibited field {0}")]
    Prohibited(&'static str),
    /// An element is missing.
    #[error("Missing required field {0}")]
    Missing(&'static str),
    /// An element is empty.
    #[error("Missing required field {0} cannot be empty!")]
    Empty(&'static str),
    /// There are no statements.
    #[error("Could not parse the policy: Statement is empty!")]
    NoStatements,
    /// The name of a statement has characters other than letters and digits.
    #[error(
        "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*"
    )]
    Sid(String),
    /// Two statements have the same name.
    #[error("Statement IDs (SID) in a single policy must be unique.")]
    DuplicateSid(String),
    /// The version of the language does not exist.
    #[error("The policy must contain a valid version string")]
    Version(String),
    /// An element and its opposite are both present.
    #[error("Statement/policy already has instance of {0}")]
    Both(&'static str),
    /// The effect is neither Allow nor Deny.
    #[error("Invalid effect: {0}")]
    Effect(String),
    /// The principal is not valid.
    #[error("Invalid principal in policy")]
    Principal(String),
    /// Allow with `NotPrincipal`, which would allow the rest of the world.
    #[error("Allow with NotPrincipal is not allowed.")]
    AllowNotPrincipal,
    /// The action does not exist for buckets or objects.
    #[error("Policy has invalid action")]
    Action(String),
    /// The action does not name its service.
    #[error("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")]
    NoVendor(String),
    /// The text before an action's colon names no service.
    #[error("Vendor {0} is not valid")]
    Vendor(String),
    /// The name of an action has characters that no action has.
    #[error("Syntax errors in policy.")]
    ActionName(String),
    /// The action is no way to assume a role.
    #[error("AssumeRole policy may only specify STS AssumeRole actions.")]
    TrustAction(String),
    /// The resource is no ARN.
    #[error("Resource {0} must be in ARN format or \"*\".")]
    ResourceFormat(String),
    /// The partition of a resource does not exist: the partition and the resource.
    #[error("Partition \"{0}\" is not valid for resource \"{1}\".")]
    Partition(String, String),
    /// The resource is not the policy's bucket, nor in it: the resource and the bucket.
    #[error("Policy has invalid resource")]
    Resource(String, String),
    /// The action does not apply to any resource of the statement.
    #[error("Action does not apply to any resource(s) in statement")]
    NotApplicable(String),
    /// The condition operator does not exist.
    #[error("Invalid Condition type : {0}")]
    Operator(String),
    /// The text is not a condition key.
    #[error("Policy has an invalid condition key")]
    ConditionKey(String),
    /// The text is not an address or range of addresses.
    #[error("Invalid IP address in Conditions")]
    Address(String),
    /// The value is not valid for the operator: the value, the key, and the expected kind.
    #[error("Invalid value in Conditions")]
    Value(String, String, &'static str),
    /// A `${` does not begin a variable.
    #[error("Policy has an invalid variable")]
    Variable(String),
}

impl PolicyError {
    pub(super) fn new(fault: Fault, dialect: Dialect) -> Self {
        Self {
            fault,
            statement: None,
            dialect,
        }
    }

    /// Returns advice for the author of the policy.
    pub fn hint(&self) -> String {
        let advice = self.fault.advice();
        match self.statement {
            Some(number) => format!("Statement {number}: {advice}"),
            None => advice,
        }
    }
}
