//! Principals of statements and of requests.

use super::*;

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
                Some("AIDABOBBOBBOBBOBBOBBO"),
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
fn sessions_are_reached_by_session_and_role_and_account() {
    use Verdict::{Allow, Delegate, Silent};
    const PROVIDER: &str = "arn:aws:iam::000000000000:oidc-provider/id.example.com";
    let session = |role, session, provider| {
        Principal::Session(RoleSession {
            account: HERE,
            role,
            role_id: "AROAROLEROLEROLEROLER",
            session,
            provider,
        })
    };
    let sessions = [
        session("jobs/r", "s1", None),
        session("jobs/r", "s2", Some(PROVIDER)),
        session("r", "s1", None),
    ];
    for (principal, expected) in [
        (r#""*""#, [Allow; 3]),
        (r#"{"AWS": "000000000000"}"#, [Delegate; 3]),
        (r#"{"AWS": "123456789012"}"#, [Silent; 3]),
        (
            r#"{"AWS": "arn:aws:iam::000000000000:role/jobs/r"}"#,
            [Allow, Allow, Silent],
        ),
        (
            r#"{"AWS": "arn:aws:iam::000000000000:role/r"}"#,
            [Silent, Silent, Allow],
        ),
        (r#"{"AWS": "arn:aws:iam::123456789012:role/r"}"#, [Silent; 3]),
        (r#"{"AWS": "arn:aws:iam::000000000000:user/r"}"#, [Silent; 3]),
        (r#"{"AWS": "AROAROLEROLEROLEROLER"}"#, [Allow; 3]),
        (r#"{"AWS": "AROAROLEROLEROLEROLES"}"#, [Silent; 3]),
        // The ARNs of sessions omit the paths of roles.
        (
            r#"{"AWS": "arn:aws:sts::000000000000:assumed-role/r/s1"}"#,
            [Allow, Silent, Allow],
        ),
        (
            r#"{"AWS": "arn:aws:sts::123456789012:assumed-role/r/s1"}"#,
            [Silent; 3],
        ),
        (
            r#"{"AWS": "arn:aws:sts::000000000000:federated-user/s1"}"#,
            [Silent; 3],
        ),
        (
            r#"{"Federated": "arn:aws:iam::000000000000:oidc-provider/id.example.com"}"#,
            [Silent, Allow, Silent],
        ),
        (
            r#"{"AWS": ["000000000000", "arn:aws:iam::000000000000:role/jobs/r"]}"#,
            [Allow, Allow, Delegate],
        ),
    ] {
        let allow = policy(&[&format!(r#""Principal": {principal}"#)]);
        assert_eq!(sessions.map(|who| gets(&allow, who)), expected, "{principal}");
        let not = policy(&[&format!(
            r#""Effect": "Deny", "Action": "s3:*", "NotPrincipal": {principal}"#
        )]);
        // Only a session that is named itself is exempt.
        let is_direct =
            principal.contains('*') || principal.contains("assumed-role") || principal.contains("Federated");
        let expected = expected.map(|verdict| {
            if verdict == Allow && is_direct {
                Silent
            } else {
                Verdict::Deny
            }
        });
        assert_eq!(sessions.map(|who| gets(&not, who)), expected, "Not {principal}");
    }
    let of_role = r#""Principal": {"AWS": "arn:aws:iam::000000000000:role/r"}"#;
    let of_account = r#""Principal": {"AWS": "000000000000"}"#;
    for statements in [[of_role, of_account], [of_account, of_role]] {
        let verdicts = sessions.map(|who| gets(&policy(&statements), who));
        assert_eq!(verdicts, [Delegate, Delegate, Allow], "{statements:?}");
    }
}

#[test]
fn users_are_reached_by_their_unique_ids() {
    for (id, expected) in [
        ("AIDAANNANNANNANNANNAN", Verdict::Allow),
        ("AIDABOBBOBBOBBOBBOBBO", Verdict::Silent),
        ("AROAANNANNANNANNANNAN", Verdict::Silent),
    ] {
        let policy = policy(&[&format!(r#""Principal": {{"AWS": "{id}"}}"#)]);
        assert_eq!(gets(&policy, ANN), expected, "{id}");
        assert_eq!(gets(&policy, ROOT), Verdict::Silent, "{id}");
    }
}

#[test]
fn web_identities_and_services_are_denied_with_everybody() {
    let web = Principal::WebIdentity("arn:aws:iam::000000000000:oidc-provider/id.example.com");
    let service = Principal::Service("logging.s3.amazonaws.com");
    let allow = policy(&[""]);
    assert_eq!(gets(&allow, web), Verdict::Silent);
    assert_eq!(gets(&allow, service), Verdict::Allow);
    let deny = policy(&[r#""Effect": "Deny""#]);
    assert_eq!([web, service].map(|who| gets(&deny, who)), [Verdict::Deny; 2]);
    let not = policy(&[r#""Effect": "Deny", "Action": "s3:*", "NotPrincipal": {"AWS": "000000000000"}"#]);
    assert_eq!([web, service].map(|who| gets(&not, who)), [Verdict::Deny; 2]);
}

#[test]
fn principals_have_arns_and_keys_of_their_own() {
    let session = Principal::Session(RoleSession {
        account: HERE,
        role: "jobs/r",
        role_id: "AROAROLEROLEROLEROLER",
        session: "s1",
        provider: Some("provider"),
    });
    let (web, service) = (
        Principal::WebIdentity("provider"),
        Principal::Service("a.amazonaws.com"),
    );
    for (who, arn, keys) in [
        (
            session,
            Some("arn:aws:sts::000000000000:assumed-role/r/s1"),
            [
                (key::PRINCIPAL_TYPE, Some("AssumedRole")),
                (key::PRINCIPAL_ARN, Some("arn:aws:iam::000000000000:role/jobs/r")),
                (key::USERID, Some("AROAROLEROLEROLEROLER:s1")),
                (key::FEDERATED_PROVIDER, Some("provider")),
                (key::PRINCIPAL_IS_AWS_SERVICE, Some("false")),
                (key::USERNAME, None),
            ],
        ),
        (
            ANN,
            Some("arn:aws:iam::000000000000:user/ann"),
            [
                (key::PRINCIPAL_TYPE, Some("User")),
                (key::PRINCIPAL_ARN, Some("arn:aws:iam::000000000000:user/ann")),
                (key::USERID, Some("AIDAANNANNANNANNANNAN")),
                (key::FEDERATED_PROVIDER, None),
                (key::PRINCIPAL_IS_AWS_SERVICE, Some("false")),
                (key::USERNAME, Some("ann")),
            ],
        ),
        (
            web,
            Some("provider"),
            [
                (key::PRINCIPAL_TYPE, None),
                (key::PRINCIPAL_ARN, None),
                (key::USERID, None),
                (key::FEDERATED_PROVIDER, Some("provider")),
                (key::PRINCIPAL_IS_AWS_SERVICE, None),
                (key::PRINCIPAL_SERVICE_NAME, None),
            ],
        ),
        (
            service,
            Some("a.amazonaws.com"),
            [
                (key::PRINCIPAL_TYPE, None),
                (key::PRINCIPAL_ARN, None),
                (key::USERID, None),
                (key::FEDERATED_PROVIDER, None),
                (key::PRINCIPAL_IS_AWS_SERVICE, Some("true")),
                (key::PRINCIPAL_SERVICE_NAME, Some("a.amazonaws.com")),
            ],
        ),
    ] {
        assert_eq!(who.arn().as_deref(), arn);
        let context = Conditions::of(&who);
        for (key, value) in keys {
            assert_eq!(context.value(key), value, "{who:?} {key}");
            assert_eq!(context.has(key), value.is_some(), "{who:?} {key}");
        }
    }
    assert_eq!(ROOT.arn().as_deref(), Some("arn:aws:iam::000000000000:root"));
    assert_eq!(Principal::Anonymous.arn(), None);
    let accounts = [
        Principal::Anonymous,
        ROOT,
        BOB,
        OTHER,
        OTHER_ANN,
        session,
        web,
        service,
    ]
    .map(|who| who.account());
    assert_eq!(
        accounts,
        [
            None,
            Some(HERE),
            Some(HERE),
            Some(THERE),
            Some(THERE),
            Some(HERE),
            None,
            None
        ]
    );
}
