use super::*;
use crate::scope::ScopeError;
use http::{HeaderValue, Request};

const SIGNATURE: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const SCOPE: &str = "A/20260101/us-east-1/iam/aws4_request";
const EXPECTED: Expected<'static> = Expected {
    regions: &["here", "us-east-1"],
    services: &["iam", "sts"],
};

fn read(uri: &str, headers: &[(&'static str, &str)]) -> Result<Option<Signature>, SignatureError> {
    let mut request = Request::new(());
    *request.uri_mut() = uri.parse().unwrap();
    for (name, value) in headers {
        let value = HeaderValue::from_str(value).unwrap();
        request.headers_mut().append(*name, value);
    }
    let query = Query::read(request.uri());
    let head = Head::from(&request);
    let signature = Signature::read(head, &query, EXPECTED)?;
    if let Some(signature) = &signature {
        signature.check_headers(head)?;
    }
    Ok(signature)
}

fn header(authorization: &str) -> Result<Option<Signature>, SignatureError> {
    read(
        "/",
        &[
            ("host", "h"),
            ("x-amz-date", "d"),
            ("authorization", authorization),
        ],
    )
}

fn good() -> String {
    format!("AWS4-HMAC-SHA256 Credential={SCOPE}, SignedHeaders=host;x-amz-date, Signature={SIGNATURE}")
}

#[test]
fn a_signature_is_written_as_it_was_read() {
    let signature = header(&good().replace(", ", ",")).unwrap().unwrap();
    assert_eq!(signature.access_key(), "A");
    assert_eq!(signature.scope(), "20260101/us-east-1/iam/aws4_request");
    assert_eq!(signature.to_header(), good());
    assert_eq!(read("/?Action=ListUsers", &[("host", "h")]), Ok(None));
}

#[test]
fn other_forms_of_a_header_are_refused() {
    for bad in [
        good().replace("host", "Host"),
        good().replace("x-amz-date", "x-amz-date;x-amz-date"),
        good().replace("AWS4-HMAC-SHA256 ", "AWS4-HMAC-SHA256\t"),
        good().replace("AWS4-HMAC-SHA256 ", "AWS4-HMAC-SHA256 SignedHeaders=host, "),
        format!("{}, SignedHeaders=host", good()),
        format!("{} ", good()),
        good().replace(SIGNATURE, &SIGNATURE.to_uppercase()),
        good().replace(", Signature", "; Signature"),
    ] {
        assert_eq!(header(&bad), Err(malformed_header()), "{bad}");
    }
    for bad in [
        good().replace("/aws4_request", ""),
        good().replace("/aws4_request", "/aws4_request/more"),
        good().replace("/20260101/", "/today/"),
        good().replace("A/2026", "/2026"),
    ] {
        let error = SignatureError::Scope(Location::Header, ScopeError::Malformed);
        assert_eq!(header(&bad), Err(error), "{bad}");
    }
}

#[test]
fn a_scope_must_be_one_that_is_expected() {
    assert!(header(&good().replace("us-east-1", "here")).is_ok());
    assert!(header(&good().replace("/iam/", "/sts/")).is_ok());
    let other = header(&good().replace("us-east-1", "mars"));
    assert_eq!(
        other.unwrap_err().to_string(),
        "the region 'mars' is wrong; expecting 'here'"
    );
    let other = header(&good().replace("/iam/", "/s3/"));
    assert_eq!(
        other.unwrap_err().to_string(),
        "incorrect service \"s3\". This endpoint belongs to \"iam\"."
    );
}

#[test]
fn headers_must_be_signed_and_there() {
    let not_signed = |names: &str| Err(SignatureError::HeadersNotSigned(names.to_owned()));
    assert_eq!(header(&good().replace("host;", "")), not_signed("host"));
    assert_eq!(
        header(&good().replace(";x-amz-date", "")),
        not_signed("x-amz-date")
    );
    assert_eq!(
        header(&good().replace("x-amz-date", "x-amz-date;x-amz-target")),
        Err(SignatureError::HeaderNotSent("x-amz-target".to_owned()))
    );
}

#[test]
fn headers_that_decide_come_once() {
    for name in ONCE {
        let twice = read("/", &[(name, "1"), (name, "2")]);
        assert_eq!(twice, Err(SignatureError::Repeated(name)));
    }
}

#[test]
fn there_is_one_signature_and_not_of_version_2() {
    let version_2 = Err(SignatureError::VersionTwo);
    assert_eq!(header("AWS A:sig"), version_2);
    assert_eq!(read("/?Signature=s", &[("host", "h")]), version_2);
    assert_eq!(read("/?AWSAccessKeyId=A", &[("host", "h")]), version_2);
    let both = read(
        "/?X-Amz-Signature=s",
        &[("host", "h"), ("authorization", &good())],
    );
    assert_eq!(both, Err(SignatureError::Both));
}

#[test]
fn presigned_urls_are_read_as_strictly() {
    let scope = SCOPE.replace('/', "%2F");
    let uri = format!(
        "/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={scope}\
         &X-Amz-Date=20260101T000000Z&X-Amz-Expires=604800&X-Amz-SignedHeaders=host&X-Amz-Signature={SIGNATURE}"
    );
    let read = |uri: &str| read(uri, &[("host", "h")]);
    let signature = read(&uri).unwrap().unwrap();
    assert_eq!((signature.presigned, &*signature.credential), (true, SCOPE));
    for (from, to) in [
        ("604800", "604801"),
        ("604800", "-1"),
        ("604800", "x"),
        ("X-Amz-Sig", "X%2DAmz-Sig"),
        ("X-Amz-Expires", "X-Amz-Expired"),
        ("SignedHeaders=host", "SignedHeaders=Host"),
        ("AWS4-HMAC-SHA256", "FOO"),
        ("=0123", "=012"),
        ("Action", "X-Amz-Expires=1&Action"),
        ("Action", "x-amz-expires=1&Action"),
    ] {
        let error = read(&uri.replacen(from, to, 1)).unwrap_err();
        assert!(
            matches!(error, SignatureError::Malformed(Location::Query, _)),
            "{from} {to}: {error:?}"
        );
    }
}
