//! Policies of IAM.

use super::*;

const IDENTITY: [PolicyKind<'_>; 5] = [
    PolicyKind::Managed,
    PolicyKind::InlineOfUser,
    PolicyKind::InlineOfGroup,
    PolicyKind::InlineOfRole,
    PolicyKind::Session,
];

fn statement(elements: &str) -> String {
    format!(r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", {elements}}}}}"#)
}

fn fault_as(text: &str, kind: PolicyKind<'_>) -> Fault {
    Policy::parse_as(text, kind).expect_err(text).fault
}

#[test]
fn identity_policies_have_no_principal() {
    for kind in IDENTITY {
        for elements in [
            r#""Action": "ec2:StartInstances", "Resource": "*""#,
            r#""NotAction": ["iam:*", "s3:NoSuchAction"], "NotResource": ["arn:aws:s3:::a/*", "arn:aws:sqs:x:1:q"]"#,
            r#""Sid": "", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}"#,
        ] {
            let text = statement(elements);
            assert!(Policy::parse_as(&text, kind).is_ok(), "{text}");
            assert!(
                Policy::parse_as(&format!(" \n\t{text}\n"), kind).is_ok(),
                "{text}"
            );
        }
        for (elements, expected) in [
            (
                r#""Action": "*", "Resource": "*", "Principal": "*""#,
                Fault::Prohibited("Principal"),
            ),
            (
                r#""Action": "*", "Resource": "*", "NotPrincipal": "*""#,
                Fault::Prohibited("Principal"),
            ),
            (
                r#""Action": "*", "Resource": "*", "NotResource": "*""#,
                Fault::Both("Resource"),
            ),
            (r#""Resource": "*""#, Fault::Missing("Action")),
            (r#""Action": "s3:*""#, Fault::Missing("Resource")),
            (r#""Action": "s3:*", "Resource": []"#, Fault::Empty("Resource")),
        ] {
            assert_eq!(fault_as(&statement(elements), kind), expected, "{elements}");
        }
    }
}

#[test]
fn trust_policies_have_no_resource() {
    let valid = r#""Principal": {"AWS": "123456789012"}, "Action": "sts:AssumeRole""#;
    for elements in [
        valid,
        r#""Principal": {"Service": ["ec2.amazonaws.com"]}, "Action": ["sts:AssumeRole", "sts:TagSession"]"#,
        r#""Principal": {"Federated": "arn:aws:iam::123456789012:oidc-provider/id.example.com/a"},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": {"id.example.com/a:aud": "sts", "id.example.com/a:sub": "job"}}"#,
        r#""Principal": {"AWS": ["AIDAANNANNANNANNANNAN", "arn:aws:iam::123456789012:role/a/r"]}, "Action": "sts:AssumeRole""#,
    ] {
        let text = statement(elements);
        let parsed = Policy::parse_as(&text, PolicyKind::Trust);
        assert!(parsed.is_ok(), "{text}: {parsed:?}");
    }
    for (elements, expected) in [
        (
            format!(r#"{valid}, "Resource": "*""#),
            Fault::Prohibited("Resource"),
        ),
        (
            format!(r#"{valid}, "NotResource": "*""#),
            Fault::Prohibited("Resource"),
        ),
        (
            r#""Action": "sts:AssumeRole""#.to_owned(),
            Fault::Missing("Principal"),
        ),
        (r#""Principal": "*""#.to_owned(), Fault::Missing("Action")),
        (
            valid.replace("sts:AssumeRole", "s3:*"),
            Fault::TrustAction("s3:*".into()),
        ),
        (
            valid.replacen("Principal", "NotPrincipal", 1),
            Fault::AllowNotPrincipal,
        ),
    ] {
        assert_eq!(
            fault_as(&statement(&elements), PolicyKind::Trust),
            expected,
            "{elements}"
        );
    }
}

#[test]
fn principals_depend_on_the_kind() {
    let canonical = format!("CanonicalUser {}", "ab".repeat(32));
    for (principal, in_bucket, in_trust) in [
        ("AWS AIDAANNANNANNANNANNAN", true, true),
        ("AWS AROAROLEROLEROLEROLER", true, true),
        ("AWS AGPAGROUPGROUPGROUPGR", false, false),
        ("AWS AIDASHORT", false, false),
        ("AWS arn:aws:sts::123456789012:assumed-role/r/s", true, true),
        ("AWS arn:aws:sts::123456789012:assumed-role/r", false, false),
        ("AWS arn:aws:sts::123456789012:assumed-role/r/", false, false),
        ("AWS arn:aws:sts::123456789012:assumed-role/a/r/s", false, false),
        ("AWS arn:aws:sts::123456789012:federated-user/ann", true, true),
        ("AWS arn:aws:sts::123456789012:federated-user/r/s", false, false),
        ("AWS arn:aws:sts::123456789012:federated-user/", false, false),
        ("AWS arn:aws:sts::123456789012:assumed-role//s", false, false),
        ("AWS arn:aws:sts::123456789012:root", false, false),
        ("AWS arn:aws:iam::123456789012:boss", false, false),
        ("AWS arn:aws:iam::123456789012:role/", false, false),
        ("AWS arn:aws:iam::123456789012:role/*", false, false),
        ("AWS arn:aws:iam::123456789012:policy/p", false, false),
        ("Service ec2.amazonaws.com", true, true),
        ("Service ec2", false, false),
        ("Service *.amazonaws.com", false, false),
        ("Federated graph.facebook.com", true, true),
        ("Federated *.facebook.com", false, false),
        ("Federated ", false, false),
        (canonical.as_str(), true, false),
    ] {
        let (kind, id) = principal.split_once(' ').unwrap();
        let element = format!(r#"{{"{kind}": "{id}"}}"#);
        let of_bucket = with(&[("Principal", &element)]);
        let of_role = statement(&format!(r#""Principal": {element}, "Action": "sts:AssumeRole""#));
        for (text, kind, is_valid) in [
            (of_bucket, PolicyKind::Bucket("b"), in_bucket),
            (of_role, PolicyKind::Trust, in_trust),
        ] {
            match Policy::parse_as(&text, kind) {
                Ok(_) => assert!(is_valid, "{principal} {kind:?}"),
                Err(error) => assert_eq!(
                    (error.fault, is_valid),
                    (Fault::Principal(principal.into()), false)
                ),
            }
        }
    }
}

#[test]
fn statement_ids_of_iam_are_unique_and_alphanumeric() {
    let two = |first: &str, second: &str| {
        let statement =
            |sid: &str| format!(r#"{{"Sid": "{sid}", "Effect": "Deny", "Action": "*", "Resource": "*"}}"#);
        format!(
            r#"{{"Statement": [{}, {}]}}"#,
            statement(first),
            statement(second)
        )
    };
    for (first, second) in [("a", "A"), ("A1", "A2"), ("", "")] {
        assert!(Policy::parse_as(&two(first, second), PolicyKind::Managed).is_ok());
    }
    for (first, second, expected) in [
        ("a", "a", Fault::DuplicateSid("a".into())),
        ("a", "a b", Fault::Sid("a b".into())),
        ("a", "a-b", Fault::Sid("a-b".into())),
        ("a", "ä", Fault::Sid("ä".into())),
    ] {
        let error = Policy::parse_as(&two(first, second), PolicyKind::Managed).unwrap_err();
        assert_eq!((error.fault, error.statement), (expected, Some(2)));
    }
}

#[test]
fn each_kind_has_a_limit() {
    let valid = statement(r#""Action": "*", "Resource": "*""#);
    let trust = statement(r#""Principal": "*", "Action": "sts:AssumeRole""#);
    for (kind, max) in [
        (PolicyKind::Managed, 6_144),
        (PolicyKind::InlineOfUser, 2_048),
        (PolicyKind::InlineOfGroup, 5_120),
        (PolicyKind::InlineOfRole, 10_240),
        (PolicyKind::Session, 2_048),
        (PolicyKind::Trust, 2_048),
    ] {
        let text = if kind == PolicyKind::Trust { &trust } else { &valid };
        let filled = |size: usize| {
            let missing = size - Policy::size(text, kind) - r#""Id":"ä","#.chars().count();
            text.replacen('{', &format!(r#"{{"Id":"ä{}","#, "x".repeat(missing)), 1)
        };
        assert_eq!(Policy::size(&filled(max), kind), max);
        assert!(Policy::parse_as(&filled(max), kind).is_ok(), "{kind:?}");
        let fault = fault_as(&filled(max + 1), kind);
        assert_eq!(fault, Fault::Quota { size: max + 1, max });
        let spacious = [filled(max).as_str(), " "].concat();
        let is_counted = kind == PolicyKind::Session;
        assert_eq!(Policy::parse_as(&spacious, kind).is_err(), is_counted, "{kind:?}");
    }
    let longest = [valid.as_str(), &" ".repeat(131_072 - valid.len())].concat();
    assert!(Policy::parse_as(&longest, PolicyKind::Managed).is_ok());
    let size = 131_073;
    assert_eq!(
        fault_as(&[&longest, " "].concat(), PolicyKind::Managed),
        Fault::Quota { size, max: 131_072 }
    );
}
