//! Explanations, and refusals before the resource is known.

use super::*;

#[test]
fn every_statement_says_why_it_does_not_apply() {
    let text = r#"{"Version": "2012-10-17", "Statement": [
        {"Sid": "other", "Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"},
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::c/*"},
        {"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {
            "Bool": {"aws:SecureTransport": "true"}, "stringequals": {"aws:PrincipalTag/Team": "${aws:PrincipalTag/team}"}}},
        {"Effect": "Deny", "NotAction": "s3:Get*", "Resource": "*"},
        {"Sid": "it", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/${aws:userid}*"}]}"#;
    let of_user = [NamedPolicy {
        name: "own".into(),
        policy: parse(text, PolicyKind::InlineOfUser),
    }];
    let boundary = own("limit", "allow");
    let of_bucket = bucket("Deny", r#"{"AWS": "444455556666"}"#);
    let caller = CallerPolicies {
        identity: &of_user,
        boundary: Some(&boundary),
        session: &[],
    };
    let resource = Resource {
        owner: OWNER.id,
        policy: Some(&of_bucket),
        granted: false,
    };
    let principal = ann(OWNER);
    let mut conditions = Conditions::of(&principal);
    conditions.add("aws:SecureTransport", "true");
    let request = Request {
        principal,
        action: "s3:GetObject",
        resource: "arn:aws:s3:::b/AIDAANNANNANNANNANNAN/x",
        conditions: &conditions,
    };
    let explanation = explain(&caller, &resource, &request);
    assert!(explanation.verdict.allowed);
    let found: Vec<_> = explanation
        .statements
        .iter()
        .map(|outcome| {
            (
                outcome.layer,
                outcome.statement.number,
                outcome.effect,
                outcome.mismatch.clone(),
            )
        })
        .collect();
    let condition = Mismatch::Condition {
        operator: "stringequals".to_owned(),
        key: "aws:PrincipalTag/Team".to_owned(),
    };
    let (identity, allow, deny) = (Layer::Identity, Effect::Allow, Effect::Deny);
    assert_eq!(
        found,
        [
            (identity, 1, allow, Some(Mismatch::Action)),
            (identity, 2, allow, Some(Mismatch::Resource)),
            (identity, 3, allow, Some(condition)),
            (identity, 4, deny, Some(Mismatch::Action)),
            (identity, 5, allow, None),
            (Layer::Boundary, 1, allow, None),
            (Layer::Resource, 1, deny, Some(Mismatch::Principal)),
        ]
    );
    let matched: Vec<_> = explanation.matched().map(|outcome| &*outcome.policy).collect();
    assert_eq!(matched, ["own", "limit"]);
    assert_eq!(explanation.missing_keys, ["aws:PrincipalTag/Team"]);

    let of_root = Request {
        principal: Principal::Account(OWNER),
        ..request
    };
    let explanation = explain(&caller, &resource, &of_root);
    assert_eq!(explanation.verdict.reason, Reason::Root);
    let layers: Vec<_> = explanation
        .statements
        .iter()
        .map(|outcome| outcome.layer)
        .collect();
    assert_eq!(layers, [Layer::Resource], "policies of a root user do not apply");
    assert!(explanation.missing_keys.is_empty());
}

#[test]
fn what_no_policy_could_allow_is_known_before_the_object_is() {
    let allow = [own("a", "allow")];
    let boundary = own("b", "allow");
    let public = bucket("Allow", r#""*""#);
    let denying = bucket("Deny", r#""*""#);
    let to_account = bucket("Allow", r#"{"AWS": "444455556666"}"#);
    let with = |identity| CallerPolicies {
        identity,
        ..CallerPolicies::default()
    };
    let limited = CallerPolicies {
        identity: &allow,
        boundary: Some(&boundary),
        session: &allow,
    };
    let (get, put) = ("s3:GetObject", "s3:PutObject");
    for (principal, caller, policy, action, expected) in [
        (Principal::Anonymous, with(&[]), None, get, false),
        (Principal::Anonymous, with(&[]), Some(&public), get, true),
        (Principal::Anonymous, with(&allow), Some(&public), put, false),
        (Principal::Anonymous, with(&allow), Some(&denying), get, false),
        (ann(OWNER), with(&[]), None, get, false),
        (ann(OWNER), with(&allow), None, get, true),
        (ann(OWNER), with(&allow), None, put, false),
        (ann(OWNER), with(&allow), Some(&denying), get, true),
        (ann(OWNER), limited, None, get, true),
        (ann(OWNER), limited, None, put, false),
        (ann(STRANGER), with(&allow), None, get, false),
        (ann(STRANGER), with(&allow), Some(&to_account), get, true),
        (ann(STRANGER), with(&[]), Some(&to_account), get, false),
        (
            Principal::Account(STRANGER),
            with(&[]),
            Some(&to_account),
            get,
            true,
        ),
        (
            Principal::Account(STRANGER),
            with(&[]),
            Some(&to_account),
            put,
            false,
        ),
        (Principal::Account(OWNER), with(&[]), Some(&denying), put, true),
    ] {
        let resource = Resource {
            owner: OWNER.id,
            policy,
            granted: false,
        };
        let could = could_allow(&caller, &resource, &principal, action);
        assert_eq!(could, expected, "{principal:?} {caller:?} {policy:?} {action}");
    }
}
