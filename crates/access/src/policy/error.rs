//! Why a text is not a bucket policy.

use crate::policy::arn::ARN_PREFIX;
use thiserror::Error;

/// Maximum length of a policy in bytes: 20 KB (S3 User Guide, "Bucket policies").
pub(super) const MAX_LEN: usize = 20 * 1024;

/// Why a text is not a bucket policy. S3 answers `400 MalformedPolicy`.
///
/// Displays AWS's message where it is known, letter for letter; [`hint`](Self::hint) tells what to change.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{fault}")]
pub struct PolicyError {
    /// What is wrong.
    pub fault: Fault,
    /// The statement in which it is wrong; the first is 1.
    pub statement: Option<usize>,
}

/// What can be wrong with a bucket policy.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Fault {
    /// It is longer than [`Policy::MAX_LEN`](crate::policy::Policy::MAX_LEN).
    #[error("Policy exceeds the maximum allowed document size.")]
    TooLong(usize),
    /// It does not begin with a brace.
    #[error("Policies must be valid JSON and the first byte must be '{{'")]
    FirstByte,
    /// It is no JSON, or has an element twice.
    #[error("This policy contains invalid Json")]
    Json(String),
    /// An element is of the wrong shape: the element and what it should be.
    #[error("Invalid policy syntax.")]
    Shape(&'static str, &'static str),
    /// There is no such element: the element and those that there are.
    #[error("Unknown field {0}")]
    UnknownField(String, &'static str),
    /// An element is missing.
    #[error("Missing required field {0}")]
    Missing(&'static str),
    /// An element is there, with nothing in it.
    #[error("Missing required field {0} cannot be empty!")]
    Empty(&'static str),
    /// There are no statements.
    #[error("Could not parse the policy: Statement is empty!")]
    NoStatements,
    /// There is no such version of the language.
    #[error("The policy must contain a valid version string")]
    Version(String),
    /// An element and its opposite are both there.
    #[error("Statement/policy already has instance of {0}")]
    Both(&'static str),
    /// Neither Allow nor Deny.
    #[error("Invalid effect: {0}")]
    Effect(String),
    /// This is no principal.
    #[error("Invalid principal in policy")]
    Principal(String),
    /// Allow with `NotPrincipal`, which would allow the rest of the world.
    #[error("Allow with NotPrincipal is not allowed.")]
    AllowNotPrincipal,
    /// No action on buckets or objects is called so.
    #[error("Policy has invalid action")]
    Action(String),
    /// This is not the bucket that the policy is for, nor something in it: the resource and the bucket.
    #[error("Policy has invalid resource")]
    Resource(String, String),
    /// The statement names no resource that the action could be done on.
    #[error("Action does not apply to any resource(s) in statement")]
    NotApplicable(String),
    /// There is no such condition operator.
    #[error("Invalid Condition type : {0}")]
    Operator(String),
    /// This is no condition key.
    #[error("Policy has an invalid condition key")]
    ConditionKey(String),
    /// This is no address or range of addresses.
    #[error("Invalid IP address in Conditions")]
    Address(String),
    /// This is no value for the operator: the value, the key, and what is expected.
    #[error("Invalid value in Conditions")]
    Value(String, String, &'static str),
    /// A `${` that begins no variable.
    #[error("Policy has an invalid variable")]
    Variable(String),
}

impl PolicyError {
    /// What to change, for whoever wrote the policy.
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
            Self::Json(why) => format!("Not understood: {why}."),
            Self::Shape(element, shape) => format!("{element} has to be {shape}."),
            Self::UnknownField(field, known) => {
                format!("There is no {field} here; there are {known}, written exactly so.")
            }
            Self::Missing(element) => format!("Add {element}."),
            Self::Empty(element) => format!("Put something into {element}, or leave it out."),
            Self::NoStatements => "Put at least one statement into Statement.".into(),
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
                "Say in Principal who is allowed; NotPrincipal is for Deny only.".into()
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
                "{action} is done on buckets or on objects, and Resource names none of these. Buckets are \
                 {ARN_PREFIX}<bucket>, objects {ARN_PREFIX}<bucket>/<key>."
            ),
            Self::Operator(operator) => format!(
                "There is no condition operator {operator}. There are StringEquals, StringLike, NumericEquals, \
                 DateLessThan, Bool, BinaryEquals, IpAddress, ArnLike, Null and their relatives."
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
