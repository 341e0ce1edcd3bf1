use super::*;
use http::{HeaderValue, Request};
use time::macros::datetime;

const NOW: OffsetDateTime = datetime!(2026-11-29 12:00 UTC);

fn checked(uri: &str, headers: &[(&'static str, &'static str)]) -> Result<String, SignatureError> {
    let mut request = Request::new(());
    *request.uri_mut() = uri.parse().unwrap();
    for (name, value) in headers {
        request
            .headers_mut()
            .insert(*name, HeaderValue::from_static(value));
    }
    let query = Query::read(request.uri());
    let signature = Signature {
        credential: "A/20261129/us-east-1/iam/aws4_request".to_owned(),
        headers: Vec::new(),
        value: String::new(),
        presigned: query.has("X-Amz-Date"),
    };
    check(Head::from(&request), &query, &signature, NOW)
}

#[test]
fn times_within_a_quarter_of_an_hour_pass() {
    for (name, date, expected) in [
        ("x-amz-date", "20261129T120000Z", "20261129T120000Z"),
        ("x-amz-date", "20261129T114500Z", "20261129T114500Z"),
        ("x-amz-date", "20261129T121500Z", "20261129T121500Z"),
        ("date", "20261129T120000Z", "20261129T120000Z"),
        ("date", "Sun, 29 Nov 2026 12:00:00 GMT", "20261129T120000Z"),
    ] {
        assert_eq!(checked("/", &[(name, date)]), Ok(expected.to_owned()));
    }
}

#[test]
fn other_times_are_refused() {
    for date in ["20261129T114459Z", "20261129T121501Z"] {
        let headers: &'static [(&str, &str)] = Box::leak(Box::new([("x-amz-date", date)]));
        let date = date.to_owned();
        assert_eq!(
            checked("/", headers),
            Err(SignatureError::Skewed { date, now: NOW })
        );
    }
    assert_eq!(checked("/", &[]), Err(SignatureError::NoDate));
    assert_eq!(
        checked("/", &[("x-amz-date", "today")]),
        Err(SignatureError::NoDate)
    );
    let other_day = checked("/", &[("x-amz-date", "20261128T235959Z")]);
    assert!(matches!(
        other_day,
        Err(SignatureError::Malformed(Location::Header, _))
    ));
}

#[test]
fn urls_expire() {
    let url = |date: &str, seconds: u32| format!("/?X-Amz-Date={date}&X-Amz-Expires={seconds}");
    assert!(checked(&url("20261129T110000Z", 3600), &[]).is_ok());
    assert!(matches!(
        checked(&url("20261129T110000Z", 3599), &[]),
        Err(SignatureError::Expired { .. })
    ));
    assert!(matches!(
        checked(&url("20261129T121501Z", 3600), &[]),
        Err(SignatureError::Skewed { .. })
    ));
    assert!(matches!(
        checked(&url("now", 3600), &[]),
        Err(SignatureError::Malformed(Location::Query, _))
    ));
}
