use super::*;

const ANN: &str = "arn:aws:iam::123456789012:user/ann";
const ID: &str = "AIDAANNANNANNANNANNAN";
const KIND: PolicyKind<'_> = PolicyKind::Bucket("b");

fn replaced(text: &str) -> String {
    let with = |principal: &str| match principal {
        ANN => Replacement::With(ID.to_owned()),
        _ => Replacement::Keep,
    };
    Policy::replace_principals(text, KIND, with).unwrap()
}

#[test]
fn principals_are_replaced_wherever_they_stand() {
    for (text, expected) in [
        (
            r#"{"Statement": {"Principal": {"AWS": "arn:aws:iam::123456789012:user/ann"}}}"#,
            r#"{"Statement":{"Principal":{"AWS":"AIDAANNANNANNANNANNAN"}}}"#,
        ),
        (
            r#"{"Id": "ä\"\n", "Statement": [{"NotPrincipal": {"AWS": ["*", "arn:aws:iam::123456789012:user/ann"]}, "N": [1, null, true]}]}"#,
            r#"{"Id":"ä\"\n","Statement":[{"NotPrincipal":{"AWS":["*","AIDAANNANNANNANNANNAN"]},"N":[1,null,true]}]}"#,
        ),
    ] {
        assert_eq!(replaced(text), expected);
    }
}

#[test]
fn everything_else_stays_as_it_is_written() {
    for text in [
        r#"{ "Statement": {"Principal": {"AWS": "arn:aws:iam::123456789012:user/bob"}} }"#,
        r#"{"Statement": {"Principal": {"CanonicalUser": "arn:aws:iam::123456789012:user/ann"}}}"#,
        r#"{"Statement": {"Resource": "arn:aws:iam::123456789012:user/ann", "AWS": "arn:aws:iam::123456789012:user/ann"}}"#,
        r#"{"Principal": {"AWS": "arn:aws:iam::123456789012:user/ann"}}"#,
        r#"{"Statement": [1, {"Principal": "*"}, {"Principal": {"AWS": [1, {}]}}]}"#,
    ] {
        assert_eq!(replaced(text), text);
    }
}

#[test]
fn a_principal_that_does_not_exist_is_refused() {
    let text = r#"{"Statement": [{}, {"Principal": {"AWS": ["arn:aws:iam::123456789012:user/ann"]}}]}"#;
    for (kind, message) in [
        (KIND, "Invalid principal in policy".to_owned()),
        (
            PolicyKind::Trust,
            format!(r#"Invalid principal in policy: "AWS":"{ANN}""#),
        ),
    ] {
        let error = Policy::replace_principals(text, kind, |_| Replacement::Invalid).unwrap_err();
        assert_eq!(error.fault, Fault::Principal(["AWS ", ANN].concat()));
        assert_eq!((error.statement, error.to_string()), (Some(2), message));
    }
    let error = Policy::replace_principals("[]", KIND, |_| Replacement::Keep).unwrap_err();
    assert_eq!(error.fault, Fault::FirstByte);
}

#[test]
fn replacing_and_replacing_back_keeps_the_meaning() {
    let text = format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Principal": {{"AWS": "{ANN}"}},
            "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {{"NumericLessThan": {{"k:k": 10.5}}}}}}}}"#
    );
    let stored = replaced(&text);
    assert!(Policy::parse(&stored, "b").is_ok());
    let shown = Policy::replace_principals(&stored, KIND, |id| match id {
        ID => Replacement::With(ANN.to_owned()),
        _ => Replacement::Keep,
    });
    let compact = |text: &str| serde_json::from_str::<Json>(text).unwrap();
    assert_eq!(compact(&shown.unwrap()), compact(&text));
}
