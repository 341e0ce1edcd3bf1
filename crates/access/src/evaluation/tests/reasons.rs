//! Reasons of verdicts, and how they are written.

use super::*;

#[test]
fn several_policies_of_a_layer_allow_together() {
    let policies = [
        own("first", "silent"),
        own("second", "allow"),
        own("third", "allow"),
    ];
    let caller = CallerPolicies {
        identity: &policies,
        boundary: None,
        session: &policies,
    };
    let verdict = judge(session(OWNER), &caller, None);
    let Reason::Allowed(by) = verdict.reason else {
        panic!("{verdict}");
    };
    let named: Vec<_> = by.iter().map(|by| (by.layer, &*by.policy)).collect();
    assert_eq!(named, [(Layer::Identity, "second"), (Layer::Session, "second")]);
}

#[test]
fn refusals_are_written_as_aws_writes_them() {
    let with = |identity| CallerPolicies {
        identity,
        ..CallerPolicies::default()
    };
    let deny = [own("d", "deny")];
    let allow = [own("a", "allow")];
    let boundary = bucket("Deny", r#""*""#);
    let refusal = |principal, caller: &CallerPolicies<'_>, policy| {
        judge(principal, caller, policy).refusal("s3:GetObject")
    };
    for (principal, identity, policy, expected) in [
        (ann(OWNER), &allow[..], None, None),
        (Principal::Account(OWNER), &[], None, None),
        (
            ann(OWNER),
            &[],
            None,
            Some("because no identity-based policy allows the s3:GetObject action"),
        ),
        (
            ann(OWNER),
            &deny,
            None,
            Some("with an explicit deny in an identity-based policy"),
        ),
        (
            ann(OWNER),
            &allow,
            Some(&boundary),
            Some("with an explicit deny in a resource-based policy"),
        ),
        (
            ann(STRANGER),
            &allow,
            None,
            Some("because no resource-based policy allows the s3:GetObject action"),
        ),
    ] {
        assert_eq!(refusal(principal, &with(identity), policy).as_deref(), expected);
    }
    let shown = |principal, identity, policy| judge(principal, &with(identity), policy).to_string();
    assert_eq!(
        shown(Principal::Account(OWNER), &[], None),
        "allowed: root user of the account"
    );
    assert_eq!(
        shown(ann(OWNER), &[], None),
        "denied: no identity-based policy allows it"
    );
    assert_eq!(
        shown(ann(STRANGER), &allow, None),
        "denied: no resource-based policy of the other account allows it"
    );
    assert_eq!(
        shown(ann(OWNER), &allow, Some(&boundary)),
        r#"denied: statement 1 (Sid "it") of bucket (resource-based policy)"#
    );
    let granted = Resource {
        owner: OWNER.id,
        policy: None,
        granted: true,
    };
    let verdict = judge_of(ann(STRANGER), &with(&allow), &granted, "s3:GetObject", OBJECT);
    assert_eq!(
        verdict.to_string(),
        "allowed: access control list, statement 1 of a (identity-based policy)"
    );
    assert_eq!(verdict.refusal("s3:GetObject"), None);
}
