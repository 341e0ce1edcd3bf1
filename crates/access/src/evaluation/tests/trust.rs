//! Trust policies of roles.

use super::*;

/// A role of the account [`OWNER`] with this trust policy.
fn of_role(policy: &NamedPolicy) -> Resource<'_> {
    Resource {
        owner: OWNER.id,
        policy: Some(policy),
        granted: false,
    }
}

/// "An IAM role trust policy must explicitly allow": "Policy evaluation for requests within a single account".
#[test]
fn a_trust_policy_must_allow() {
    const ROLE: &str = "arn:aws:iam::111122223333:role/jobs/r";
    let text = r#"{"Statement": {"Effect": "Allow", "Action": "sts:*", "Resource": "*"}}"#;
    let may_assume = [NamedPolicy {
        name: "may assume".into(),
        policy: parse(text, PolicyKind::InlineOfUser),
    }];
    let with = |identity| CallerPolicies {
        identity,
        ..CallerPolicies::default()
    };
    let (root, user, other) = (Principal::Account(OWNER), ann(OWNER), ann(STRANGER));
    for (principal, identity, trusted, expected) in [
        (user, &[][..], "user", true),
        (user, &may_assume[..], "user", true),
        (user, &[], "account", false),
        (user, &may_assume, "account", true),
        (user, &may_assume, "other-account", false),
        (root, &[], "account", true),
        (root, &[], "other-account", false),
        (other, &may_assume, "other-account", true),
        (other, &[], "other-account", false),
        (other, &[], "other-user", false),
        (session(OWNER), &may_assume, "account", true),
        (session(OWNER), &[], "role", true),
        (Principal::Anonymous, &[], "account", false),
    ] {
        let trust = trust(&named(trusted), "sts:AssumeRole");
        let verdict = judge_of(
            principal,
            &with(identity),
            &of_role(&trust),
            "sts:AssumeRole",
            ROLE,
        );
        assert_eq!(verdict.allowed, expected, "{principal:?} {trusted}: {verdict}");
    }
    let denied = judge_of(
        user,
        &with(&may_assume),
        &of_role(&trust(&named("other-account"), "sts:AssumeRole")),
        "sts:AssumeRole",
        ROLE,
    );
    assert_eq!(denied.reason, Reason::NotAllowed(Layer::Resource));
    let by_account = judge_of(
        user,
        &with(&may_assume),
        &of_role(&trust(&named("account"), "sts:AssumeRole")),
        "sts:AssumeRole",
        ROLE,
    );
    assert_eq!(
        by_account.to_string(),
        "allowed: statement 1 of may assume (identity-based policy), statement 1 of trust (resource-based policy)"
    );
}

/// "Principal": "Web identity session principals"; "Creating a role for `OpenID` Connect federation".
#[test]
fn web_identities_need_trust_in_their_provider() {
    const ACTION: &str = "sts:AssumeRoleWithWebIdentity";
    const PROVIDER: &str = "arn:aws:iam::111122223333:oidc-provider/id.example.com";
    let with_provider = Principal::Session(RoleSession {
        account: OWNER,
        role: "r",
        role_id: "AROAROLEROLEROLEROLER",
        session: "s1",
        provider: Some(PROVIDER),
    });
    let federated = format!(r#"{{"Federated": "{PROVIDER}"}}"#);
    let account = named("account");
    let service = Principal::Service("logging.s3.amazonaws.com");
    let web = Principal::WebIdentity(PROVIDER);
    let elsewhere = Principal::WebIdentity("arn:aws:iam::111122223333:oidc-provider/other.example.com");
    for (principal, trusted, expected) in [
        (web, federated.as_str(), true),
        (elsewhere, &federated, false),
        (web, r#""*""#, false),
        (web, &account, false),
        (with_provider, &federated, true),
        (session(OWNER), &federated, false),
        (service, r#"{"Service": "logging.s3.amazonaws.com"}"#, true),
        (service, r#"{"Service": "ec2.amazonaws.com"}"#, false),
        (service, &account, false),
    ] {
        let verdict = judge_of(
            principal,
            &CallerPolicies::default(),
            &of_role(&trust(trusted, ACTION)),
            ACTION,
            "arn:aws:iam::111122223333:role/r",
        );
        assert_eq!(verdict.allowed, expected, "{principal:?} {trusted}: {verdict}");
    }
}
