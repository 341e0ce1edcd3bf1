//! Policies from the IAM User Guide.

use super::*;

const ACCOUNT: &str = "arn:aws:iam::111122223333";

/// Evaluates a request under one policy of the caller, with these condition keys.
fn ask(text: &str, principal: Principal<'_>, action: &str, resource: &str, keys: &[(&str, &str)]) -> bool {
    let own = [NamedPolicy {
        name: "own".into(),
        policy: parse(text, PolicyKind::Managed),
    }];
    let caller = CallerPolicies {
        identity: &own,
        ..CallerPolicies::default()
    };
    let of = Resource {
        owner: OWNER.id,
        policy: None,
        granted: false,
    };
    decide(&caller, &of, principal, action, resource, keys)
}

/// Evaluates a request for a role with this trust policy.
fn assume(text: &str, principal: Principal<'_>, action: &str, keys: &[(&str, &str)]) -> bool {
    let trust = NamedPolicy {
        name: "trust".into(),
        policy: parse(text, PolicyKind::Trust),
    };
    let of = Resource {
        owner: OWNER.id,
        policy: Some(&trust),
        granted: false,
    };
    let may_assume = [NamedPolicy {
        name: "own".into(),
        policy: parse(
            r#"{"Statement": {"Effect": "Allow", "Action": "sts:*", "Resource": "*"}}"#,
            PolicyKind::Managed,
        ),
    }];
    let caller = CallerPolicies {
        identity: &may_assume,
        ..CallerPolicies::default()
    };
    decide(
        &caller,
        &of,
        principal,
        action,
        &format!("{ACCOUNT}:role/r"),
        keys,
    )
}

fn decide(
    caller: &CallerPolicies<'_>,
    of: &Resource<'_>,
    principal: Principal<'_>,
    action: &str,
    resource: &str,
    keys: &[(&str, &str)],
) -> bool {
    let mut conditions = Conditions::of(&principal);
    for (key, value) in keys {
        conditions.add(*key, *value);
    }
    let request = Request {
        principal,
        action,
        resource,
        conditions: &conditions,
    };
    evaluate(caller, of, &request).allowed
}

/// "AWS: Allows MFA-authenticated IAM users to manage their own credentials on the Security credentials page".
#[test]
fn without_a_second_factor_only_the_factor_can_be_managed() {
    let text = r#"{"Version": "2012-10-17", "Statement": [
        {"Sid": "AllowAll", "Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Sid": "DenyAllExceptListedIfNoMFA", "Effect": "Deny",
         "NotAction": ["iam:CreateVirtualMFADevice", "iam:GetUser", "sts:GetSessionToken"], "Resource": "*",
         "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}]}"#;
    for (action, keys, expected) in [
        (
            "s3:GetObject",
            &[("aws:MultiFactorAuthPresent", "true")][..],
            true,
        ),
        ("s3:GetObject", &[("aws:MultiFactorAuthPresent", "false")], false),
        ("s3:GetObject", &[], false),
        ("iam:GetUser", &[], true),
        (
            "sts:getsessiontoken",
            &[("aws:MultiFactorAuthPresent", "false")],
            true,
        ),
    ] {
        assert_eq!(
            ask(text, ann(OWNER), action, OBJECT, keys),
            expected,
            "{action} {keys:?}"
        );
    }
}

/// "Permissions boundaries for IAM entities", "Delegating responsibility to others using permissions boundaries".
#[test]
fn users_are_created_with_a_boundary_only() {
    let text = r#"{"Version": "2012-10-17", "Statement": [
        {"Sid": "CreateOrChangeOnlyWithBoundary", "Effect": "Allow",
         "Action": ["iam:CreateUser", "iam:PutUserPolicy", "iam:AttachUserPolicy"], "Resource": "*",
         "Condition": {"StringEquals": {"iam:PermissionsBoundary": "arn:aws:iam::111122223333:policy/XCompanyBoundaries"}}},
        {"Sid": "NoBoundaryPolicyEdit", "Effect": "Deny",
         "Action": ["iam:CreatePolicyVersion", "iam:DeletePolicy"],
         "Resource": ["arn:aws:iam::111122223333:policy/XCompanyBoundaries"]},
        {"Sid": "NoBoundaryUserDelete", "Effect": "Deny", "Action": "iam:DeleteUserPermissionsBoundary", "Resource": "*"},
        {"Sid": "CloudWatchAndOtherIAMTasks", "Effect": "Allow", "Action": "iam:*Policy*", "Resource": "*"}]}"#;
    let (user, policy) = (
        format!("{ACCOUNT}:user/new"),
        format!("{ACCOUNT}:policy/XCompanyBoundaries"),
    );
    let boundary = [("iam:PermissionsBoundary", policy.as_str())];
    let other = [(
        "iam:PermissionsBoundary",
        "arn:aws:iam::111122223333:policy/Other",
    )];
    for (action, resource, keys, expected) in [
        ("iam:CreateUser", &user, &boundary[..], true),
        ("iam:CreateUser", &user, &other, false),
        ("iam:CreateUser", &user, &[], false),
        ("iam:DeleteUserPermissionsBoundary", &user, &boundary, false),
        ("iam:CreatePolicyVersion", &policy, &[], false),
        ("iam:CreatePolicyVersion", &user, &[], true),
    ] {
        assert_eq!(
            ask(text, ann(OWNER), action, resource, keys),
            expected,
            "{action} {keys:?}"
        );
    }
}

