use super::*;
use proptest::prelude::*;

mod kinds;

/// Returns a policy with one valid statement in which some elements are replaced; `null` removes one.
fn with(changes: &[(&str, &str)]) -> String {
    let mut elements = vec![
        ("Effect", r#""Allow""#),
        ("Principal", r#""*""#),
        ("Action", r#""s3:GetObject""#),
        ("Resource", r#""arn:aws:s3:::b/*""#),
    ];
    for (name, value) in changes {
        elements.retain(|(known, _)| known != name);
        elements.push((name, value));
    }
    elements.retain(|(_, value)| *value != "null");
    let elements: Vec<String> = elements
        .iter()
        .map(|(name, value)| format!(r#""{name}": {value}"#))
        .collect();
    format!(
        r#"{{"Version": "2012-10-17", "Statement": {{{}}}}}"#,
        elements.join(", ")
    )
}

fn fault(text: &str) -> Fault {
    Policy::parse(text, "b").expect_err(text).fault
}

#[test]
fn valid_documents_are_accepted() {
    for changes in [
        &[][..],
        &[("Sid", r#""any text, äöü""#)],
        &[
            ("Effect", r#""Deny""#),
            ("Principal", "null"),
            ("NotPrincipal", r#"{"AWS": "000000000000"}"#),
        ],
        &[("Principal", r#"{"AWS": "*"}"#)],
        &[(
            "Principal",
            r#"{"AWS": ["000000000000", "arn:aws:iam::000000000000:root", "arn:aws:iam::123456789012:user/a/b"]}"#,
        )],
        &[(
            "Principal",
            r#"{"AWS": ["arn:aws:iam::123456789012:role/r", "arn:aws:sts::123456789012:assumed-role/r/s"], "Service": "logging.s3.amazonaws.com", "Federated": "graph.facebook.com"}"#,
        )],
        &[(
            "Principal",
            r#"{"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}"#,
        )],
        &[("Action", r#"["s3:*"]"#)],
        &[("Action", r#""*""#)],
        &[("Action", r#""S3:getobject""#)],
        &[("Action", r#"["s3:Get*", "s3:PutObject?agging"]"#)],
        &[("Action", "null"), ("NotAction", r#""s3:ListBucket""#)],
        &[("Resource", r#"["arn:aws:s3:::b", "arn:aws:s3:::b/x?/*"]"#)],
        &[
            ("Resource", r#""arn:aws:s3:::*""#),
            ("Action", r#"["s3:ListBucket", "s3:GetObject"]"#),
        ],
        &[("Resource", r#""arn:aws:s3:::*/*""#)],
        &[("Resource", r#""arn:aws:s3:::b/${aws:username}/*""#)],
        &[
            ("Resource", "null"),
            ("NotResource", r#""arn:aws:s3:::b/secret/*""#),
            ("Action", r#""s3:ListBucket""#),
        ],
        &[("Condition", "{}")],
        &[(
            "Condition",
            r#"{"StringEquals": {"made-up:key": ["x", 1, true]}}"#,
        )],
    ] {
        let text = with(changes);
        let parsed = Policy::parse(&text, "b");
        assert!(
            parsed.is_ok(),
            "{text}: {parsed:?} {:?}",
            parsed.as_ref().map_err(PolicyError::hint)
        );
    }
    let statement = r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b"}"#;
    for document in [
        format!(r#"{{"Statement": {statement}}}"#),
        format!(r#"{{"Id": "x", "Version": "2008-10-17", "Statement": [{statement}, {statement}]}}"#),
    ] {
        assert!(Policy::parse(&document, "b").is_ok(), "{document}");
    }
}

#[test]
fn faults_of_documents_are_reported() {
    for (text, expected) in [
        ("", Fault::FirstByte),
        (" {}", Fault::FirstByte),
        ("[]", Fault::FirstByte),
        ("\u{feff}{}", Fault::FirstByte),
        ("{}", Fault::Missing("Statement")),
        (r#"{"Statement": []}"#, Fault::NoStatements),
        (
            r#"{"Version": "2012-10-18", "Statement": []}"#,
            Fault::Version("2012-10-18".into()),
        ),
        (
            r#"{"Version": 2012, "Statement": []}"#,
            Fault::Version("a value other than a text".into()),
        ),
        (
            r#"{"version": "2012-10-17", "Statement": []}"#,
            Fault::UnknownField("version".into(), POLICY_ELEMENTS),
        ),
        (r#"{"Id": 1, "Statement": []}"#, Fault::Shape("Id", "a text")),
        (
            r#"{"Statement": "x"}"#,
            Fault::Shape("Statement", "an object or an array of objects"),
        ),
        (
            r#"{"Statement": [[]]}"#,
            Fault::Shape("Statement", "an object or an array of objects"),
        ),
        (r#"{"Statement": {}}"#, Fault::Missing("Effect")),
    ] {
        assert_eq!(fault(text), expected, "{text}");
    }
    for text in [
        "{",
        "{}x",
        r#"{"Statement": [],}"#,
        r#"{"Id": "a", "Id": "b"}"#,
        r#"{"Statement": {"Effect": "Deny", "Effect": "Allow"}}"#,
    ] {
        assert!(matches!(fault(text), Fault::Json(_)), "{text}");
    }
    let deep = [r#"{"Statement":"#, &"[".repeat(5_000), &"]".repeat(5_000), "}"].concat();
    assert!(matches!(fault(&deep), Fault::Json(_)));
}

#[test]
fn faults_of_statements_are_reported() {
    let principal = |text: &str| Fault::Principal(text.into());
    let action = |text: &str| Fault::Action(text.into());
    let not_applicable = |text: &str| Fault::NotApplicable(text.into());
    let resource = |text: &str| Fault::Resource(text.into(), "b".into());
    for (changes, expected) in [
        (&[("Sid", "1")][..], Fault::Shape("Sid", "a text")),
        (
            &[("Note", r#""x""#)],
            Fault::UnknownField("Note".into(), STATEMENT_ELEMENTS),
        ),
        (&[("Effect", "null")], Fault::Missing("Effect")),
        (&[("Effect", r#""allow""#)], Fault::Effect("allow".into())),
        (&[("Effect", "true")], Fault::Shape("Effect", "a text")),
        (&[("Principal", "null")], Fault::Missing("Principal")),
        (&[("NotPrincipal", r#""*""#)], Fault::Both("Principal")),
        (
            &[("Principal", "null"), ("NotPrincipal", r#""*""#)],
            Fault::AllowNotPrincipal,
        ),
        (&[("Principal", "{}")], Fault::Empty("Principal")),
        (&[("Principal", r#"{"AWS": []}"#)], Fault::Empty("Principal")),
        (&[("Principal", r#""000000000000""#)], principal("000000000000")),
        (
            &[("Principal", r#"{"AWS": "00000000000"}"#)],
            principal("AWS 00000000000"),
        ),
        (
            &[("Principal", r#"{"AWS": "arn:aws:iam::*:root"}"#)],
            principal("AWS arn:aws:iam::*:root"),
        ),
        (
            &[("Principal", r#"{"AWS": "arn:aws:iam::000000000000:user/*"}"#)],
            principal("AWS arn:aws:iam::000000000000:user/*"),
        ),
        (
            &[("Principal", r#"{"AWS": "arn:aws:iam::000000000000:user/"}"#)],
            principal("AWS arn:aws:iam::000000000000:user/"),
        ),
        (
            &[("Principal", r#"{"AWS": "arn:aws:iam::000000000000:group/g"}"#)],
            principal("AWS arn:aws:iam::000000000000:group/g"),
        ),
        (
            &[("Principal", r#"{"AWS": "arn:aws:s3:::b"}"#)],
            principal("AWS arn:aws:s3:::b"),
        ),
        (
            &[("Principal", r#"{"CanonicalUser": "x"}"#)],
            principal("CanonicalUser x"),
        ),
        (&[("Principal", r#"{"Service": "*"}"#)], principal("Service *")),
        (&[("Principal", r#"{"aws": "*"}"#)], principal("aws *")),
        (&[("Action", "null")], Fault::Missing("Action")),
        (&[("Action", "[]")], Fault::Empty("Action")),
        (&[("Action", "[1]")], Fault::Shape("Action", TEXTS)),
        (&[("NotAction", r#""s3:GetObject""#)], Fault::Both("Action")),
        (&[("Action", r#""GetObject""#)], action("GetObject")),
        (&[("Action", r#""s3:GetObjekt""#)], action("s3:GetObjekt")),
        (&[("Action", r#""s3:""#)], action("s3:")),
        (&[("Action", r#""s3""#)], action("s3")),
        (&[("Action", r#""ü""#)], action("ü")),
        (&[("Action", r#""s*:GetObject""#)], action("s*:GetObject")),
        (&[("Action", r#""iam:*""#)], action("iam:*")),
        (
            &[("Action", r#""s3:ListAllMyBuckets""#)],
            action("s3:ListAllMyBuckets"),
        ),
        (&[("Action", r#"["s3:GetObject", "s3:X*"]"#)], action("s3:X*")),
        (
            &[("Action", "null"), ("NotAction", r#""s3:GetObjekt""#)],
            action("s3:GetObjekt"),
        ),
        (
            &[("Action", r#""s3:ListBucket""#)],
            not_applicable("s3:ListBucket"),
        ),
        (
            &[("Action", r#""s3:PutBucket*""#)],
            not_applicable("s3:PutBucket*"),
        ),
        (
            &[("Resource", r#""arn:aws:s3:::b""#)],
            not_applicable("s3:GetObject"),
        ),
        (&[("Resource", "null")], Fault::Missing("Resource")),
        (&[("Resource", "[]")], Fault::Empty("Resource")),
        (&[("Resource", "{}")], Fault::Shape("Resource", TEXTS)),
        (&[("NotResource", r#""arn:aws:s3:::b""#)], Fault::Both("Resource")),
        (&[("Resource", r#""*""#)], resource("*")),
        (&[("Resource", r#""b/*""#)], resource("b/*")),
        (
            &[("Resource", r#""arn:aws:s3:::other/*""#)],
            resource("arn:aws:s3:::other/*"),
        ),
        (
            &[("Resource", r#"["arn:aws:s3:::b/*", "arn:aws:s3:::bb/*"]"#)],
            resource("arn:aws:s3:::bb/*"),
        ),
        (
            &[("Resource", r#""arn:aws:s3:::B/*""#)],
            resource("arn:aws:s3:::B/*"),
        ),
        (
            &[("Resource", r#""arn:aws:s3:eu-west-1::b/*""#)],
            resource("arn:aws:s3:eu-west-1::b/*"),
        ),
        (
            &[("Resource", "null"), ("NotResource", r#""arn:aws:s3:::other/*""#)],
            resource("arn:aws:s3:::other/*"),
        ),
        (
            &[("Resource", r#""arn:aws:s3:::b/${user}""#)],
            Fault::Variable("b/${user}".into()),
        ),
        (
            &[("Condition", r#"{"Like": {"s3:prefix": "x"}}"#)],
            Fault::Operator("Like".into()),
        ),
    ] {
        assert_eq!(fault(&with(changes)), expected, "{changes:?}");
    }
}

#[test]
fn messages_are_those_of_aws_and_hints_say_more() {
    for (text, message, hint) in [
        (
            "x".to_owned(),
            "Policies must be valid JSON and the first byte must be '{'",
            "A policy is one JSON object, with nothing before it.",
        ),
        (
            with(&[("Principal", "null")]),
            "Missing required field Principal",
            "Statement 1: Add Principal.",
        ),
        (
            with(&[("Effect", r#""hello""#)]),
            "Invalid effect: hello",
            "Statement 1: Effect is Allow or Deny.",
        ),
        (
            with(&[("Resource", r#""arn:aws:s3:::c/*""#)]),
            "Policy has invalid resource",
            "Statement 1: arn:aws:s3:::c/* is not in this bucket. Use arn:aws:s3:::b for the bucket and arn:aws:s3:::b/* for its objects.",
        ),
        (
            with(&[("Action", r#""s3:ListBucket""#)]),
            "Action does not apply to any resource(s) in statement",
            "Statement 1: s3:ListBucket applies to buckets or to objects, and Resource names none of these. Buckets are arn:aws:s3:::<bucket>, objects arn:aws:s3:::<bucket>/<key>.",
        ),
        (
            with(&[("Resource", r#""arn:aws:s3:::b/${u}""#)]),
            "Policy has an invalid variable",
            "Statement 1: b/${u} has a ${ that begins no variable. Variables look like ${aws:username} or ${aws:username, 'default'}; a dollar sign is ${$}.",
        ),
    ] {
        let error = Policy::parse(&text, "b").unwrap_err();
        assert_eq!(
            (error.to_string().as_str(), error.hint().as_str()),
            (message, hint)
        );
    }
}

#[test]
fn twenty_kilobytes_are_the_limit() {
    let text = with(&[]);
    let filled = text.replace(
        r#""Statement""#,
        &[
            " ".repeat(Policy::MAX_LEN - text.len()).as_str(),
            r#""Statement""#,
        ]
        .concat(),
    );
    assert_eq!(filled.len(), 20_480);
    assert!(Policy::parse(&filled, "b").is_ok());
    assert_eq!(fault(&filled.replace("}}", "} }")), Fault::TooLong(20_481));
}

proptest! {
    #[test]
    fn nothing_panics(text in r#"\{("(Statement|Effect|Principal|Action|Resource|Condition)": ?|"[a-z3:*?/${}]{0,8}"|[\[\]{},:]){0,20}"#) {
        let _ = Policy::parse(&text, "b").map_err(|error| error.hint());
    }

    #[test]
    fn no_value_of_an_element_panics(
        name in "Effect|Principal|Action|Resource|Condition|NotPrincipal",
        value in r#""[a-zA-Z0-9:*?/${}',.äé -]{0,24}""#,
        list: bool,
    ) {
        let value = if list { format!("[{value}]") } else { value };
        let _ = Policy::parse(&with(&[(&name, &value)]), "b").map_err(|error| error.hint());
        let condition = format!(r#"{{"{}": {{"k:k": {value}}}}}"#, ["ArnLike", "DateEquals", "NumericEquals", "IpAddress", "BinaryEquals"][value.len() % 5]);
        let _ = Policy::parse(&with(&[("Condition", &condition)]), "b").map_err(|error| error.hint());
    }
}
