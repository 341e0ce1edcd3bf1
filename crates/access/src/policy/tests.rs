use super::*;
use crate::account::{ROOT_ACCOUNT, ROOT_CANONICAL_ID};

mod guides;

const ROOT: Principal<'static> = Principal::Account(Account {
    id: ROOT_ACCOUNT,
    canonical_id: ROOT_CANONICAL_ID,
    user: None,
});
const ANN: Principal<'static> = Principal::Account(Account {
    id: ROOT_ACCOUNT,
    canonical_id: ROOT_CANONICAL_ID,
    user: Some("ann"),
});
const BOB: Principal<'static> = Principal::Account(Account {
    id: ROOT_ACCOUNT,
    canonical_id: ROOT_CANONICAL_ID,
    user: Some("staff/bob"),
});
const OTHER: Principal<'static> = Principal::Account(Account {
    id: "123456789012",
    canonical_id: "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be",
    user: None,
});
const OTHER_ANN: Principal<'static> = Principal::Account(Account {
    id: "123456789012",
    canonical_id: "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be",
    user: Some("ann"),
});
const EVERY: [Principal<'static>; 6] = [Principal::Anonymous, ROOT, ANN, BOB, OTHER, OTHER_ANN];

/// Builds a policy of statements with default `Effect`, `Principal`, `Action` and `Resource` where not given.
fn policy(statements: &[&str]) -> Policy {
    let statements: Vec<String> = statements
        .iter()
        .map(|statement| {
            let mut text = (*statement).to_owned();
            for (name, value) in [
                ("Effect", r#""Allow""#),
                ("Principal", r#""*""#),
                ("Action", r#""s3:*""#),
                ("Resource", r#"["arn:aws:s3:::b", "arn:aws:s3:::b/*"]"#),
            ] {
                if !text.contains(&format!("{name}\":")) {
                    text = format!(
                        r#""{name}": {value}{}{text}"#,
                        if text.is_empty() { "" } else { ", " }
                    );
                }
            }
            format!("{{{text}}}")
        })
        .collect();
    let text = format!(
        r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#,
        statements.join(", ")
    );
    Policy::parse(&text, "b").unwrap_or_else(|error| panic!("{text}: {error} {}", error.hint()))
}

fn judge(policy: &Policy, principal: Principal<'_>, action: &str, object: Option<&str>) -> Verdict {
    let conditions = Conditions::of(&principal);
    policy.evaluate(&Request {
        principal,
        action,
        resource: &arn("b", object),
        conditions: &conditions,
    })
}

fn gets(policy: &Policy, principal: Principal<'_>) -> Verdict {
    judge(policy, principal, "s3:GetObject", Some("key"))
}

#[test]
fn principals_are_those_named() {
    use Verdict::{Allow, Delegate, Silent};
    for (principal, expected) in [
        (r#""*""#, [Allow; 6]),
        (r#"{"AWS": "*"}"#, [Allow; 6]),
        (
            r#"{"AWS": "000000000000"}"#,
            [Silent, Allow, Delegate, Delegate, Silent, Silent],
        ),
        (
            r#"{"AWS": "arn:aws:iam::000000000000:root"}"#,
            [Silent, Allow, Delegate, Delegate, Silent, Silent],
        ),
        (
            r#"{"AWS": "arn:aws:iam::000000000000:user/ann"}"#,
            [Silent, Silent, Allow, Silent, Silent, Silent],
        ),
        (
            r#"{"AWS": "arn:aws:iam::000000000000:user/staff/bob"}"#,
            [Silent, Silent, Silent, Allow, Silent, Silent],
        ),
        (
            r#"{"AWS": ["123456789012", "arn:aws:iam::000000000000:user/ann"]}"#,
            [Silent, Silent, Allow, Silent, Allow, Delegate],
        ),
        (
            r#"{"CanonicalUser": "79A59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}"#,
            [Silent, Silent, Silent, Silent, Allow, Delegate],
        ),
        (
            r#"{"CanonicalUser": "5374726f6e67726f6f6d20726f6f74206163636f756e74000000000000000000"}"#,
            [Silent, Allow, Delegate, Delegate, Silent, Silent],
        ),
        (
            r#"{"Service": "logging.s3.amazonaws.com", "Federated": "x", "AWS": "arn:aws:iam::000000000000:role/ann"}"#,
            [Silent; 6],
        ),
    ] {
        let allow = policy(&[&format!(r#""Principal": {principal}"#)]);
        assert_eq!(EVERY.map(|who| gets(&allow, who)), expected, "{principal}");
        let deny = policy(&["", &format!(r#""Effect": "Deny", "Principal": {principal}"#)]);
        let expected = expected.map(|verdict| if verdict == Silent { Allow } else { Verdict::Deny });
        assert_eq!(EVERY.map(|who| gets(&deny, who)), expected, "Deny {principal}");
    }
}

#[test]
fn not_principal_denies_all_but_those_named() {
    use Verdict::{Deny, Silent};
    for (principal, expected) in [
        (r#""*""#, [Silent; 6]),
        (
            r#"{"AWS": "000000000000"}"#,
            [Deny, Silent, Deny, Deny, Deny, Deny],
        ),
        (
            r#"{"AWS": ["arn:aws:iam::000000000000:root", "arn:aws:iam::000000000000:user/ann"]}"#,
            [Deny, Silent, Silent, Deny, Deny, Deny],
        ),
        (r#"{"Service": "logging.s3.amazonaws.com"}"#, [Deny; 6]),
    ] {
        let policy = policy(&[&format!(
            r#""Effect": "Deny", "Action": "s3:*", "NotPrincipal": {principal}"#
        )]);
        assert_eq!(EVERY.map(|who| gets(&policy, who)), expected, "{principal}");
    }
}

#[test]
fn deny_wins_and_allow_wins_over_delegate() {
    let account = r#""Principal": {"AWS": "000000000000"}"#;
    let deny = r#""Effect": "Deny", "Action": "s3:GetObject""#;
    let other = r#""Effect": "Deny", "Action": "s3:PutObject""#;
    for (statements, expected) in [
        (&["", deny][..], Verdict::Deny),
        (&[deny, ""], Verdict::Deny),
        (&[deny], Verdict::Deny),
        (&[other], Verdict::Silent),
        (&["", other], Verdict::Allow),
        (&[account, ""], Verdict::Allow),
        (&["", account], Verdict::Allow),
        (&[account, other], Verdict::Delegate),
        (&[account, deny], Verdict::Deny),
    ] {
        assert_eq!(gets(&policy(statements), ANN), expected, "{statements:?}");
    }
}

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
fn the_context_knows_the_principal() {
    for (who, expected) in [
        (
            Principal::Anonymous,
            [Some("Anonymous"), Some("anonymous"), None, None, None],
        ),
        (
            ROOT,
            [
                Some("Account"),
                Some("000000000000"),
                Some("arn:aws:iam::000000000000:root"),
                Some("000000000000"),
                None,
            ],
        ),
        (
            BOB,
            [
                Some("User"),
                Some("000000000000"),
                Some("arn:aws:iam::000000000000:user/staff/bob"),
                None,
                Some("bob"),
            ],
        ),
    ] {
        let context = Conditions::of(&who);
        let keys = [
            key::PRINCIPAL_TYPE,
            key::PRINCIPAL_ACCOUNT,
            key::PRINCIPAL_ARN,
            key::USERID,
            key::USERNAME,
        ];
        assert_eq!(keys.map(|key| context.value(key)), expected, "{who:?}");
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

#[test]
fn the_deciding_statement_is_named() {
    let allow_account = r#""Principal": {"AWS": "000000000000"}"#;
    let policy = policy(&[
        allow_account,
        r#""Sid": "direct", "Principal": "*", "Action": "s3:GetObject""#,
        r#""Action": "s3:GetObject""#,
        r#""Sid": "none", "Effect": "Deny", "Action": "s3:PutObject""#,
    ]);
    let decide = |action| {
        policy.decide(&Request {
            principal: ANN,
            action,
            resource: "arn:aws:s3:::b/k",
            conditions: &Conditions::of(&ANN),
        })
    };
    let by = |verdict, number, sid: Option<&str>| Decision {
        verdict,
        statement: Some(StatementName {
            number,
            sid: sid.map(str::to_owned),
        }),
    };
    assert_eq!(decide("s3:GetObject"), by(Verdict::Allow, 2, Some("direct")));
    assert_eq!(decide("s3:DeleteObject"), by(Verdict::Delegate, 1, None));
    assert_eq!(decide("s3:PutObject"), by(Verdict::Deny, 4, Some("none")));
    let silent = policy.decide(&Request {
        principal: OTHER,
        action: "s3:DeleteObject",
        resource: "arn:aws:s3:::b/k",
        conditions: &Conditions::of(&OTHER),
    });
    assert_eq!(silent.statement, None);
}
