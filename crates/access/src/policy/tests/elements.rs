//! Actions, resources and variables.

use super::*;

#[test]
fn actions_and_their_opposite() {
    for (action, covered, others) in [
        (
            r#""Action": "s3:GetObject""#,
            &["s3:GetObject", "S3:getobject"][..],
            &["s3:GetObjectAcl", "s3:PutObject"][..],
        ),
        (
            r#""Action": "S3:GETOBJECT""#,
            &["s3:GetObject"],
            &["s3:PutObject"],
        ),
        (
            r#""Action": "s3:Get*""#,
            &["s3:GetObject", "s3:GetBucketPolicy"],
            &["s3:PutObject"],
        ),
        (
            r#""Action": "s3:?etObject""#,
            &["s3:GetObject"],
            &["s3:PutObject", "s3:DeleteObject"],
        ),
        (
            r#""Action": ["s3:PutObject", "s3:List*"]"#,
            &["s3:PutObject", "s3:ListBucket"],
            &["s3:GetObject"],
        ),
        (r#""Action": "*""#, &["s3:GetObject"], &[]),
        (
            r#""NotAction": ["s3:Get*", "s3:ListBucket"]"#,
            &["s3:PutObject"],
            &["s3:GetObject", "s3:ListBucket"],
        ),
    ] {
        let policy = policy(&[action]);
        for name in covered {
            assert_eq!(
                judge(&policy, ANN, name, Some("k")),
                Verdict::Allow,
                "{action} {name}"
            );
        }
        for name in others {
            assert_eq!(
                judge(&policy, ANN, name, Some("k")),
                Verdict::Silent,
                "{action} {name}"
            );
        }
    }
}

#[test]
fn resources_and_their_opposite() {
    for (resource, covered, others) in [
        (
            r#""Resource": "arn:aws:s3:::b""#,
            &[None][..],
            &[Some("k"), Some("")][..],
        ),
        (
            r#""Resource": "arn:aws:s3:::b/*""#,
            &[Some("k"), Some("a/b"), Some("ü")],
            &[None],
        ),
        (
            r#""Resource": "arn:aws:s3:::b/a?/*""#,
            &[Some("ab/c"), Some("aü/")],
            &[Some("a/c"), None, Some("Ab/c")],
        ),
        (r#""Resource": "arn:aws:s3:::*""#, &[None, Some("k")], &[]),
        (
            r#""Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/x"]"#,
            &[None, Some("x")],
            &[Some("y")],
        ),
        (
            r#""Resource": "arn:aws:s3:::b/${aws:username}/*""#,
            &[Some("ann/x")],
            &[Some("bob/x"), Some("${aws:username}/x")],
        ),
        (r#""Resource": "arn:aws:s3:::b/${*}""#, &[Some("*")], &[Some("x")]),
        (
            r#""NotResource": "arn:aws:s3:::b/secret/*""#,
            &[None, Some("k")],
            &[Some("secret/x")],
        ),
    ] {
        let policy = policy(&[resource]);
        for object in covered {
            assert_eq!(
                judge(&policy, ANN, "s3:GetObject", *object),
                Verdict::Allow,
                "{resource} {object:?}"
            );
        }
        for object in others {
            assert_eq!(
                judge(&policy, ANN, "s3:GetObject", *object),
                Verdict::Silent,
                "{resource} {object:?}"
            );
        }
    }
}

#[test]
fn variables_without_a_value_never_widen() {
    let home = r#""arn:aws:s3:::b/${aws:username}/*""#;
    for (statement, expected) in [
        (
            format!(r#""Resource": [{home}, "arn:aws:s3:::b/key"]"#),
            Verdict::Allow,
        ),
        (format!(r#""Resource": {home}"#), Verdict::Silent),
        (format!(r#""NotResource": {home}"#), Verdict::Silent),
        (
            format!(r#""Effect": "Deny", "Resource": {home}"#),
            Verdict::Silent,
        ),
        (
            format!(r#""Effect": "Deny", "NotResource": {home}"#),
            Verdict::Deny,
        ),
    ] {
        assert_eq!(
            gets(&policy(&[&statement]), Principal::Anonymous),
            expected,
            "{statement}"
        );
    }
}

#[test]
fn variables_are_literal_in_the_old_version() {
    for version in ["", r#""Version": "2008-10-17", "#] {
        let text = format!(
            r#"{{{version}"Statement": {{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::b/${{aws:username}}"}}}}"#
        );
        let policy = Policy::parse(&text, "b").unwrap();
        assert_eq!(judge(&policy, ANN, "s3:GetObject", Some("ann")), Verdict::Silent);
        assert_eq!(
            judge(&policy, ANN, "s3:GetObject", Some("${aws:username}")),
            Verdict::Allow
        );
        assert!(!policy.refers_to("aws:username"));
    }
}

#[test]
fn resources_elsewhere_are_not_covered() {
    let elsewhere = |policy: &Policy| {
        policy.evaluate(&Request {
            principal: ANN,
            action: "s3:GetObject",
            resource: "b/key",
            conditions: &Conditions::new(),
        })
    };
    assert_eq!(elsewhere(&policy(&[""])), Verdict::Silent);
    assert_eq!(
        elsewhere(&policy(&[r#""NotResource": "arn:aws:s3:::b/x""#])),
        Verdict::Silent
    );
    let deny = policy(&[r#""Effect": "Deny", "NotResource": "arn:aws:s3:::b/x""#]);
    assert_eq!(elsewhere(&deny), Verdict::Deny);
}
