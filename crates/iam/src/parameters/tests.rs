use super::*;

fn parse(text: &str) -> Parameters {
    Parameters::parse(text, |name| name == "X-Amz-Date")
        .map_err(|error| error.message)
        .unwrap()
}

#[test]
fn forms_are_decoded() {
    let parameters = parse("A=a+b%2Bc&B&X-Amz-Date=1&C=%C3%A4");
    assert_eq!(parameters.get("A"), Some("a b+c"));
    assert_eq!(parameters.get("B"), Some(""));
    assert_eq!(parameters.get("C"), Some("ä"));
    assert_eq!(parameters.get("X-Amz-Date"), None);
}

#[test]
fn names_come_once_and_are_not_too_many() {
    assert!(Parameters::parse("A=1&A=2", |_| false).is_err());
    let many: Vec<String> = (0..=MAX_PARAMETERS).map(|number| number.to_string()).collect();
    assert!(Parameters::parse(&many.join("&"), |_| false).is_err());
    assert!(Parameters::parse(&many[1..].join("&"), |_| false).is_ok());
}

#[test]
fn only_documents_may_be_long() {
    const KNOWN: [&str; 4] = ["Name", "Policy", "PolicyDocument", "PolicyInputList.member.N"];
    let long = "a".repeat(MAX_VALUE + 1);
    for (name, passes) in [
        ("Name", false),
        ("Policy", true),
        ("PolicyDocument", true),
        ("PolicyInputList.member.1", true),
    ] {
        let parameters = parse(&format!("{name}={long}"));
        assert_eq!(parameters.check("A", &KNOWN).is_ok(), passes, "{name}");
    }
    assert!(parse(&format!("Name={}", &long[1..])).check("A", &KNOWN).is_ok());
}

#[test]
fn lists_are_in_the_order_of_their_numbers() {
    let numbers: Vec<String> = (1..=12)
        .rev()
        .map(|number| format!("L.member.{number}={number}"))
        .collect();
    let parameters = parse(&numbers.join("&"));
    assert_eq!(parameters.check("A", &["L.member.N"]), Ok(()));
    let expected: Vec<String> = (1..=12).map(|number| number.to_string()).collect();
    assert_eq!(parameters.list("L"), expected);
}

#[test]
fn only_known_parameters_pass() {
    const KNOWN: [&str; 3] = ["Name", "Tags.member.N.Key", "Tags.member.N.Value"];
    for (text, passes) in [
        ("Action=A&Version=1&Name=n", true),
        ("name=n", false),
        ("Tags=", true),
        ("Tags=x", false),
        ("Other=", false),
        (
            "Tags.member.1.Key=k&Tags.member.1.Value=v&Tags.member.2.Key=k",
            true,
        ),
        ("Tags.member.0.Key=k", false),
        ("Tags.member.01.Key=k", false),
        ("Tags.member.2.Key=k", false),
        ("Tags.member.1.Key=k&Tags.member.3.Key=k", false),
        ("Tags.member.99999999999999999999.Key=k", false),
        ("Tags.member.1=k", false),
        ("Tags.1.Key=k", false),
        ("Tags.member.1.Key.Key=k", false),
    ] {
        assert_eq!(parse(text).check("A", &KNOWN).is_ok(), passes, "{text}");
    }
}
