//! Explanations of decisions: the decision, and for each statement whether it applies.

use crate::decision::Decision;
use crate::identity::Identity;
use crate::request::{AccessRequest, RequestConditions};
use crate::rule::{self, BucketAccess};
use strongroom_access::arn::AccountId;
use strongroom_access::evaluation::{self, NamedPolicy, Outcome, Resource};
use strongroom_access::policy::{Request, arn};
use strongroom_engine::model::acl::ObjectAccess;

/// A decision, and what it follows from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// The decision, as a request would get it.
    pub decision: Decision,
    /// All statements of all policies that apply to the caller, in order.
    pub statements: Vec<Outcome>,
    /// Condition keys that the policies test and that have no value.
    pub missing_keys: Vec<String>,
}

/// Explains the decision about a request to an existing bucket.
pub(crate) fn in_bucket(
    identity: &Identity,
    bucket: BucketAccess<'_>,
    request: &AccessRequest<'_>,
    object: Option<&ObjectAccess>,
    conditions: &RequestConditions,
) -> Explained {
    let policy = bucket.policy.and_then(|policy| policy.as_ref().ok());
    let resource = arn(request.bucket, request.key);
    Explained {
        decision: rule::decide(identity, bucket, request, object, conditions),
        ..statements(
            identity,
            bucket.owner,
            policy,
            request.action,
            &resource,
            conditions,
        )
    }
}

/// Explains the decision about a request to no existing bucket.
pub(crate) fn without_bucket(
    identity: &Identity,
    action: &str,
    resource: &str,
    conditions: &RequestConditions,
) -> Explained {
    let decision = rule::without_bucket(identity, action, resource, conditions);
    match identity.account() {
        Some(account) => Explained {
            decision,
            ..statements(identity, account, None, action, resource, conditions)
        },
        None => Explained {
            decision,
            statements: Vec::new(),
            missing_keys: Vec::new(),
        },
    }
}

fn statements(
    identity: &Identity,
    owner: AccountId,
    policy: Option<&NamedPolicy>,
    action: &str,
    resource: &str,
    conditions: &RequestConditions,
) -> Explained {
    let request = Request {
        principal: identity.as_policy_principal(),
        action,
        resource,
        conditions: &conditions.context(identity, owner),
    };
    let to = Resource {
        owner: owner.as_str(),
        policy,
        granted: false,
    };
    let explained = evaluation::explain(&identity.policies(), &to, &request);
    Explained {
        decision: explained.verdict.into(),
        statements: explained.statements,
        missing_keys: explained.missing_keys,
    }
}
