//! Detection of statements that grant access to the public.
//!
//! (S3 User Guide, "Blocking public access to your Amazon S3 storage", "The meaning of public": "Amazon S3 begins by
//! assuming that the policy is public. [...] To be considered non-public, a bucket policy must grant access only to
//! fixed values (values that don't contain a wildcard or a policy variable) for one or more of the following".)

use crate::policy::condition::{Condition, Quantifier, Test};
use crate::policy::effect::Effect;
use crate::policy::pattern::Pattern;
use crate::policy::principals::is_account;
use crate::policy::statement::Statement;
use ipnet::IpNet;

#[cfg(test)]
mod tests;

/// Keys for which any fixed value limits a statement to known principals.
const FIXED: &[&str] = &[
    "aws:PrincipalArn",
    "aws:PrincipalOrgID",
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceOrgID",
    "aws:SourceOwner",
    "aws:SourceVpc",
    "aws:SourceVpce",
    "s3:DataAccessPointAccount",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
];

/// Ranges of addresses broader than these still count as public: "values broader than /8 for IPv4 and /32 for IPv6".
const BROADEST_V4: u8 = 8;
const BROADEST_V6: u8 = 32;

/// Returns whether the statement grants access to the public. Denying statements do not make others less public.
pub(super) fn is_public(statement: &Statement) -> bool {
    // An identity provider can authenticate anybody: AWS's first example of a public policy.
    let anybody = statement
        .principals
        .as_ref()
        .is_some_and(|principals| principals.everybody || principals.federated);
    statement.effect == Effect::Allow && anybody && !statement.conditions.iter().any(narrows)
}

/// Returns whether a condition limits its statement to known principals.
fn narrows(condition: &Condition) -> bool {
    // These also hold for requests without the key.
    if condition.negated || condition.if_exists || condition.quantifier == Some(Quantifier::All) {
        return false;
    }
    let is = |key: &str| condition.key.eq_ignore_ascii_case(key);
    match &condition.test {
        Test::Address(networks) => is("aws:SourceIp") && networks.iter().all(is_narrow),
        Test::Text(patterns, _) if is("s3:DataAccessPointArn") => patterns.iter().all(has_fixed_account),
        Test::Text(patterns, _) if is("aws:userid") => {
            let fixed = |pattern: &Pattern| pattern.fixed().is_some_and(|id| !is_role_session(id));
            patterns.iter().all(fixed)
        }
        Test::Text(patterns, _) if is("aws:PrincipalAccount") => {
            // Requests without a signature have a value too: `anonymous`.
            let fixed = |pattern: &Pattern| pattern.fixed().is_some_and(is_account);
            patterns.iter().all(fixed)
        }
        Test::Text(patterns, _) if FIXED.iter().any(|key| is(key)) => {
            patterns.iter().all(|pattern| pattern.fixed().is_some())
        }
        Test::Arn(arns) if is("s3:DataAccessPointArn") => arns.iter().all(|parts| {
            let account = parts.get(4).and_then(Pattern::fixed);
            account.is_some_and(is_account)
        }),
        Test::Arn(arns) if FIXED.iter().any(|key| is(key)) => {
            arns.iter().flatten().all(|part| part.fixed().is_some())
        }
        _ => false,
    }
}

fn is_narrow(network: &IpNet) -> bool {
    match network {
        IpNet::V4(network) => network.prefix_len() >= BROADEST_V4,
        IpNet::V6(network) => network.prefix_len() >= BROADEST_V6,
    }
}

/// Returns whether a text is `AROLEID:*`: a session of a role, whose name is chosen when the role is assumed.
fn is_role_session(id: &str) -> bool {
    id.starts_with("ARO") && id.contains(':')
}

/// Returns whether an access point's account is fixed: "this value can contain a wildcard for the access point name
/// [...], as long as the account id is fixed".
fn has_fixed_account(pattern: &Pattern) -> bool {
    let Pattern::Fixed(glob) = pattern else {
        return false;
    };
    // Also before characters that look like wildcards.
    let beginning = glob.head().split(['*', '?']).next().unwrap_or_default();
    let mut parts = beginning.splitn(6, ':');
    parts.nth(4).is_some_and(is_account) && parts.next().is_some()
}
