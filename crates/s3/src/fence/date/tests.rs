use super::*;
use time::macros::datetime;

const NOW: OffsetDateTime = datetime!(2026-11-29 12:00 UTC);
const DAY: &str = "A/20261129/us-east-1/s3/aws4_request";

fn request(uri: &str, headers: &[(&'static str, &'static str)]) -> Request<()> {
    let mut request = Request::new(());
    *request.uri_mut() = uri.parse().unwrap();
    for (name, value) in headers {
        request
            .headers_mut()
            .insert(*name, HeaderValue::from_static(value));
    }
    request
}

fn checked(uri: &str, headers: &[(&'static str, &'static str)]) -> Result<Option<String>, ErrorResponse> {
    let mut request = request(uri, headers);
    let query = Query::read(request.uri());
    let signature = Signature {
        credential: DAY.to_owned(),
        headers: Vec::new(),
        value: String::new(),
        presigned: query.has("X-Amz-Date"),
    };
    check(&query, &signature, &mut request, NOW)?;
    let date = request.headers().get(AMZ_DATE);
    Ok(date.map(|date| date.to_str().unwrap().to_owned()))
}

#[test]
fn the_time_is_in_one_of_two_headers() {
    let amz = Ok(Some("20261129T120000Z".to_owned()));
    assert_eq!(checked("/", &[("x-amz-date", "20261129T120000Z")]), amz);
    assert_eq!(checked("/", &[("date", "Sun, 29 Nov 2026 12:00:00 GMT")]), amz);
    assert_eq!(checked("/", &[("date", "20261129T120000Z")]), amz);
    let both = [
        ("date", "Sun, 29 Nov 2020 12:00:00 GMT"),
        ("x-amz-date", "20261129T120000Z"),
    ];
    assert_eq!(checked("/", &both), amz);
}

#[test]
fn without_a_valid_time_access_is_denied() {
    for headers in [
        &[][..],
        &[("x-amz-date", "today")],
        &[("date", "today")],
        &[("x-amz-date", "d"), ("date", "Sun, 29 Nov 2026 12:00:00 GMT")],
    ] {
        let error = checked("/", headers).unwrap_err();
        let expected = "AWS authentication requires a valid Date or x-amz-date header";
        assert_eq!(
            (error.status.as_u16(), &*error.message),
            (403, expected),
            "{headers:?}"
        );
    }
}

#[test]
fn a_time_too_far_away_is_refused_with_both_times() {
    for date in ["20261129T114459Z", "20261129T121501Z"] {
        let headers: &'static [(&str, &str)] = Box::leak(Box::new([("x-amz-date", date)]));
        let error = checked("/", headers).unwrap_err();
        assert_eq!(error.code, "RequestTimeTooSkewed");
        let elements = [
            ("RequestTime", date.to_owned()),
            ("ServerTime", "2026-11-29T12:00:00Z".to_owned()),
            ("MaxAllowedSkewMilliseconds", "900000".to_owned()),
        ];
        assert_eq!(error.extra, elements);
    }
}

#[test]
fn the_day_of_the_credential_is_that_of_the_time() {
    let error = checked("/", &[("x-amz-date", "20261128T235959Z")]).unwrap_err();
    assert_eq!(error.code, "AuthorizationHeaderMalformed");
    let error = checked("/?X-Amz-Date=20261128T235959Z&X-Amz-Expires=604800", &[]).unwrap_err();
    assert_eq!(error.code, "AuthorizationQueryParametersError");
}

#[test]
fn an_expired_url_says_when_it_expired() {
    assert_eq!(
        checked("/?X-Amz-Date=20261129T110000Z&X-Amz-Expires=3600", &[]),
        Ok(None)
    );
    let error = checked("/?X-Amz-Date=20261129T110000Z&X-Amz-Expires=3599", &[]).unwrap_err();
    assert_eq!(
        (error.code, &*error.message),
        ("AccessDenied", "Request has expired")
    );
    let elements = [
        ("X-Amz-Expires", "3599".to_owned()),
        ("Expires", "2026-11-29T11:59:59Z".to_owned()),
        ("ServerTime", "2026-11-29T12:00:00Z".to_owned()),
    ];
    assert_eq!(error.extra, elements);
    let error = checked("/?X-Amz-Date=today&X-Amz-Expires=1", &[]).unwrap_err();
    assert_eq!(error.code, "AuthorizationQueryParametersError");
}
