use super::*;
use proptest::prelude::*;

const ACCOUNT: &str = "123456789012";

fn account() -> AccountId {
    AccountId::parse(ACCOUNT).unwrap()
}

#[test]
fn account_ids_have_twelve_digits() {
    assert_eq!(account().to_string(), ACCOUNT);
    assert_eq!(AccountId::ROOT.to_string(), crate::account::ROOT_ACCOUNT);
    for text in ["", "12345678901", "1234567890123", "12345678901a", "１２３４"] {
        let error = InvalidIdentifier::AccountId(text.to_owned());
        assert_eq!(AccountId::parse(text), Err(error));
    }
    assert_eq!(AccountId::from_random(7).as_str(), "000000000007");
    assert_eq!(AccountId::from_random(9_123_456_789_012).as_str(), ACCOUNT);
}

#[test]
fn canonical_ids_are_written_in_lower_case() {
    let upper = "AB".repeat(32);
    let id = CanonicalId::parse(&upper).unwrap();
    assert_eq!(id.to_string(), "ab".repeat(32));
    assert_eq!(CanonicalId::from_random(&[0xab; 32]), id);
    assert_eq!(CanonicalId::from_random(&[0x09; 32]).as_str(), "09".repeat(32));
    for text in [&upper[1..], &"g".repeat(64), ""] {
        assert!(CanonicalId::parse(text).is_err(), "{text}");
    }
}

#[test]
fn unique_ids_tell_their_kind() {
    for kind in [
        EntityKind::User,
        EntityKind::Role,
        EntityKind::Group,
        EntityKind::Policy,
    ] {
        let id = EntityId::from_random(kind, &[25; 17]);
        assert_eq!(id.to_string(), format!("{}{}", kind.prefix(), "Z".repeat(17)));
        assert_eq!(EntityId::parse(id.as_str()), Ok(id));
        assert_eq!(id.kind(), kind);
    }
    let id = EntityId::from_random(EntityKind::User, &[255; 17]);
    assert_eq!(id.as_str(), "AIDA77777777777777777");
    for text in [
        "AIDA",
        "AIDA7777777777777777",
        "AIDA777777777777777777",
        "AKIA77777777777777777",
        "AIDA7777777777777777a",
    ] {
        assert!(EntityId::parse(text).is_err(), "{text}");
    }
}

#[test]
fn names_have_limits() {
    let (most, more) = ("a".repeat(64), "a".repeat(65));
    for parse in [Name::of_user, Name::of_role, Name::of_session] {
        assert_eq!(parse(&most).unwrap().as_str(), most);
        assert!(parse(&more).is_err());
    }
    for parse in [Name::of_group, Name::of_policy] {
        assert!(parse(&"a".repeat(128)).is_ok());
        assert!(parse(&"a".repeat(129)).is_err());
    }
    assert!(Name::of_user("a").is_ok());
    assert_eq!(
        Name::of_session("a"),
        Err(InvalidIdentifier::Name("a".to_owned(), 2, 64))
    );
    for text in ["", "a b", "a/b", "a:b", "ä", "a*"] {
        assert!(Name::of_user(text).is_err(), "{text}");
    }
    assert_eq!(Name::of_user("A_n+n=,.@-1").unwrap().folded(), "a_n+n=,.@-1");
}

#[test]
fn paths_begin_and_end_with_a_slash() {
    let longest = ["/", &"a".repeat(510), "/"].concat();
    for text in ["/", "/a/", "/a/b/", "/!~/", longest.as_str()] {
        assert_eq!(Path::parse(text).unwrap().as_str(), text);
    }
    let long = ["/", &"a".repeat(511), "/"].concat();
    for text in ["", "a", "/a", "a/", "//", "/a b/", "/ä/", long.as_str()] {
        assert!(Path::parse(text).is_err(), "{text}");
    }
    assert_eq!(Path::default(), Path::parse("/").unwrap());
    let ann = Name::of_user("ann").unwrap();
    assert_eq!(Path::default().with(&ann), "ann");
    assert_eq!(Path::parse("/a/b/").unwrap().with(&ann), "a/b/ann");
}

