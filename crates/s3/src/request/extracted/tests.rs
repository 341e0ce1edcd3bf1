use super::*;
use http::HeaderValue;

#[test]
fn a_key_leaves_the_headers() {
    let mut headers = HeaderMap::new();
    for name in [
        "x-amz-server-side-encryption-customer-algorithm",
        "x-amz-server-side-encryption-customer-key",
        "x-amz-server-side-encryption-customer-key-md5",
        "expires",
    ] {
        headers.insert(name, HeaderValue::from_static("0"));
    }
    let taken = ExtractedHeaders::from(&Method::PUT, &mut headers, None)
        .ok()
        .unwrap();
    assert!(headers.is_empty(), "{headers:?}");
    assert_eq!(taken.expires.as_deref(), Some("0"));
}

#[test]
fn conditions_of_writes_stay_where_s3s_reads_them() {
    let mut headers = HeaderMap::from_iter([(http::header::IF_MATCH, HeaderValue::from_static("a"))]);
    let taken = ExtractedHeaders::from(&Method::PUT, &mut headers, None)
        .ok()
        .unwrap();
    assert_eq!(headers.len(), 1);
    assert_eq!(taken.conditions, ReadConditions::default());
}
