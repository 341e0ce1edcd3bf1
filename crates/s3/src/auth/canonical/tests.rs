use super::*;
use http::HeaderValue;

/// The example of the specification
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html>).
fn head() -> SignedHead {
    let mut request = Request::new(());
    *request.uri_mut() = "/?max-keys=2&prefix=J".parse().unwrap();
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    for (name, value) in [
        ("host", "examplebucket.s3.amazonaws.com"),
        ("x-amz-content-sha256", empty),
        ("x-amz-date", "20130524T000000Z"),
    ] {
        request
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    let signature = Signature {
        credential: "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request".into(),
        headers: ["host", "x-amz-content-sha256", "x-amz-date"]
            .map(str::to_owned)
            .into(),
        value: "0".into(),
        presigned: false,
    };
    SignedHead::of(&request, &Arc::new(signature))
}

#[test]
fn the_texts_are_those_of_the_specification() {
    let SignedTexts {
        string_to_sign,
        canonical_request: canonical,
    } = head().texts().unwrap();
    assert!(canonical.starts_with("GET\n/\nmax-keys=2&prefix=J\nhost:examplebucket.s3.amazonaws.com\n"));
    assert_eq!(
        string_to_sign,
        "AWS4-HMAC-SHA256\n20130524T000000Z\n20130524/us-east-1/s3/aws4_request\n\
         df57d21db20da04d7fa30298dd4488ba3a2b47ca3a489c74750e0f1e7df1b9b7"
    );
    assert_eq!(bytes("AW4"), "41 57 34");
}

#[test]
fn a_customer_key_is_not_repeated_from_any_encryption_header() {
    assert_eq!(head().elements().len(), 4);
    for name in [
        "x-amz-server-side-encryption-customer-key",
        "x-amz-copy-source-server-side-encryption-customer-key",
        // A key in the wrong header.
        "x-amz-server-side-encryption-aws-kms-key-id",
        "x-amz-server-side-encryption-context",
    ] {
        let mut head = head();
        head.headers.insert(name, HeaderValue::from_static("c2VjcmV0"));
        let names: Vec<_> = head.elements().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["StringToSign", "StringToSignBytes"], "{name}");
    }
}
