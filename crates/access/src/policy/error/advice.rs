//! Advice for authors of policies.

use crate::policy::arn::ARN_PREFIX;
use crate::policy::error::{Fault, MAX_LEN};

impl Fault {
    pub(super) fn advice(&self) -> String {
        match self {
            Self::TooLong(len) => {
                format!("The policy has {len} bytes; at most {MAX_LEN} are allowed.")
            }
            Self::Quota { size, max } => {
                format!("The policy has {size} characters that count; at most {max} are allowed.")
            }
            Self::FirstByte => "A policy is one JSON object, with nothing before it.".into(),
            Self::Json(why) => format!("Parse error: {why}."),
            Self::Shape(element, shape) => format!("{element} must be {shape}."),
            Self::UnknownField(field, known) => {
                format!("{field} is not an element here. Elements are {known}, in exactly this spelling.")
            }
            Self::Prohibited(element @ "Principal") => format!(
                "Omit {element}: a policy of a user, group or role applies to whoever it is attached to."
            ),
            Self::Prohibited(element) => {
                format!("Omit {element}: a trust policy applies to the role that it belongs to.")
            }
            Self::Missing(element) => format!("Add {element}."),
            Self::Empty(element) => format!("Add a value to {element}, or omit it."),
            Self::NoStatements => "Add at least one statement to Statement.".into(),
            Self::Sid(sid) => format!("{sid} has characters other than ASCII letters and digits."),
            Self::DuplicateSid(sid) => format!("{sid} is the Sid of an earlier statement."),
            Self::Version(version) => {
                format!("Version is 2012-10-17, or 2008-10-17 for policies without variables, not {version}.")
            }
            Self::Both(element) => format!("Give either {element} or Not{element}."),
            Self::Effect(_) => "Effect is Allow or Deny.".into(),
            Self::Principal(principal) => format!(
                "Not a principal: {principal}. Use \"*\" for everybody, or {{\"AWS\": ...}} with an account id of \
                 twelve digits, arn:aws:iam::<account id>:root or arn:aws:iam::<account id>:user/<name> (or role/<name>); \
                 wildcards in parts of names are not possible."
            ),
            Self::AllowNotPrincipal => {
                "Name the allowed principals in Principal; NotPrincipal is for Deny only.".into()
            }
            Self::Action(action) => format!(
                "No action on buckets or objects is called {action}. Use s3:<Action>, where * stands for any letters \
                 and ? for one."
            ),
            Self::NoVendor(action) => {
                format!("{action} names no service. Write <service>:<action>, such as s3:GetObject, or *.")
            }
            Self::Vendor(vendor) => format!(
                "{vendor} names no service, which has letters, digits and hyphens and no wildcards, such as s3 or iam."
            ),
            Self::ActionName(action) => {
                format!("{action} has characters other than letters, digits, _, -, * and ?.")
            }
            Self::TrustAction(action) => format!(
                "{action} is no way to assume a role. Use sts:AssumeRole, sts:AssumeRoleWithWebIdentity or \
                 sts:TagSession in Action."
            ),
            Self::ResourceFormat(resource) => format!(
                "{resource} is no ARN: arn:<partition>:<service>:<region>:<account>:<resource>, without wildcards in \
                 partition and service, such as {ARN_PREFIX}<bucket>/*."
            ),
            Self::Partition(partition, _) => format!("{partition} is no partition of AWS. Use arn:aws:..."),
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
