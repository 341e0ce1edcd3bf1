use super::*;
use crate::policy::error::Fault;
use crate::policy::json::Json;

/// Parses conditions of the form `{operator: {key: values}}`.
fn parse(condition: &str) -> Result<Vec<Condition>, Fault> {
    let json: Json = serde_json::from_str(condition).unwrap();
    Condition::parse_all(&json, true)
}

/// Returns whether a condition holds in an Allow for the given values of its key `k:k`.
fn holds(operator: &str, wanted: &str, values: &[&str]) -> bool {
    let conditions = parse(&format!(r#"{{"{operator}": {{"k:k": {wanted}}}}}"#)).unwrap();
    let mut context = Conditions::new();
    for value in values {
        context.add("K:K", *value);
    }
    context.add("aws:username", "ann");
    conditions
        .iter()
        .all(|condition| condition.holds(&context, Effect::Allow))
}

/// Operator, the policy's values, values that match, values that do not.
const OPERATORS: &[(&str, &str, &[&str], &[&str])] = &[
    ("StringEquals", r#""a*""#, &["a*"], &["a", "ab", "A*", ""]),
    ("StringEquals", r#"["a", "b"]"#, &["a", "b"], &["c"]),
    (
        "StringEquals",
        r#""${aws:username}${*}""#,
        &["ann*"],
        &["annx", "bob*"],
    ),
    ("StringEquals", "true", &["true"], &["True"]),
    (
        "StringEqualsIgnoreCase",
        r#""aÉ*""#,
        &["Aé*", "aÉ*"],
        &["ae*", "aéb"],
    ),
    ("StringLike", r#""a*b?""#, &["abc", "axxbc"], &["ab", "ABC", ""]),
    (
        "StringLike",
        r#"["", "home/", "home/${aws:username}/*"]"#,
        &["", "home/", "home/ann/x"],
        &["home", "home/bob/"],
    ),
    (
        "NumericEquals",
        "10",
        &["10", "10.0", "+10", "1e1"],
        &["11", "ten", "", "nan"],
    ),
    ("NumericLessThan", r#""10""#, &["9.9", "-1"], &["10", "inf"]),
    ("NumericLessThanEquals", "[10, 20]", &["10", "20"], &["21"]),
    ("NumericGreaterThan", "1.2", &["1.3"], &["1.2", "1"]),
    ("NumericGreaterThanEquals", r#""10""#, &["10", "11"], &["9"]),
    (
        "DateEquals",
        r#""2027-01-31""#,
        &["2027-01-31T00:00:00Z", "1801353600", "2027-01-31T01:00+01:00"],
        &["2027-01-31T00:00:01Z", "x", ""],
    ),
    ("DateEquals", r#""2027""#, &["2027-01", "2027-01-01"], &["2028"]),
    (
        "DateEquals",
        "2027",
        &["2027-01-01T00:00:00.0Z"],
        &["1970-01-01T00:33:47Z"],
    ),
    (
        "DateLessThan",
        r#""2027-01-31T12:00:00Z""#,
        &["2027-01-31T11:59:59.999Z"],
        &["2027-01-31T12:00:00Z"],
    ),
    (
        "DateLessThanEquals",
        "1801353600",
        &["1801353600", "2027-01-31"],
        &["1801353601"],
    ),
    (
        "DateGreaterThan",
        r#""2027-01-31T12:00Z""#,
        &["2027-01-31T12:00:01Z"],
        &["2027-01-31T12:00:00Z"],
    ),
    (
        "DateGreaterThanEquals",
        r#""2027-01-31T12:00:00-01:00""#,
        &["2027-01-31T13:00:00Z"],
        &["2027-01-31T12:59:59Z"],
    ),
    ("Bool", "true", &["true", "TRUE"], &["false", "1", ""]),
    ("bool", r#""false""#, &["false"], &["true"]),
    ("BinaryEquals", r#""YWI=""#, &["ab"], &["YWI=", "a"]),
    (
        "IpAddress",
        r#"["192.0.2.0/24", "2001:db8::/32"]"#,
        &["192.0.2.7", "2001:db8:1::1", "::ffff:192.0.2.7"],
        &["192.0.3.7", "2001:db9::1", "x", ""],
    ),
    ("IpAddress", r#""192.0.2.7""#, &["192.0.2.7"], &["192.0.2.8"]),
    ("IpAddress", r#""192.0.2.7/24""#, &["192.0.2.8"], &["192.0.3.8"]),
    (
        "IpAddress",
        r#""2001:db8::7""#,
        &["2001:db8::7"],
        &["2001:db8::8", "32.1.13.184"],
    ),
    (
        "ArnLike",
        r#""arn:aws:sns:*:111122223333:finance/*""#,
        &["arn:aws:sns:us-east-2:111122223333:finance/a:b"],
        &[
            "arn:aws:sns:us-east-2:9:store/abc:111122223333:finance/d",
            "arn:aws:sns",
            "",
        ],
    ),
    (
        "ArnEquals",
        r#""arn:aws:iam::1:user/${aws:username}""#,
        &["arn:aws:iam::1:user/ann"],
        &["arn:aws:iam::1:user/bob"],
    ),
    (
        "ArnEquals",
        r#""arn:aws:iam::1:user/?*""#,
        &["arn:aws:iam::1:user/ann"],
        &["arn:aws:iam::1:user/"],
    ),
];

/// Operators and their negations.
const NEGATED: &[(&str, &str)] = &[
    ("StringEquals", "StringNotEquals"),
    ("StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"),
    ("StringLike", "StringNotLike"),
    ("NumericEquals", "NumericNotEquals"),
    ("DateEquals", "DateNotEquals"),
    ("IpAddress", "NotIpAddress"),
    ("ArnEquals", "ArnNotEquals"),
    ("ArnLike", "ArnNotLike"),
];

#[test]
fn operators_match_what_they_should_and_negations_the_rest() {
    for (operator, wanted, matching, others) in OPERATORS {
        let cases = matching
            .iter()
            .map(|v| (v, true))
            .chain(others.iter().map(|v| (v, false)));
        for (value, expected) in cases {
            assert_eq!(
                holds(operator, wanted, &[value]),
                expected,
                "{operator} {wanted} {value}"
            );
            let if_exists = [operator, "IfExists"].concat();
            assert_eq!(
                holds(&if_exists, wanted, &[value]),
                expected,
                "{if_exists} {wanted} {value}"
            );
            for (_, negation) in NEGATED.iter().filter(|(name, _)| name == operator) {
                assert_eq!(
                    holds(negation, wanted, &[value]),
                    !expected,
                    "{negation} {wanted} {value}"
                );
            }
        }
    }
}

#[test]
fn an_absent_key_fails_except_under_negations_and_if_exists_and_for_all_values() {
    for (operator, wanted, ..) in OPERATORS {
        let with = |prefix: &str, suffix: &str| holds(&[prefix, operator, suffix].concat(), wanted, &[]);
        assert!(!with("", ""), "{operator}");
        assert!(with("", "IfExists"), "{operator}");
        assert!(with("ForAllValues:", ""), "{operator}");
        assert!(!with("ForAnyValue:", ""), "{operator}");
        assert!(with("ForAnyValue:", "IfExists"), "{operator}");
        for (_, negation) in NEGATED.iter().filter(|(name, _)| name == operator) {
            assert!(holds(negation, wanted, &[]), "{negation}");
            assert!(holds(&[negation, "IfExists"].concat(), wanted, &[]), "{negation}");
            assert!(
                !holds(&["ForAnyValue:", negation].concat(), wanted, &[]),
                "{negation}"
            );
        }
    }
}

#[test]
fn quantifiers_say_how_many_values_must_pass() {
    let wanted = r#"["a", "b*"]"#;
    for (operator, values, expected) in [
        ("ForAllValues:StringLike", &["a", "bb"][..], true),
        ("ForAllValues:StringLike", &["a", "c"], false),
        ("ForAllValues:StringLike", &[""], true),
        ("ForAnyValue:StringLike", &["c", "bb"], true),
        ("ForAnyValue:StringLike", &["c", "d"], false),
        ("ForAnyValue:StringLike", &[""], false),
        ("foranyvalue:stringnotlike", &["a", "c"], true),
        ("ForAnyValue:StringNotLike", &["a", "b"], false),
        ("ForAllValues:StringNotLike", &["c", "d"], true),
        ("ForAllValues:StringNotLike", &["c", "a"], false),
        ("StringLike", &["c", "a"], true),
        ("StringNotLike", &["c", "a"], false),
        ("StringNotLike", &["c", "d"], true),
    ] {
        assert_eq!(holds(operator, wanted, values), expected, "{operator} {values:?}");
    }
}

#[test]
fn null_asks_whether_the_key_is_absent() {
    for (wanted, values, expected) in [
        ("true", &[][..], true),
        ("true", &["x"], false),
        (r#""false""#, &["x"], true),
        (r#""false""#, &[""], true),
        ("false", &[], false),
        ("[true, false]", &[], true),
    ] {
        assert_eq!(holds("Null", wanted, values), expected, "{wanted} {values:?}");
    }
}

#[test]
fn all_keys_of_all_operators_must_hold() {
    let condition = r#"{"StringEquals": {"k:a": "1", "k:b": "2"}, "Bool": {"k:c": true}}"#;
    let conditions = parse(condition).unwrap();
    let holds = |a: &str, b: &str, c: &str| {
        let mut context = Conditions::new();
        context
            .add("k:a", a.to_owned())
            .add("k:b", b.to_owned())
            .add("k:c", c.to_owned());
        conditions
            .iter()
            .all(|condition| condition.holds(&context, Effect::Allow))
    };
    assert!(holds("1", "2", "true"));
    assert!(!holds("x", "2", "true"));
    assert!(!holds("1", "x", "true"));
    assert!(!holds("1", "2", "false"));
    assert!(parse("{}").unwrap().is_empty());
}

#[test]
fn a_variable_without_a_value_never_widens() {
    let mut context = Conditions::new();
    context.add("k:k", "x");
    for (operator, wanted, allow, deny) in [
        ("StringLike", r#""${aws:userid}*""#, false, false),
        ("StringLike", r#"["${aws:userid}", "x"]"#, true, true),
        ("StringNotLike", r#""${aws:userid}*""#, false, true),
        ("StringNotLike", r#"["${aws:userid}", "x"]"#, false, false),
        ("ForAnyValue:StringNotLike", r#""${aws:userid}*""#, false, true),
        ("ForAllValues:StringNotLike", r#""${aws:userid}*""#, false, true),
        ("ArnNotLike", r#""a:b:c:d:e:${aws:userid}""#, true, true),
        ("StringNotEquals", r#""${aws:userid, 'y'}""#, true, true),
    ] {
        let conditions = parse(&format!(r#"{{"{operator}": {{"k:k": {wanted}}}}}"#)).unwrap();
        let holds = |effect| {
            conditions
                .iter()
                .all(|condition| condition.holds(&context, effect))
        };
        assert_eq!(holds(Effect::Allow), allow, "{operator} {wanted}");
        assert_eq!(holds(Effect::Deny), deny, "{operator} {wanted}");
    }
}

#[test]
fn conditions_that_can_never_hold_are_refused() {
    let operator = |name: &str| Fault::Operator(name.into());
    for (condition, expected) in [
        (r#"{"StringMatches": {"k:k": "x"}}"#, operator("StringMatches")),
        (r#"{"IfExists": {"k:k": "x"}}"#, operator("IfExists")),
        (r#"{"NullIfExists": {"k:k": "true"}}"#, operator("NullIfExists")),
        (
            r#"{"ForAnyValue:Null": {"k:k": "true"}}"#,
            operator("ForAnyValue:Null"),
        ),
        (r#"{"ForOne:Bool": {"k:k": "true"}}"#, operator("ForOne:Bool")),
        (r#"{"Bool": {"kk": "true"}}"#, Fault::ConditionKey("kk".into())),
        (r#"{"Bool": {":k": "true"}}"#, Fault::ConditionKey(":k".into())),
        (r#"{"Bool": {"k:": "true"}}"#, Fault::ConditionKey("k:".into())),
        (r#"{"Bool": {}}"#, Fault::Empty("Condition")),
        (r#"{"Bool": {"k:k": []}}"#, Fault::Empty("Condition")),
        (
            r#"{"IpAddress": {"k:k": "10.0.0.0/33"}}"#,
            Fault::Address("10.0.0.0/33".into()),
        ),
        (
            r#"{"IpAddress": {"k:k": "10.0.0.*"}}"#,
            Fault::Address("10.0.0.*".into()),
        ),
        (r#"{"StringLike": {"k:k": "${x"}}"#, Fault::Variable("${x".into())),
    ] {
        assert_eq!(parse(condition).unwrap_err(), expected, "{condition}");
    }
    for (operator, value) in [
        ("Bool", "yes"),
        ("Null", "1"),
        ("NumericEquals", "ten"),
        ("NumericEquals", ""),
        ("NumericEquals", "nan"),
        ("DateEquals", "tomorrow"),
        ("DateEquals", "2027-13-01"),
        ("DateEquals", "2027-01-31T12:00:00"),
        ("DateEquals", "2027-01-31 12:00:00Z"),
        ("DateEquals", "2027-01-31T1"),
        ("BinaryEquals", "a"),
        ("ArnLike", "arn:aws:s3:::"),
        ("ArnLike", "arn:aws:iam::*"),
        ("NumericLessThan", "${aws:EpochTime}"),
    ] {
        let condition = format!(r#"{{"{operator}": {{"k:k": "{value}"}}}}"#);
        // The valid one among these shows that the others fail because of their values.
        let valid = value == "arn:aws:s3:::";
        assert_eq!(
            matches!(parse(&condition), Err(Fault::Value(..))),
            !valid,
            "{condition}"
        );
    }
    for condition in [
        r#""x""#,
        "[]",
        r#"{"Bool": "true"}"#,
        r#"{"Bool": {"k:k": null}}"#,
        r#"{"Bool": {"k:k": {}}}"#,
        r#"{"Bool": {"k:k": [["true"]]}}"#,
    ] {
        assert!(
            matches!(parse(condition), Err(Fault::Shape("Condition", _))),
            "{condition}"
        );
    }
}
