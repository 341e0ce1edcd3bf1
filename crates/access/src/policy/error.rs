//! Errors in bucket policies.

use crate::policy::arn::ARN_PREFIX;
use thiserror::Error;

/// Maximum length of a policy in bytes: 20 KB (S3 User Guide, "Bucket policies").
pub(super) const MAX_LEN: usize = 20 * 1024;

/// An error in a bucket policy. S3 responds with `400 MalformedPolicy`.
///
/// Displays AWS's message where it is known, letter for letter; [`hint`](Self::hint) describes what to change.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{fault}")]
pub struct PolicyError {
    /// The fault.
    pub fault: Fault,
    /// Number of the faulty statement, from 1.
    pub statement: Option<usize>,
}

/// A fault in a bucket policy.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Fault {
    /// The policy is longer than [`Policy::MAX_LEN`](crate::policy::Policy::MAX_LEN).
    #[error("Policy exceeds the maximum allowed document size.")]
    TooLong(usize),
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
    /// An element is missing.
    #[error("Missing required field {0}")]
    Missing(&'static str),
    /// An element is empty.
    #[error("Missing required field {0} cannot be empty!")]
    Empty(&'static str),
    /// There are no statements.
    #[error("Could not parse the policy: Statement is empty!")]
    NoStatements,
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
    /// Returns advice for the author of the policy.
    pub fn hint(&self) -> String {
        let advice = self.fault.advice();
        match self.statement {
            Some(number) => format!("Statement {number}: {advice}"),
            None => advice,
        }
    }
}

impl From<Fault> for PolicyError {
    fn from(fault: Fault) -> Self {
        Self {
            fault,
            statement: None,
        }
    }
}

impl Fault {
    fn advice(&self) -> String {
        match self {
            Self::TooLong(len) => {
                format!("The policy has {len} bytes; at most {MAX_LEN} are allowed.")
            }
            Self::FirstByte => "A policy is one JSON object, with nothing before it.".into(),
            Self::Json(why) => format!("Parse error: {why}."),
            Self::Shape(element, shape) => format!("{element} must be {shape}."),
            Self::UnknownField(field, known) => {
                format!("{field} is not an element here. Elements are {known}, in exactly this spelling.")
            }
            Self::Missing(element) => format!("Add {element}."),
            Self::Empty(element) => format!("Add a value to {element}, or omit it."),
            Self::NoStatements => "Add at least one statement to Statement.".into(),
            Self::Version(version) => {
                format!("Version is 2012-10-17, or 2008-10-17 for policies without variables, not {version}.")
            }
            Self::Both(element) => format!("Give either {element} or Not{element}."),
            Self::Effect(_) => "Effect is Allow or Deny.".into(),
            Self::Principal(principal) => format!(
                "Not a principal: {principal}. Use \"*\" for everybody, or {{\"AWS\": ...}} with an account id of \
                 twelve digits, arn:aws:iam::<account id>:root or arn:aws:iam::<account id>:user/<name>; wildcards in \
                 parts of names are not possible."
            ),
            Self::AllowNotPrincipal => {
                "Name the allowed principals in Principal; NotPrincipal is for Deny only.".into()
            }
            Self::Action(action) => format!(
                "No action on buckets or objects is called {action}. Use s3:<Action>, where * stands for any letters \
                 and ? for one."
            ),
            Self::Resource(resource, bucket) => format!(
                "{resource} is not in this bucket. Use {ARN_PREFIX}{bucket} for the bucket and {ARN_PREFIX}{bucket}/* \
                 for its objects."
            ),
            Self::NotApplicable(action) => format!(
                "{action} applies to buckets or to objects, and Resource names none of these. Buckets are \
                 {ARN_PREFIX}<bucket>, objects {ARN_PREFIX}<bucket>/<key>."
            ),
            Self::Operator(operator) => format!(
                "{operator} is not a condition operator. Operators are StringEquals, StringLike, NumericEquals, \
                 DateLessThan, Bool, BinaryEquals, IpAddress, ArnLike, Null and their variants."
            ),
            Self::ConditionKey(key) => {
                format!("{key} is not a condition key. Keys look like aws:SourceIp or s3:prefix.")
            }
            Self::Address(address) => {
                format!("{address} is not an address or a range like 192.0.2.0/24 or 2001:db8::/32.")
            }
            Self::Value(value, key, expected) => format!("{value} for {key} is not {expected}."),
            Self::Variable(text) => format!(
                "{text} has a ${{ that begins no variable. Variables look like ${{aws:username}} or \
                 ${{aws:username, 'default'}}; a dollar sign is ${{$}}."
            ),
        }
    }
}
