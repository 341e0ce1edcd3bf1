use super::*;
use std::sync::Arc;
use strongroom_access::policy::{StatementName, key};
use strongroom_engine::model::settings::{PublicAccess, PublicAccessBlock};

fn parsed(statements: &str) -> ParsedPolicy {
    let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#);
    Policy::parse(&text, "b").map(Arc::new).map_err(|_| Unreadable)
}

fn statement(sid: &str, effect: &str, action: &str, condition: &str) -> String {
    format!(
        r#"{{{sid}"Effect": "{effect}", "Principal": "*", "Action": "{action}",
            "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]{condition}}}"#
    )
}

fn judged(identity: Identity, policy: Option<&ParsedPolicy>, action: &str) -> Decision {
    judged_with(
        identity,
        &settings(false),
        policy,
        action,
        &RequestConditions::default(),
    )
}

fn judged_with(
    identity: Identity,
    settings: &BucketSettings,
    policy: Option<&ParsedPolicy>,
    action: &str,
    conditions: &RequestConditions,
) -> Decision {
    let request = AccessRequest {
        action,
        bucket: "b",
        key: Some("k"),
        version: None,
    };
    decide(identity, settings, policy, &request, conditions)
}

fn by_statement(allowed: bool, number: usize, sid: Option<&str>) -> Decision {
    let reason = Reason::Statement(StatementName {
        number,
        sid: sid.map(str::to_owned),
    });
    Decision { allowed, reason }
}

/// The settings of a bucket whose public access is open, or restricted to the owner.
fn settings(restricted: bool) -> BucketSettings {
    BucketSettings {
        public_access: Some(PublicAccess::Block(PublicAccessBlock {
            restrict_public_buckets: restricted,
            ..PublicAccessBlock::ALL
        })),
        ..BucketSettings::default()
    }
}

#[test]
fn without_a_policy_the_owner_may_do_everything_and_nobody_else_anything() {
    assert_eq!(
        judged(Identity::Owner, None, "s3:GetObject"),
        Decision::allow(Reason::Owner)
    );
    assert_eq!(
        judged(Identity::Anonymous, None, "s3:GetObject"),
        Decision::deny(Reason::NothingAllows)
    );
}

#[test]
fn the_deciding_statement_is_named() {
    let policy = parsed(
        &[
            statement("", "Allow", "s3:GetObject", ""),
            statement(r#""Sid": "second", "#, "Allow", "s3:Get*", ""),
            statement(r#""Sid": "no deletes", "#, "Deny", "s3:DeleteObject", ""),
        ]
        .join(", "),
    );
    let anonymous = |action| judged(Identity::Anonymous, Some(&policy), action);
    assert_eq!(anonymous("s3:GetObject"), by_statement(true, 1, None));
    assert_eq!(
        anonymous("s3:GetObjectTagging"),
        by_statement(true, 2, Some("second"))
    );
    assert_eq!(
        anonymous("s3:DeleteObject"),
        by_statement(false, 3, Some("no deletes"))
    );
    assert_eq!(anonymous("s3:PutObject"), Decision::deny(Reason::NothingAllows));
    let owner = |action| judged(Identity::Owner, Some(&policy), action);
    assert_eq!(
        owner("s3:DeleteObject"),
        by_statement(false, 3, Some("no deletes"))
    );
    assert_eq!(owner("s3:PutObject"), Decision::allow(Reason::Owner));
    assert_eq!(
        owner("s3:DeleteObject").to_string(),
        r#"denied: statement 3 (Sid "no deletes")"#
    );
}

#[test]
fn the_owner_can_always_replace_the_policy() {
    let policies = [parsed(&statement("", "Deny", "s3:*", "")), Err(Unreadable)];
    for policy in &policies {
        for action in ACTIONS_ON_POLICY {
            assert_eq!(
                judged(Identity::Owner, Some(policy), action),
                Decision::allow(Reason::OwnerManagesPolicy)
            );
            assert!(!judged(Identity::Anonymous, Some(policy), action).allowed);
        }
        assert!(!judged(Identity::Owner, Some(policy), "s3:GetObject").allowed);
    }
    assert_eq!(
        judged(Identity::Owner, Some(&policies[1]), "s3:GetObject"),
        Decision::deny(Reason::UnreadablePolicy)
    );
}

#[test]
fn a_public_access_block_restricts_public_policies_only() {
    let public = parsed(&statement("", "Allow", "s3:GetObject", ""));
    let fixed = parsed(&statement(
        "",
        "Allow",
        "s3:GetObject",
        r#", "Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}"#,
    ));
    let mut conditions = RequestConditions::default();
    conditions.add(key::SOURCE_IP, "192.0.2.7");
    let judged = |identity, restricted: bool, policy| {
        judged_with(
            identity,
            &settings(restricted),
            Some(policy),
            "s3:GetObject",
            &conditions,
        )
    };
    assert_eq!(
        judged(Identity::Anonymous, false, &public),
        by_statement(true, 1, None)
    );
    assert_eq!(
        judged(Identity::Anonymous, true, &public),
        Decision::deny(Reason::PublicAccessBlock)
    );
    assert_eq!(
        judged(Identity::Anonymous, true, &fixed),
        by_statement(true, 1, None)
    );
    assert!(judged(Identity::Owner, true, &public).allowed);
}

#[test]
fn conditions_of_the_request_decide() {
    let policy = parsed(&statement(
        "",
        "Allow",
        "s3:GetObject",
        r#", "Condition": {"StringEquals": {"s3:prefix": "a"}}"#,
    ));
    let mut conditions = RequestConditions::default();
    conditions.add("s3:prefix", "a");
    let settings = settings(false);
    let judged = |conditions: &RequestConditions| {
        judged_with(
            Identity::Anonymous,
            &settings,
            Some(&policy),
            "s3:GetObject",
            conditions,
        )
        .allowed
    };
    assert!(judged(&conditions));
    conditions.remove(&["s3:prefix"]);
    assert!(!judged(&conditions));
}
