use super::*;
use crate::date;
use crate::scope::Expected;
use http::request::Builder;
use http::{HeaderValue, Request};
use proptest::prelude::*;
use time::OffsetDateTime;
use time::macros::datetime;

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const NOW: OffsetDateTime = datetime!(2015-08-30 12:36 UTC);
/// Signature of the example of the AWS General Reference, "Signature Version 4 signing process": IAM's `ListUsers`.
const SIGNATURE: &str = "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7";

fn example() -> Builder {
    Request::get("https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08")
        .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
        .header("host", "iam.amazonaws.com")
        .header("x-amz-date", "20150830T123600Z")
        .header(
            "authorization",
            format!(
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, \
                 SignedHeaders=content-type;host;x-amz-date, Signature={SIGNATURE}"
            ),
        )
}

/// Does all steps of the check of a request.
fn check(request: &Request<&[u8]>, secret: &str) -> Result<(), SignatureError> {
    let expected = Expected {
        regions: &["us-east-1"],
        services: &["iam", "s3"],
    };
    let head = Head::from(request);
    let query = Query::read(request.uri());
    let signature = Signature::read(head, &query, expected)?.unwrap();
    signature.check_headers(head)?;
    let date = date::check(head, &query, &signature, NOW)?;
    let secret = SecretAccessKey::new(secret.to_owned());
    verify(head, &query, &signature, &date, request.body(), &secret)
}

fn changed(change: impl FnOnce(&mut Request<&'static [u8]>)) -> Result<(), SignatureError> {
    let mut request = example().body(&b""[..]).unwrap();
    change(&mut request);
    check(&request, SECRET)
}

#[test]
fn the_example_of_aws_passes() {
    assert_eq!(changed(|_| ()), Ok(()));
    let key = SigningKey::derive(
        &SecretAccessKey::new(SECRET.to_owned()),
        "20150830/us-east-1/iam/aws4_request",
    );
    let hash = "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59";
    let text = format!("AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/iam/aws4_request\n{hash}");
    assert_eq!(hex::encode(key.sign(&text)), SIGNATURE);
}

#[test]
fn a_change_of_any_signed_part_is_noticed() {
    let mismatch = Err(SignatureError::Mismatch);
    let set = |name: &'static str, value: &'static str| {
        changed(|request| {
            request
                .headers_mut()
                .insert(name, HeaderValue::from_static(value));
        })
    };
    assert_eq!(
        changed(|request| *request.method_mut() = http::Method::POST),
        mismatch
    );
    for uri in [
        "/?Action=ListRoles&Version=2010-05-08",
        "/?Action=ListUsers&Version=2010-05-08&PathPrefix=/",
        "/?Action=ListUsers",
        "/path?Action=ListUsers&Version=2010-05-08",
    ] {
        assert_eq!(
            changed(|request| *request.uri_mut() = uri.parse().unwrap()),
            mismatch,
            "{uri}"
        );
    }
    assert_eq!(set("host", "sts.amazonaws.com"), mismatch);
    assert_eq!(set("content-type", "text/plain"), mismatch);
    assert_eq!(set("x-amz-date", "20150830T123601Z"), mismatch);
    assert_eq!(
        changed(|request| *request.body_mut() = b"Action=ListRoles"),
        mismatch
    );
    for (from, to) in [
        ("/iam/", "/s3/"),
        ("=5d67", "=5d68"),
        ("content-type;host", "host;content-type"),
        ("content-type;", ""),
    ] {
        let result = changed(|request| {
            let header = request.headers()["authorization"].to_str().unwrap();
            let value = HeaderValue::try_from(header.replacen(from, to, 1)).unwrap();
            request.headers_mut().insert("authorization", value);
        });
        assert_eq!(result, mismatch, "{from} {to}");
    }
    let request = example().body(&b""[..]).unwrap();
    assert_eq!(check(&request, "another secret"), mismatch);
    // Not signed, so it may change.
    assert_eq!(set("user-agent", "any"), Ok(()));
    // Must be signed.
    assert_eq!(
        set("x-amz-security-token", "t"),
        Err(SignatureError::HeadersNotSigned(
            "x-amz-security-token".to_owned()
        ))
    );
}

/// The presigned URL of the Amazon S3 API Reference, "Authenticating Requests: Using Query Parameters".
#[test]
fn the_presigned_example_of_aws_passes() {
    let request = Request::get(
        "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2F\
         aws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&\
         X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
    )
    .header("host", "examplebucket.s3.amazonaws.com")
    .body(())
    .unwrap();
    let (head, query) = (Head::from(&request), Query::read(request.uri()));
    let expected = Expected {
        regions: &["us-east-1"],
        services: &["s3"],
    };
    let signature = Signature::read(head, &query, expected).unwrap().unwrap();
    let now = datetime!(2013-05-24 12:00 UTC);
    let date = date::check(head, &query, &signature, now).unwrap();
    let payload = crate::canonical::UNSIGNED_PAYLOAD;
    let texts = SignedTexts::of(head, &query, &signature, &date, payload);
    let secret = SecretAccessKey::new("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned());
    let key = SigningKey::derive(&secret, signature.scope());
    assert_eq!(hex::encode(key.sign(&texts.string_to_sign)), signature.value);
}

proptest! {
    #[test]
    fn no_other_signature_passes(at in 0..64_usize, digit in 0..16_usize) {
        let digit = &"0123456789abcdef"[digit..=digit];
        let mut other = SIGNATURE.to_owned();
        other.replace_range(at..=at, digit);
        let result = changed(|request| {
            let header = request.headers()["authorization"].to_str().unwrap();
            let value = HeaderValue::try_from(header.replace(SIGNATURE, &other)).unwrap();
            request.headers_mut().insert("authorization", value);
        });
        prop_assert_eq!(result.is_ok(), other == SIGNATURE);
    }
}
