use super::*;
use http::HeaderName;
use strongroom_audit::RequestId;
use strongroom_seal::SystemRandom;

const SIGNATURE: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const SCOPE: &str = "A/20260101/us-east-1/s3/aws4_request";

fn request(uri: &str, headers: &[(&str, &[u8])]) -> Request<Body> {
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = uri.parse().unwrap();
    for (name, value) in headers {
        let value = HeaderValue::from_bytes(value).unwrap();
        request
            .headers_mut()
            .append(name.parse::<HeaderName>().unwrap(), value);
    }
    request
}

fn reply() -> ReplyContext {
    let request = Request::new(Body::empty());
    ReplyContext::of(&request, RequestId::new(&SystemRandom::default()))
}

fn refusal_of(mut request: Request<Body>) -> Option<&'static str> {
    let query = Query::read(request.uri());
    check("us-east-1", &query, &mut request, &reply())
        .err()
        .map(|error| error.code)
}

/// Returns the code of the error for a request with this header and the usual others.
fn header(authorization: &str) -> Option<&'static str> {
    refusal_of(request(
        "/b/k",
        &[
            ("host", b"h"),
            ("x-amz-date", b"d"),
            ("x-amz-meta-a", b"1"),
            ("authorization", authorization.as_bytes()),
        ],
    ))
}

fn signed(names: &str) -> String {
    format!("AWS4-HMAC-SHA256 Credential={SCOPE}, SignedHeaders={names}, Signature={SIGNATURE}")
}

const ALL: &str = "host;x-amz-date;x-amz-meta-a";

#[test]
fn the_form_of_the_specification_passes() {
    assert_eq!(header(&signed(ALL)), None);
    assert_eq!(header(&signed(ALL).replace(", ", ",")), None);
}

#[test]
fn what_two_readers_could_read_differently_does_not_pass() {
    let good = signed(ALL);
    let malformed = Some("AuthorizationHeaderMalformed");
    for bad in [
        good.replace("host", "Host"),
        good.replace("x-amz-meta-a", "X-Amz-Meta-A"),
        good.replace("x-amz-meta-a", "x-amz-meta-a;x-amz-meta-a"),
        good.replace("x-amz-meta-a", "x-amz-meta-a;\u{e9}"),
        good.replace("x-amz-meta-a", "x-amz-meta-a;"),
        good.replace("AWS4-HMAC-SHA256 ", "AWS4-HMAC-SHA256\t"),
        good.replace("AWS4-HMAC-SHA256 ", "SignedHeaders=host;x-amz-meta-a "),
        good.replace("AWS4-HMAC-SHA256 ", "FOO "),
        good.replace("AWS4-HMAC-SHA256 ", "AWS4-HMAC-SHA256 SignedHeaders=host, "),
        format!("{good}, SignedHeaders=host"),
        format!("{good} "),
        format!(" {good}"),
        good.replace(SIGNATURE, &SIGNATURE.to_uppercase()),
        good.replace(SIGNATURE, "0"),
        good.replace(", Signature", "; Signature"),
        good.replace("/aws4_request", ""),
        good.replace("/20260101/", "/today/"),
        good.replace("A/2026", "/2026"),
    ] {
        assert_eq!(header(&bad), malformed, "{bad}");
    }
}

#[test]
fn the_host_and_every_amz_header_must_be_signed_and_there() {
    assert_eq!(header(&signed("x-amz-date;x-amz-meta-a")), Some("AccessDenied"));
    assert_eq!(header(&signed("host;x-amz-date")), Some("AccessDenied"));
    assert_eq!(
        header(&signed("host;x-amz-date;x-amz-meta-a;x-amz-meta-b")),
        Some("SignatureDoesNotMatch")
    );
    let no_text = request(
        "/b/k",
        &[
            ("host", b"h"),
            ("x-amz-meta-a", b"\xff"),
            ("authorization", signed("host;x-amz-meta-a").as_bytes()),
        ],
    );
    assert_eq!(refusal_of(no_text), Some("InvalidArgument"));
}

