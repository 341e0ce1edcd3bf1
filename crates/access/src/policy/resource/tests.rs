use super::*;

fn parse(text: &str) -> Result<Resources, Fault> {
    Resources::of_identity(&[text], false, true)
}

#[test]
fn policies_of_iam_may_name_resources_of_all_services() {
    let mut conditions = Conditions::new();
    conditions.add("aws:username", "ann");
    for (text, covered, others) in [
        ("*", &["*", "arn:aws:s3:::b/k", ""][..], &[][..]),
        (
            "arn:aws:s3:::b/*",
            &["arn:aws:s3:::b/k:x/y"],
            &["arn:aws:s3:::b", "arn:aws:s3:::B/k", "*"],
        ),
        (
            "arn:aws:iam::*:user/${aws:username}",
            &["arn:aws:iam::123456789012:user/ann"],
            &["arn:aws:iam::123456789012:user/bob", "arn:aws:iam::1:role/ann"],
        ),
        (
            "arn:aws:s3:*",
            &["arn:aws:s3:::b", "arn:aws:s3:x:y:z"],
            &["arn:aws:iam::1:root"],
        ),
        ("arn:aws-cn:s3:::b", &[], &["arn:aws:s3:::b"]),
        (
            "arn:aws:sqs:eu-west-1:1:q",
            &["arn:aws:sqs:eu-west-1:1:q"],
            &["arn:aws:sqs:eu-west-2:1:q"],
        ),
    ] {
        let resources = parse(text).unwrap();
        for arn in covered {
            assert!(resources.cover(arn, &conditions, Effect::Allow), "{text} {arn}");
        }
        for arn in others {
            assert!(!resources.cover(arn, &conditions, Effect::Allow), "{text} {arn}");
        }
    }
}

#[test]
fn resources_of_iam_are_arns() {
    let partition = |partition: &str, text: &str| Fault::Partition(partition.into(), text.into());
    for (text, expected) in [
        ("", Fault::ResourceFormat(String::new())),
        ("b/*", Fault::ResourceFormat("b/*".into())),
        ("**", Fault::ResourceFormat("**".into())),
        ("arn:aws:*", Fault::ResourceFormat("arn:aws:*".into())),
        ("arn:aws:s3*:::b", Fault::ResourceFormat("arn:aws:s3*:::b".into())),
        ("arn:aws::::b", Fault::ResourceFormat("arn:aws::::b".into())),
        ("arn:aws:s3:b", Fault::ResourceFormat("arn:aws:s3:b".into())),
        ("arn:aws:s3:::${aws:username}x", Fault::Variable(String::new())),
        (
            "arn:aws:s3:${aws:a}${aws:b}",
            Fault::ResourceFormat("arn:aws:s3:${aws:a}${aws:b}".into()),
        ),
        ("urn:aws:s3:::b", Fault::ResourceFormat("urn:aws:s3:::b".into())),
        ("arn:*:s3:::b", partition("*", "arn:*:s3:::b")),
        ("arn::s3:::b", partition("", "arn::s3:::b")),
    ] {
        // The valid one among these shows that the others fail because of their form.
        match parse(text) {
            Ok(_) => assert_eq!(expected, Fault::Variable(String::new()), "{text}"),
            Err(fault) => assert_eq!(fault, expected, "{text}"),
        }
    }
}

#[test]
fn trust_policies_cover_every_role() {
    let all = Resources::all();
    for effect in [Effect::Allow, Effect::Deny] {
        assert!(all.cover("arn:aws:iam::123456789012:role/r", &Conditions::new(), effect));
    }
}
