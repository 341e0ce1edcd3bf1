use super::*;
use http::HeaderValue;

fn conditions(name: &HeaderName, values: &[&'static str]) -> ReadConditions {
    let mut headers = HeaderMap::new();
    for value in values {
        headers.append(name.clone(), HeaderValue::from_static(value));
    }
    let conditions = take(&mut headers);
    assert!(headers.is_empty(), "s3s must not read them again");
    conditions
}

#[test]
fn lists_of_etags_are_read_in_every_form() {
    let one_of = |etags: &[&str]| {
        Some(EtagCondition::OneOf(
            etags.iter().map(|e| (*e).to_owned()).collect(),
        ))
    };
    assert_eq!(conditions(&IF_MATCH, &["\"a\""]).if_match, one_of(&["a"]));
    assert_eq!(conditions(&IF_MATCH, &["a"]).if_match, one_of(&["a"]));
    assert_eq!(
        conditions(&IF_NONE_MATCH, &["\"a\", W/\"b\"", "c"]).if_none_match,
        one_of(&["a", "b", "c"])
    );
    assert_eq!(
        conditions(&IF_NONE_MATCH, &["*"]).if_none_match,
        Some(EtagCondition::Any)
    );
    assert_eq!(conditions(&IF_MATCH, &[]).if_match, None);
    assert_eq!(
        conditions(&IF_MATCH, &[""]).if_match,
        one_of(&[]),
        "an empty list matches nothing"
    );
}

#[test]
fn dates_are_read_and_what_is_none_is_passed_over() {
    let date = "Thu, 01 Jan 1970 00:01:00 GMT";
    assert_eq!(
        conditions(&IF_MODIFIED_SINCE, &[date]).if_modified_since,
        Some(60)
    );
    assert_eq!(
        conditions(&IF_UNMODIFIED_SINCE, &[date]).if_unmodified_since,
        Some(60)
    );
    assert_eq!(
        conditions(&IF_MODIFIED_SINCE, &["yesterday"]),
        ReadConditions::default()
    );
}

#[test]
fn if_range_is_an_etag_or_a_date() {
    let read = |value: &str| {
        let mut headers = HeaderMap::new();
        headers.insert(IF_RANGE, value.parse().unwrap());
        let conditions = take(&mut headers);
        assert!(headers.is_empty());
        conditions.if_range.unwrap()
    };
    assert_eq!(read("\"abc\""), RangeCondition::Etag("abc".to_owned()));
    assert_eq!(read("W/\"abc\""), RangeCondition::Never);
    assert_eq!(read("Thu, 01 Jan 1970 00:00:07 GMT"), RangeCondition::Modified(7));
    assert_eq!(take(&mut HeaderMap::new()).if_range, None);
}
