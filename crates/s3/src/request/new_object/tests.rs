use super::*;

fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
    pairs
        .iter()
        .map(|(name, value)| (name.parse::<http::HeaderName>().unwrap(), value.parse().unwrap()))
        .collect()
}

#[test]
fn tags_come_as_a_query() {
    let read = tags("a=1&b%20c=d%2Fe&f+g=&h").unwrap();
    let pairs: Vec<_> = read.iter().collect();
    assert_eq!(pairs, [("a", "1"), ("b c", "d/e"), ("f g", ""), ("h", "")]);
    for malformed in ["a=1&a=2", "a=%ff", "=", "a=1&=2"] {
        let error = tags(malformed).unwrap_err();
        assert!(error.message.contains("shall be encoded as UTF-8"), "{malformed}");
        let named = [
            ("ArgumentName", "x-amz-tagging".to_owned()),
            ("ArgumentValue", malformed.to_owned()),
        ];
        assert_eq!(error.extra, named);
    }
    assert_eq!(tags("aws:a=1").unwrap_err().code, "InvalidTag");
    let eleven: Vec<String> = (0..11).map(|n| format!("k{n}=v")).collect();
    assert!(tags(&eleven.join("&")).is_err());
}

#[test]
fn encodings_stay_letter_for_letter() {
    for (sent, kept) in [
        ("deflate, gzip", "deflate, gzip"),
        ("deflate ,gzip", "deflate ,gzip"),
        ("aws-chunked, deflate, gzip", "deflate, gzip"),
        ("gzip,AWS-chunked", "gzip"),
        ("aws-chunked", ""),
    ] {
        assert_eq!(without_aws_chunked(sent), kept);
    }
}

#[test]
fn a_retention_is_whole_or_refused() {
    let mode = ("x-amz-object-lock-mode", "GOVERNANCE");
    let until = ("x-amz-object-lock-retain-until-date", "2030-01-02T03:04:05Z");
    let read = lock(&headers(&[mode, until])).unwrap().retention.unwrap();
    assert_eq!(read.until, 1_893_553_445_000_000);
    assert_eq!(read.mode, RetentionMode::Governance);
    assert!(lock(&headers(&[mode])).is_err());
    assert!(lock(&headers(&[until])).is_err());
    assert!(lock(&headers(&[("x-amz-object-lock-mode", "FOREVER"), until])).is_err());
    assert!(lock(&headers(&[mode, ("x-amz-object-lock-retain-until-date", "soon")])).is_err());
    assert!(lock(&headers(&[("x-amz-object-lock-legal-hold", "on")])).is_err());
    assert_eq!(lock(&HeaderMap::new()).unwrap(), Lock::default());
}

#[test]
fn what_is_not_offered_is_refused() {
    for (name, value, status) in [
        ("x-amz-storage-class", "GLACIER", 400),
        ("x-amz-website-redirect-location", "/elsewhere", 501),
        ("x-amz-write-offset-bytes", "0", 501),
    ] {
        let error = refuse_unsupported_options(&headers(&[(name, value)])).unwrap_err();
        assert_eq!(error.status.as_u16(), status, "{name}");
    }
    let fine = headers(&[("x-amz-storage-class", "STANDARD"), ("x-amz-acl", "private")]);
    assert!(refuse_unsupported_options(&fine).is_ok());
}
