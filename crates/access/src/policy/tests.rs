use super::*;
use crate::account::{ROOT_ACCOUNT, ROOT_CANONICAL_ID};

mod elements;
mod guides;
mod principals;

const HERE: Account<'static> = Account {
    id: ROOT_ACCOUNT,
    canonical_id: ROOT_CANONICAL_ID,
};
const THERE: Account<'static> = Account {
    id: "123456789012",
    canonical_id: "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be",
};
const ROOT: Principal<'static> = Principal::Account(HERE);
const ANN: Principal<'static> = Principal::User(User {
    account: HERE,
    name: "ann",
    id: "AIDAANNANNANNANNANNAN",
});
const BOB: Principal<'static> = Principal::User(User {
    account: HERE,
    name: "staff/bob",
    id: "AIDABOBBOBBOBBOBBOBBO",
});
const OTHER: Principal<'static> = Principal::Account(THERE);
const OTHER_ANN: Principal<'static> = Principal::User(User {
    account: THERE,
    name: "ann",
    id: "AIDAOTHERANNOTHERANNO",
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