/// "IAM tutorial: Define permissions to access AWS resources based on tags".
#[test]
fn tags_of_principal_and_resource_must_be_the_same() {
    let text = r#"{"Version": "2012-10-17", "Statement": [
        {"Sid": "AllActionsSameProject", "Effect": "Allow", "Action": "kms:*", "Resource": "*", "Condition": {
            "StringEquals": {"aws:ResourceTag/access-project": "${aws:PrincipalTag/access-project}",
                "aws:PrincipalTag/cost-center": ["a", "b"]},
            "ForAllValues:StringEquals": {"aws:TagKeys": ["access-project", "cost-center"]},
            "StringEqualsIfExists": {"aws:RequestTag/access-project": "${aws:PrincipalTag/access-project}"}}}]}"#;
    let (of_key, of_user) = (
        ("aws:ResourceTag/access-project", "x"),
        ("aws:PrincipalTag/access-project", "x"),
    );
    let center = ("aws:principaltag/Cost-Center", "b");
    let key = "arn:aws:kms:us-east-1:111122223333:key/k";
    for (keys, expected) in [
        (&[of_key, of_user, center][..], true),
        (&[of_key, of_user], false),
        (&[of_key, center], false),
        (&[of_user, center], false),
        (&[of_key, ("aws:PrincipalTag/access-project", "y"), center], false),
        (&[of_key, of_user, center, ("aws:TagKeys", "cost-center")], true),
        (
            &[
                of_key,
                of_user,
                center,
                ("aws:TagKeys", "cost-center"),
                ("aws:TagKeys", "z"),
            ],
            false,
        ),
        (
            &[of_key, of_user, center, ("aws:RequestTag/access-project", "x")],
            true,
        ),
        (
            &[of_key, of_user, center, ("aws:RequestTag/access-project", "z")],
            false,
        ),
    ] {
        assert_eq!(
            ask(text, session(OWNER), "kms:Decrypt", key, keys),
            expected,
            "{keys:?}"
        );
    }
}

/// "Revoke IAM role temporary security credentials".
#[test]
fn sessions_from_before_a_time_are_revoked() {
    let text = r#"{"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": ["*"], "Resource": ["*"],
         "Condition": {"DateLessThan": {"aws:TokenIssueTime": "2026-11-30T05:00:00Z"}}}]}"#;
    for (issued, expected) in [
        (&[("aws:TokenIssueTime", "2026-11-30T04:59:59Z")][..], false),
        (&[("aws:TokenIssueTime", "2026-11-30T05:00:00Z")], true),
        (&[], true),
    ] {
        let allowed = ask(text, session(OWNER), "s3:GetObject", OBJECT, issued);
        assert_eq!(allowed, expected, "{issued:?}");
    }
}

/// "Access to AWS accounts owned by third parties": the external id.
#[test]
fn a_third_party_needs_the_external_id() {
    let text = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow",
        "Principal": {"AWS": "444455556666"}, "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": "12345"}}}}"#;
    for (principal, keys, expected) in [
        (ann(STRANGER), &[("sts:ExternalId", "12345")][..], true),
        (ann(STRANGER), &[("sts:ExternalId", "54321")], false),
        (ann(STRANGER), &[], false),
        (ann(OWNER), &[("sts:ExternalId", "12345")], false),
    ] {
        assert_eq!(
            assume(text, principal, "sts:AssumeRole", keys),
            expected,
            "{principal:?} {keys:?}"
        );
    }
}

/// "Create a role for `OpenID` Connect federation (console)": the role is for one job of one repository.
#[test]
fn claims_of_a_web_identity_are_tested() {
    let text = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow",
        "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"},
        "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {
            "StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"},
            "StringLike": {"token.actions.githubusercontent.com:sub": "repo:GitHubOrg/GitHubRepo:*"},
            "ForAnyValue:StringEquals": {"token.actions.githubusercontent.com:amr": "authenticated"}}}}"#;
    let web =
        Principal::WebIdentity("arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com");
    let aud = ("token.actions.githubusercontent.com:aud", "sts.amazonaws.com");
    let sub = (
        "token.actions.githubusercontent.com:sub",
        "repo:GitHubOrg/GitHubRepo:ref:refs/heads/main",
    );
    let other_sub = (
        "token.actions.githubusercontent.com:sub",
        "repo:Other/GitHubRepo:ref:refs/heads/main",
    );
    let amr = ("token.actions.githubusercontent.com:amr", "authenticated");
    let action = "sts:AssumeRoleWithWebIdentity";
    for (keys, expected) in [
        (&[aud, sub, amr][..], true),
        (
            &[aud, sub, ("token.actions.githubusercontent.com:amr", "x"), amr],
            true,
        ),
        (&[aud, sub], false),
        (&[aud, other_sub, amr], false),
        (&[sub, amr], false),
    ] {
        assert_eq!(assume(text, web, action, keys), expected, "{keys:?}");
    }
    assert!(!assume(text, ann(OWNER), action, &[aud, sub, amr]));
    assert!(!assume(text, web, "sts:AssumeRole", &[aud, sub, amr]));
}
