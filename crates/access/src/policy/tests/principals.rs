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