#[test]
fn paths_of_policies_are_made_of_names() {
    for text in ["/", "/a/", "/a/b-c/"] {
        assert_eq!(Path::of_policy(text).unwrap().as_str(), text);
    }
    for text in ["", "/a", "/!/", "/a//", "/a//b/", "//a/"] {
        assert!(Path::of_policy(text).is_err(), "{text}");
    }
}

#[test]
fn arns_are_written_as_they_are_read() {
    let (path, root) = (Path::parse("/a/b/").unwrap(), Path::default());
    for (text, arn) in [
        ("arn:aws:iam::123456789012:root", Arn::Root(account())),
        (
            "arn:aws:iam::123456789012:user/a/b/ann",
            Arn::User {
                account: account(),
                path: path.clone(),
                name: Name::of_user("ann").unwrap(),
            },
        ),
        (
            "arn:aws:iam::123456789012:group/g",
            Arn::Group {
                account: account(),
                path: root.clone(),
                name: Name::of_group("g").unwrap(),
            },
        ),
        (
            "arn:aws:iam::123456789012:role/a/b/r",
            Arn::Role {
                account: account(),
                path: path.clone(),
                name: Name::of_role("r").unwrap(),
            },
        ),
        (
            "arn:aws:iam::123456789012:policy/p",
            Arn::Policy {
                account: Some(account()),
                path: root.clone(),
                name: Name::of_policy("p").unwrap(),
            },
        ),
        (
            "arn:aws:iam::aws:policy/a/b/p",
            Arn::Policy {
                account: None,
                path,
                name: Name::of_policy("p").unwrap(),
            },
        ),
        (
            "arn:aws:sts::123456789012:assumed-role/r/session",
            Arn::AssumedRole {
                account: account(),
                role: Name::of_role("r").unwrap(),
                session: Name::of_session("session").unwrap(),
            },
        ),
        (
            "arn:aws:iam::123456789012:oidc-provider/id.example.com:8443/realms/a",
            Arn::OidcProvider {
                account: account(),
                issuer: "id.example.com:8443/realms/a".to_owned(),
            },
        ),
    ] {
        assert_eq!(Arn::parse(text).as_ref(), Ok(&arn));
        assert_eq!(arn.to_string(), text);
        let expected = (!text.contains("::aws:")).then(account);
        assert_eq!(arn.account(), expected);
    }
}

#[test]
fn other_arns_are_refused() {
    for text in [
        "",
        "arn:aws:iam::123456789012",
        "arn:aws:iam::123456789012:user",
        "arn:aws:iam::123456789012:user/",
        "arn:aws:iam::123456789012:user/a/",
        "arn:aws:iam::123456789012:robot/a",
        "arn:aws:iam::aws:user/a",
        "arn:aws:iam::*:root",
        "arn:aws:iam:us-east-1:123456789012:user/a",
        "arn:aws-cn:iam::123456789012:user/a",
        "arn:aws:sts::123456789012:root",
        "arn:aws:sts::123456789012:assumed-role/r",
        "arn:aws:sts::123456789012:assumed-role/a/r/session",
        "arn:aws:iam::123456789012:oidc-provider/",
        "arn:aws:iam::123456789012:oidc-provider/a b",
        "arn:aws:s3:::b",
    ] {
        assert!(Arn::parse(text).is_err(), "{text}");
    }
}

proptest! {
    #[test]
    fn an_arn_that_is_read_is_written_the_same(text in "arn:aws:(iam|sts)::(123456789012|aws):(root|(user|group|role|policy|assumed-role|oidc-provider)[a-z/:!]{0,8})") {
        if let Ok(arn) = Arn::parse(&text) {
            prop_assert_eq!(arn.to_string(), text);
        }
    }
}
