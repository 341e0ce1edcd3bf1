use super::*;
use crate::policy::{
    Account, Conditions, Effect, Mismatch, Policy, PolicyKind, Principal, Request, RoleSession, User,
};
use std::sync::Arc;

mod explained;
mod guides;
mod properties;
mod reasons;
mod speed;
mod table;
mod trust;

const OWNER: Account<'static> = Account {
    id: "111122223333",
    canonical_id: "1111222233330000000000000000000000000000000000000000000000000000",
};
const STRANGER: Account<'static> = Account {
    id: "444455556666",
    canonical_id: "4444555566660000000000000000000000000000000000000000000000000000",
};
const OBJECT: &str = "arn:aws:s3:::b/k";

/// The user `ann` of an account.
fn ann(account: Account<'static>) -> Principal<'static> {
    Principal::User(User {
        account,
        name: "staff/ann",
        id: "AIDAANNANNANNANNANNAN",
    })
}

/// The session `s` of the role `r` of an account.
fn session(account: Account<'static>) -> Principal<'static> {
    Principal::Session(RoleSession {
        account,
        role: "jobs/r",
        role_id: "AROAROLEROLEROLEROLER",
        session: "s1",
        provider: None,
    })
}

fn parse(text: &str, kind: PolicyKind<'_>) -> Arc<Policy> {
    match Policy::parse_as(text, kind) {
        Ok(policy) => Arc::new(policy),
        Err(error) => panic!("{text}: {error} {}", error.hint()),
    }
}

/// A policy of the caller that allows or denies `s3:GetObject`, or is silent about it.
fn own(name: &str, does: &str) -> NamedPolicy {
    let (effect, action) = match does {
        "allow" => ("Allow", "s3:GetObject"),
        "deny" => ("Deny", "s3:GetObject"),
        "silent" => ("Allow", "s3:PutObject"),
        _ => panic!("{does}"),
    };
    let text = format!(r#"{{"Statement": {{"Effect": "{effect}", "Action": "{action}", "Resource": "*"}}}}"#);
    NamedPolicy {
        name: name.into(),
        policy: parse(&text, PolicyKind::Managed),
    }
}

fn caller(name: &str) -> Principal<'static> {
    let (account, name) = match name.strip_prefix("other-") {
        Some(name) => (STRANGER, name),
        None => (OWNER, name),
    };
    match name {
        "root" => Principal::Account(account),
        "user" => ann(account),
        "session" => session(account),
        "anonymous" => Principal::Anonymous,
        _ => panic!("{name}"),
    }
}

/// The element `Principal` that names this one. Ids are those of both accounts.
fn named(name: &str) -> String {
    let (account, name) = match name.strip_prefix("other-") {
        Some(name) => (STRANGER.id, name),
        None => (OWNER.id, name),
    };
    let id = match name {
        "*" => return r#""*""#.to_owned(),
        "account" => format!("arn:aws:iam::{account}:root"),
        "user" => format!("arn:aws:iam::{account}:user/staff/ann"),
        "user-id" => "AIDAANNANNANNANNANNAN".to_owned(),
        "role" => format!("arn:aws:iam::{account}:role/jobs/r"),
        "role-id" => "AROAROLEROLEROLEROLER".to_owned(),
        "session" => format!("arn:aws:sts::{account}:assumed-role/r/s1"),
        _ => panic!("{name}"),
    };
    format!(r#"{{"AWS": "{id}"}}"#)
}

/// A policy of the bucket `b` with one statement for this principal.
fn bucket(effect: &str, principal: &str) -> NamedPolicy {
    let text = format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Sid": "it", "Effect": "{effect}", "Principal": {principal},
            "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}}}}"#
    );
    NamedPolicy {
        name: "bucket".into(),
        policy: parse(&text, PolicyKind::Bucket("b")),
    }
}

/// The trust policy of a role with one statement for this principal.
fn trust(principal: &str, action: &str) -> NamedPolicy {
    let text = format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Principal": {principal}, "Action": "{action}"}}}}"#
    );
    NamedPolicy {
        name: "trust".into(),
        policy: parse(&text, PolicyKind::Trust),
    }
}

/// Evaluates `s3:GetObject` on an object of the account [`OWNER`].
fn judge(principal: Principal<'_>, caller: &CallerPolicies<'_>, policy: Option<&NamedPolicy>) -> Verdict {
    let resource = Resource {
        owner: OWNER.id,
        policy,
        granted: false,
    };
    judge_of(principal, caller, &resource, "s3:GetObject", OBJECT)
}

/// Evaluates an action on a resource.
fn judge_of(
    principal: Principal<'_>,
    caller: &CallerPolicies<'_>,
    resource: &Resource<'_>,
    action: &str,
    arn: &str,
) -> Verdict {
    let conditions = Conditions::of(&principal);
    let request = Request {
        principal,
        action,
        resource: arn,
        conditions: &conditions,
    };
    let verdict = evaluate(caller, resource, &request);
    assert_eq!(explain(caller, resource, &request).verdict, verdict);
    if verdict.allowed {
        assert!(could_allow(caller, resource, &principal, action));
    }
    verdict
}