#[test]
fn the_signature_library_reads_what_was_read_here() {
    let mut request = request(
        "/b/k",
        &[
            ("host", b"h"),
            ("authorization", signed("host").replace(", ", ",   ").as_bytes()),
        ],
    );
    let query = Query::read(request.uri());
    check("us-east-1", &query, &mut request, &reply()).unwrap();
    assert_eq!(request.headers()[AUTHORIZATION], signed("host"));
}

#[test]
fn a_signature_for_another_region_or_service_is_refused() {
    let malformed = Some("AuthorizationHeaderMalformed");
    assert_eq!(header(&signed(ALL).replace("us-east-1", "eu-west-1")), malformed);
    assert_eq!(header(&signed(ALL).replace("/s3/", "/sts/")), malformed);
}

#[test]
fn version_2_is_refused_with_whatever_it_comes() {
    for (uri, authorization) in [
        ("/b/k", "AWS AK:sig"),
        ("/b/k?X-Amz-SignedHeaders=host", "AWS AK:sig"),
        ("/b/k?AWSAccessKeyId=A&Signature=s&Expires=1", ""),
        ("/b/k?Signature=s", ""),
        ("/b/k?X-Amz-Signature=1&Signature=s", ""),
    ] {
        let mut headers: Vec<(&str, &[u8])> = vec![("host", b"h")];
        if !authorization.is_empty() {
            headers.push(("authorization", authorization.as_bytes()));
        }
        assert!(refusal_of(request(uri, &headers)).is_some(), "{uri}");
    }
}

fn presigned(change: impl Fn(String) -> String) -> Option<&'static str> {
    let scope = SCOPE.replace('/', "%2F");
    let uri = format!(
        "/b/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={scope}&X-Amz-Date=20260101T000000Z&X-Amz-Expires=604800\
         &X-Amz-SignedHeaders=host%3Bx-amz-meta-a&X-Amz-Signature={SIGNATURE}"
    );
    let headers: [(&str, &[u8]); 3] = [
        ("host", b"h"),
        ("x-amz-meta-a", b"1"),
        ("x-amz-content-sha256", b"UNSIGNED-PAYLOAD"),
    ];
    refusal_of(request(&change(uri), &headers))
}

#[test]
fn presigned_urls_are_read_as_strictly() {
    assert_eq!(presigned(|uri| uri), None);
    let malformed = Some("AuthorizationQueryParametersError");
    assert_eq!(presigned(|uri| uri.replace("604800", "604801")), malformed);
    assert_eq!(presigned(|uri| uri.replace("604800", "-1")), malformed);
    assert_eq!(presigned(|uri| uri.replace("us-east-1", "eu-west-1")), malformed);
    assert_eq!(
        presigned(|uri| uri.replace("X-Amz-Sig", "X%2DAmz-Sig")),
        malformed
    );
    assert_eq!(presigned(|uri| uri + "&X-Amz-Expires=1"), malformed);
    assert_eq!(presigned(|uri| uri + "&x-amz-expires=1"), malformed);
    assert_eq!(presigned(|uri| uri + "&X-AMZ-SIGNEDHEADERS=host"), malformed);
    // Headers that SDKs have moved there.
    assert_eq!(
        presigned(|uri| uri + "&X-Amz-Content-Sha256=UNSIGNED-PAYLOAD"),
        None
    );
    assert_eq!(presigned(|uri| uri + "&X-Amz-Checksum-Mode=ENABLED"), None);
    assert_eq!(presigned(|uri| uri.replace("host%3Bx", "Host%3Bx")), malformed);
    assert_eq!(presigned(|uri| uri.replace("AWS4-HMAC-SHA256", "FOO")), malformed);
    assert_eq!(
        presigned(|uri| uri.replace("host%3Bx-amz-meta-a", "host")),
        Some("AccessDenied")
    );
    assert_eq!(
        presigned(|uri| uri.replace("host%3Bx-amz-meta-a", "x-amz-meta-a")),
        Some("AccessDenied")
    );
}

#[test]
fn two_signatures_in_one_request_are_refused() {
    let authorization = signed("host");
    let both = request(
        "/b/k?X-Amz-Signature=1",
        &[("host", b"h"), ("authorization", authorization.as_bytes())],
    );
    assert_eq!(refusal_of(both), Some("InvalidArgument"));
}
