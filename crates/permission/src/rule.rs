//! The rule that decides. Pure: it reads nothing but its arguments.

use crate::decision::{Decision, Reason};
use crate::identity::Identity;
use crate::policies::{ParsedPolicy, Unreadable};
use crate::request::{AccessRequest, RequestConditions};
use strongroom_access::policy::{Policy, Request, Verdict, arn};
use strongroom_engine::model::settings::BucketSettings;

#[cfg(test)]
mod tests;

/// Actions that the owner may perform even if the policy denies them: otherwise a policy could lock the owner out.
const ACTIONS_ON_POLICY: [&str; 3] = [
    "s3:GetBucketPolicy",
    "s3:PutBucketPolicy",
    "s3:DeleteBucketPolicy",
];

/// Decides about a request that no policy decides: the owner may make it.
pub(crate) fn without_policy(identity: Identity) -> Decision {
    match identity {
        Identity::Owner => Decision::allow(Reason::Owner),
        Identity::Anonymous => Decision::deny(Reason::NothingAllows),
    }
}

/// Decides about a request to an existing bucket with these settings and this policy.
pub(crate) fn decide(
    identity: Identity,
    settings: &BucketSettings,
    policy: Option<&ParsedPolicy>,
    request: &AccessRequest<'_>,
    conditions: &RequestConditions,
) -> Decision {
    let is_owner = identity == Identity::Owner;
    let manages_policy = is_owner && ACTIONS_ON_POLICY.contains(&request.action);
    let otherwise = without_policy(identity);
    let policy = match policy {
        None => return otherwise,
        Some(Err(Unreadable)) if manages_policy => return Decision::allow(Reason::OwnerManagesPolicy),
        Some(Err(Unreadable)) => return Decision::deny(Reason::UnreadablePolicy),
        Some(Ok(policy)) => policy,
    };
    let principal = identity.principal();
    let by_policy = policy.decide(&Request {
        principal,
        action: request.action,
        resource: &arn(request.bucket, request.key),
        conditions: &conditions.context(&principal),
    });
    match (by_policy.verdict, by_policy.statement) {
        (Verdict::Deny, _) if manages_policy => Decision::allow(Reason::OwnerManagesPolicy),
        (Verdict::Deny, Some(statement)) => Decision::deny(Reason::Statement(statement)),
        (Verdict::Deny, None) => Decision::deny(Reason::NothingAllows),
        (Verdict::Allow, Some(statement)) if is_owner || is_open(settings, policy) => {
            Decision::allow(Reason::Statement(statement))
        }
        (Verdict::Allow, _) if !is_owner => Decision::deny(Reason::PublicAccessBlock),
        (Verdict::Allow | Verdict::Delegate | Verdict::Silent, _) => otherwise,
    }
}

/// Returns whether a request with this identity could be allowed the action on something in the bucket. False means that
/// [`decide`] denies it whatever the object and the conditions are.
pub(crate) fn could_allow(
    identity: Identity,
    settings: &BucketSettings,
    policy: Option<&ParsedPolicy>,
    action: &str,
) -> bool {
    let by_policy =
        |policy: &Policy| is_open(settings, policy) && policy.could_allow(&identity.principal(), action);
    without_policy(identity).allowed || matches!(policy, Some(Ok(policy)) if by_policy(policy))
}

/// Returns whether the public access block leaves the permissions of the policy in force.
fn is_open(settings: &BucketSettings, policy: &Policy) -> bool {
    let restricted = settings
        .public_access_block()
        .is_some_and(|block| block.restrict_public_buckets);
    !(restricted && policy.is_public())
}
