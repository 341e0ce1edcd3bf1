//! The rule that decides. Pure: it reads nothing but its arguments.

use crate::decision::{Decision, Reason};
use crate::grants::{could_grant, is_about_object, is_granted};
use crate::identity::Identity;
use crate::policies::{ParsedPolicy, Unreadable};
use crate::request::{AccessRequest, RequestConditions};
use strongroom_access::arn::AccountId;
use strongroom_access::evaluation::{self, Layer, NamedPolicy, Resource};
use strongroom_access::policy::{Policy, Request, arn};
use strongroom_engine::model::acl::ObjectAccess;
use strongroom_engine::model::judged::Judged;
use strongroom_engine::model::settings::BucketSettings;

#[cfg(test)]
mod tests;

/// Actions that the root user of the bucket's account may perform even if the policy denies them: otherwise a policy could
/// lock the account out.
const ACTIONS_ON_POLICY: [&str; 3] = [
    "s3:GetBucketPolicy",
    "s3:PutBucketPolicy",
    "s3:DeleteBucketPolicy",
];

/// The part of a bucket that decides about access to it.
#[derive(Clone, Copy)]
pub(crate) struct BucketAccess<'a> {
    /// Account that owns the bucket.
    pub(crate) owner: AccountId,
    pub(crate) settings: &'a BucketSettings,
    /// `None`: the bucket has no policy.
    pub(crate) policy: Option<&'a ParsedPolicy>,
}

impl BucketAccess<'_> {
    /// Returns whether the public access block leaves the permissions of the policy in force for callers outside of the
    /// owner's account.
    fn is_open(&self, policy: &Policy) -> bool {
        let restricted = self
            .settings
            .public_access_block()
            .is_some_and(|block| block.restrict_public_buckets);
        !(restricted && policy.is_public())
    }
}

/// Decides about a request to no existing bucket: only policies of the caller apply.
pub(crate) fn without_bucket(
    identity: &Identity,
    action: &str,
    resource: &str,
    conditions: &RequestConditions,
) -> Decision {
    let Some(account) = identity.account() else {
        return Decision::deny(Reason::NotSigned);
    };
    let owner = Resource {
        owner: account.as_str(),
        policy: None,
        granted: false,
    };
    let request = Request {
        principal: identity.as_policy_principal(),
        action,
        resource,
        conditions: &conditions.context(identity, account),
    };
    evaluation::evaluate(&identity.policies(), &owner, &request).into()
}

/// Decides about a request to an existing bucket. `object` is the access of the object, if the decision depends on it and
/// the object exists.
pub(crate) fn decide(
    identity: &Identity,
    bucket: BucketAccess<'_>,
    request: &AccessRequest<'_>,
    object: Option<&ObjectAccess>,
    conditions: &RequestConditions,
) -> Decision {
    let manages_policy = identity.is_root_of(bucket.owner) && ACTIONS_ON_POLICY.contains(&request.action);
    let policy = match bucket.policy {
        None => None,
        Some(Err(Unreadable)) if manages_policy => return Decision::allow(Reason::OwnerManagesPolicy),
        Some(Err(Unreadable)) => return Decision::deny(Reason::UnreadablePolicy),
        Some(Ok(policy)) => Some(policy),
    };
    let evaluate = |resource: Resource<'_>| {
        evaluation::evaluate(
            &identity.policies(),
            &resource,
            &Request {
                principal: identity.as_policy_principal(),
                action: request.action,
                resource: &arn(request.bucket, request.key),
                conditions: &conditions.context(identity, bucket.owner),
            },
        )
    };
    let granted = is_granted(identity, bucket.settings, request, object);
    let object_owner = object
        .filter(|_| is_about_object(request))
        .and_then(|object| object.owner);
    let object_owner = object_owner.filter(|owner| owner.account != bucket.owner);
    let mut verdict = evaluate(Resource {
        owner: bucket.owner.as_str(),
        policy,
        granted: false,
    });
    let is_denied = matches!(verdict.reason, evaluation::Reason::Denied(_));
    let by_access = match object_owner {
        _ if is_denied => None,
        // Without policy: the bucket's owner cannot allow access to what belongs to another account.
        Some(owner) => Some(evaluate(Resource {
            owner: owner.account.as_str(),
            policy: None,
            granted,
        })),
        None if verdict.allowed || !granted => None,
        None => Some(evaluate(Resource {
            owner: bucket.owner.as_str(),
            policy,
            granted,
        })),
    };
    // A refusal keeps the reason that it has without an object: the response for a missing one must look the same.
    match by_access {
        Some(by_access) if by_access.allowed => verdict = by_access,
        Some(_) if verdict.allowed => return Decision::deny(Reason::NotAllowedByObjectOwner),
        _ => {}
    }
    let is_denied_by_bucket = matches!(
        &verdict.reason,
        evaluation::Reason::Denied(by) if by.layer == Layer::Resource
    );
    if manages_policy && is_denied_by_bucket {
        return Decision::allow(Reason::OwnerManagesPolicy);
    }
    let is_within = identity.account() == Some(bucket.owner);
    if verdict.allowed && !is_within && policy.is_some_and(|named| !bucket.is_open(&named.policy)) {
        return Decision::deny(Reason::PublicAccessBlock);
    }
    let judged = judged(&verdict.reason, bucket, request, object).filter(|_| verdict.allowed);
    Decision {
        judged,
        ..verdict.into()
    }
}

/// Returns the part of the object's access that a permission depends on.
fn judged(
    reason: &evaluation::Reason,
    bucket: BucketAccess<'_>,
    request: &AccessRequest<'_>,
    object: Option<&ObjectAccess>,
) -> Option<Judged> {
    if !bucket.settings.acls_enabled() || !is_about_object(request) {
        return None;
    }
    Some(match (reason, object) {
        (evaluation::Reason::Granted(_), Some(object)) => Judged::Access(object.clone()),
        (_, object) => Judged::Owner(object.and_then(|object| object.owner)),
    })
}

/// Returns whether a request with this identity could be allowed the action on something in the bucket, or on the service
/// if there is none. False means that the decision denies it whatever the object and the conditions are.
pub(crate) fn could_allow(identity: &Identity, bucket: Option<BucketAccess<'_>>, action: &str) -> bool {
    let is_within = bucket.is_none_or(|bucket| identity.account() == Some(bucket.owner));
    let owner = bucket.map(|bucket| bucket.owner).or(identity.account());
    let policy: Option<&NamedPolicy> = match bucket.and_then(|bucket| Some((bucket, bucket.policy?))) {
        None => None,
        // Only the root user of the account could do anything, to repair the policy.
        Some((bucket, Err(Unreadable))) => return identity.is_root_of(bucket.owner),
        Some((bucket, Ok(policy))) => {
            Some(policy).filter(|policy| is_within || bucket.is_open(&policy.policy))
        }
    };
    let Some(owner) = owner else {
        return false;
    };
    let resource = Resource {
        owner: owner.as_str(),
        policy,
        granted: bucket.is_some_and(|bucket| could_grant(identity, bucket.settings, action)),
    };
    evaluation::could_allow(
        &identity.policies(),
        &resource,
        &identity.as_policy_principal(),
        action,
    )
}
