//! Fuzz targets: each reads anything and must not panic, hang or contradict itself.
//!
//! `fuzz/` runs them with cargo-fuzz; a test here runs them on the corpus and on random inputs, so that CI does too.

use crate::evaluation::{CallerPolicies, NamedPolicy, Resource, could_allow, evaluate, explain};
use crate::policy::{
    Account, Conditions, Policy, PolicyKind, Principal, Replacement, Request, RoleSession, User, key,
};
use std::sync::Arc;

#[cfg(test)]
mod tests;

const BUCKET: PolicyKind<'_> = PolicyKind::Bucket("b");
const OWNER: Account<'_> = Account {
    id: "123456789012",
    canonical_id: "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be",
};
const STRANGER: Account<'_> = Account {
    id: "000000000000",
    canonical_id: "5374726f6e67726f6f6d20726f6f74206163636f756e74000000000000000000",
};

/// Parses a policy of each kind, and evaluates it for several callers.
///
/// # Panics
/// If a verdict, its explanation and the early refusal contradict each other, a boundary allows more than there would be
/// without it, or a policy whose principals are replaced by themselves changes.
pub fn policy(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    for kind in [
        PolicyKind::Managed,
        PolicyKind::Session,
        PolicyKind::Trust,
        BUCKET,
    ] {
        match Policy::parse_as(text, kind) {
            Err(error) => drop((error.to_string(), error.hint())),
            Ok(policy) => {
                replace(text, kind);
                let policy = NamedPolicy {
                    name: "fuzz".into(),
                    policy: Arc::new(policy),
                };
                for principal in principals() {
                    judge(&policy, kind, principal);
                }
            }
        }
    }
}

fn principals() -> [Principal<'static>; 5] {
    let of = |account| User {
        account,
        name: "a/ann",
        id: "AIDAQ3EGPZBA7PQ5ZBQ3A",
    };
    [
        Principal::Anonymous,
        Principal::Account(OWNER),
        Principal::User(of(OWNER)),
        Principal::User(of(STRANGER)),
        Principal::Session(RoleSession {
            account: OWNER,
            role: "a/r",
            role_id: "AROAQ3EGPZBA7PQ5ZBQ3A",
            session: "s1",
            provider: None,
        }),
    ]
}

/// Evaluates the policy as the one that it is, and as a boundary.
fn judge(policy: &NamedPolicy, kind: PolicyKind<'_>, principal: Principal<'_>) {
    let mut conditions = Conditions::of(&principal);
    conditions.add(key::SOURCE_IP, "192.0.2.7");
    conditions.add(key::SECURE_TRANSPORT, "true");
    conditions.add(key::TAG_KEYS, "a");
    conditions.add(key::TAG_KEYS, "");
    let is_resource = matches!(kind, PolicyKind::Trust | PolicyKind::Bucket(_));
    let identity = std::slice::from_ref(policy);
    let resource = Resource {
        owner: OWNER.id,
        policy: is_resource.then_some(policy),
        granted: false,
    };
    let free = CallerPolicies {
        identity: if is_resource { &[] } else { identity },
        ..CallerPolicies::default()
    };
    let limited = CallerPolicies {
        boundary: (!is_resource).then_some(policy),
        ..free
    };
    for (action, arn) in [
        ("s3:GetObject", "arn:aws:s3:::b/a/ann/k"),
        ("s3:ListBucket", "arn:aws:s3:::b"),
        ("sts:AssumeRole", "arn:aws:iam::123456789012:role/a/r"),
    ] {
        let request = Request {
            principal,
            action,
            resource: arn,
            conditions: &conditions,
        };
        let explanation = explain(&free, &resource, &request);
        let verdict = evaluate(&free, &resource, &request);
        assert_eq!(
            explanation.verdict, verdict,
            "the explanation is of another verdict"
        );
        assert_eq!(verdict.refusal(action).is_none(), verdict.allowed);
        assert!(
            !verdict.allowed || could_allow(&free, &resource, &principal, action),
            "refused early, but allowed: {verdict}"
        );
        let limited = evaluate(&limited, &resource, &request);
        assert!(
            verdict.allowed || !limited.allowed,
            "a boundary allows: {limited}"
        );
    }
}

/// Replaces each principal by itself.
fn replace(text: &str, kind: PolicyKind<'_>) {
    let again = |principal: &str| Replacement::With(principal.to_owned());
    let once = Policy::replace_principals(text, kind, again);
    let twice = once
        .as_ref()
        .map(|text| Policy::replace_principals(text, kind, again));
    assert_eq!(twice.as_ref(), Ok(&once), "the written form is not stable");
}
