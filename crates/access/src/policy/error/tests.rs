use crate::policy::{Policy, PolicyKind};

/// A policy with one statement, which has an effect and these elements.
fn statement(elements: &str) -> String {
    format!(r#"{{"Statement": {{"Effect": "Allow", {elements}}}}}"#)
}

/// Returns message and hint.
fn refused(text: &str, kind: PolicyKind<'_>) -> (String, String) {
    let error = Policy::parse_as(text, kind).expect_err(text);
    (error.to_string(), error.hint())
}

#[test]
fn iam_has_messages_of_its_own() {
    let long = statement(&format!(
        r#""Sid": "{}", "Action": "*", "Resource": "*""#,
        "a".repeat(11_000)
    ));
    let one = r#""Sid": "a", "Action": "*", "Resource": "*""#;
    let twice = format!(r#"{{"Statement": [{{"Effect": "Deny", {one}}}, {{"Effect": "Deny", {one}}}]}}"#);
    for (text, kind, message) in [
        ("{".to_owned(), PolicyKind::Managed, "Syntax errors in policy."),
        (
            "{".to_owned(),
            PolicyKind::Trust,
            "This policy contains invalid Json",
        ),
        (
            statement(r#""Principal": "*", "Action": "*", "Resource": "*""#),
            PolicyKind::InlineOfUser,
            "Policy document should not specify a principal.",
        ),
        (
            statement(r#""Resource": "*""#),
            PolicyKind::InlineOfRole,
            "Policy statement must contain actions.",
        ),
        (
            statement(r#""Action": "*""#),
            PolicyKind::Managed,
            "Policy statement must contain resources.",
        ),
        (
            statement(r#""Action": "GetObject", "Resource": "*""#),
            PolicyKind::Managed,
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
        ),
        (
            statement(r#""Action": "s3*:GetObject", "Resource": "*""#),
            PolicyKind::Managed,
            "Vendor s3* is not valid",
        ),
        (
            statement(r#""Action": "s3:Get Object", "Resource": "*""#),
            PolicyKind::Managed,
            "Syntax errors in policy.",
        ),
        (
            statement(r#""Action": "*", "Resource": "b/*""#),
            PolicyKind::Managed,
            r#"Resource b/* must be in ARN format or "*"."#,
        ),
        (
            statement(r#""Action": "*", "Resource": "arn:x:s3:::b""#),
            PolicyKind::Managed,
            r#"Partition "x" is not valid for resource "arn:x:s3:::b"."#,
        ),
        (
            statement(r#""Sid": "a b", "Action": "*", "Resource": "*""#),
            PolicyKind::Managed,
            "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*",
        ),
        (
            twice,
            PolicyKind::Managed,
            "Statement IDs (SID) in a single policy must be unique.",
        ),
        (
            statement(r#""Principal": {"AWS": "x"}, "Action": "sts:AssumeRole""#),
            PolicyKind::Trust,
            r#"Invalid principal in policy: "AWS":"x""#,
        ),
        (
            statement(r#""Principal": "x", "Action": "sts:AssumeRole""#),
            PolicyKind::Trust,
            r#"Invalid principal in policy: "AWS":"x""#,
        ),
        (
            statement(r#""Principal": "*", "Action": "sts:AssumeRole", "Resource": "*""#),
            PolicyKind::Trust,
            "Has prohibited field Resource",
        ),
        (
            statement(r#""Principal": "*", "Action": "sts:AssumeRole", "Note": "*""#),
            PolicyKind::Trust,
            "Has prohibited field Note",
        ),
        (
            statement(r#""Action": "sts:AssumeRole""#),
            PolicyKind::Trust,
            "Missing required field Principal",
        ),
        (
            statement(r#""Principal": "*", "Action": "s3:*""#),
            PolicyKind::Trust,
            "AssumeRole policy may only specify STS AssumeRole actions.",
        ),
        (
            r#"{"Version": "2012-10-18", "Statement": []}"#.to_owned(),
            PolicyKind::Managed,
            "The policy must contain a valid version string",
        ),
        (
            r#"{"Statement": []}"#.to_owned(),
            PolicyKind::Managed,
            "Syntax errors in policy.",
        ),
        (
            long.clone(),
            PolicyKind::Managed,
            "Cannot exceed quota for PolicySize: 6144",
        ),
        (
            long.clone(),
            PolicyKind::Trust,
            "Cannot exceed quota for ACLSizePerRole: 2048",
        ),
        (
            long.clone(),
            PolicyKind::InlineOfGroup,
            "Maximum policy size of 5120 bytes exceeded",
        ),
        (
            long,
            PolicyKind::Session,
            "The session policy must have length less than or equal to 2048",
        ),
    ] {
        assert_eq!(refused(&text, kind).0, message);
    }
}

#[test]
fn hints_name_what_to_change() {
    for (text, kind, hint) in [
        (
            statement(r#""NotPrincipal": "*", "Action": "*", "Resource": "*""#),
            PolicyKind::Managed,
            "Statement 1: Omit Principal: a policy of a user, group or role applies to whoever it is attached to.",
        ),
        (
            statement(r#""Principal": "*", "Action": "sts:AssumeRole", "Resource": "*""#),
            PolicyKind::Trust,
            "Statement 1: Omit Resource: a trust policy applies to the role that it belongs to.",
        ),
        (
            statement(r#""Action": "GetObject", "Resource": "*""#),
            PolicyKind::Managed,
            "Statement 1: GetObject names no service. Write <service>:<action>, such as s3:GetObject, or *.",
        ),
        (
            statement(r#""Action": "*", "Resource": "arn:x:s3:::b""#),
            PolicyKind::Managed,
            "Statement 1: x is no partition of AWS. Use arn:aws:...",
        ),
        (
            statement(r#""Sid": "a b", "Action": "*", "Resource": "*""#),
            PolicyKind::Managed,
            "Statement 1: a b has characters other than ASCII letters and digits.",
        ),
        (
            [r#"{"Id": ""#, &"a".repeat(6_200), r#""}"#].concat(),
            PolicyKind::Managed,
            "The policy has 6209 characters that count; at most 6144 are allowed.",
        ),
    ] {
        assert_eq!(refused(&text, kind).1, hint);
    }
}
