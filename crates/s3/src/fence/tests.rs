use super::*;
use crate::request::context::tests::received;
use http::{HeaderName, HeaderValue, StatusCode};

const HTTPS: Transport = Transport {
    secure: true,
    local: false,
    peer: std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST),
};
const LOCAL: Transport = Transport {
    secure: false,
    local: true,
    peer: std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST),
};
const FAR: Transport = Transport {
    secure: false,
    local: false,
    peer: std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST),
};
const ALGORITHM: &str = "x-amz-server-side-encryption-customer-algorithm";

fn hosts() -> Hosts {
    Hosts::new(&[])
}

fn request(method: Method, uri: &str, headers: &[(&str, &str)]) -> Request<Body> {
    let mut request = Request::new(Body::empty());
    *request.method_mut() = method;
    *request.uri_mut() = uri.parse().unwrap();
    for (name, value) in headers {
        let name: HeaderName = name.parse().unwrap();
        request
            .headers_mut()
            .append(name, HeaderValue::from_str(value).unwrap());
    }
    request
}

fn refusal(transport: Transport, request: Request<Body>) -> Option<ErrorResponse> {
    pass(&hosts(), received(transport, Cleartext::Loopback), request).err()
}

fn code(refusal: Option<ErrorResponse>) -> Option<(u16, &'static str)> {
    refusal.map(|error| (error.status.as_u16(), error.code))
}

#[test]
fn ordinary_requests_pass() {
    for (method, uri) in [
        (Method::GET, "/"),
        (
            Method::GET,
            "/bucket?list-type=2&prefix=&delimiter=%2F&encoding-type=url",
        ),
        (Method::GET, "/bucket?location"),
        (Method::GET, "/bucket/?versioning="),
        (Method::PUT, "/bucket/key"),
        (
            Method::GET,
            "/bucket/key?response-content-type=text%2Fplain&x-id=GetObject",
        ),
        (Method::GET, "/bucket/key?versionId=null"),
        (Method::DELETE, "/bucket/key"),
    ] {
        assert_eq!(refusal(FAR, request(method, uri, &[])), None, "{uri}");
    }
}

#[test]
fn a_customer_key_passes_only_where_nobody_can_read_it() {
    let with_key = || request(Method::GET, "/b/k", &[(ALGORITHM, "AES256")]);
    assert_eq!(refusal(HTTPS, with_key()), None);
    assert_eq!(refusal(LOCAL, with_key()), None);
    assert_eq!(code(refusal(FAR, with_key())), Some((400, "InvalidRequest")));
    for (cleartext, transport, passes) in [
        (Cleartext::Never, LOCAL, false),
        (Cleartext::Never, HTTPS, true),
        (Cleartext::Always, FAR, true),
    ] {
        assert_eq!(
            pass(&hosts(), received(transport, cleartext), with_key()).is_ok(),
            passes,
            "{cleartext:?}"
        );
    }
    for name in [
        "x-amz-server-side-encryption-customer-key",
        "x-amz-server-side-encryption-customer-key-md5",
        "x-amz-copy-source-server-side-encryption-customer-key",
    ] {
        assert!(
            refusal(FAR, request(Method::GET, "/b/k", &[(name, "x")])).is_some(),
            "{name}"
        );
    }
}

#[test]
fn a_customer_key_that_passed_cannot_be_printed() {
    for name in [
        "x-amz-server-side-encryption-customer-key",
        "x-amz-copy-source-server-side-encryption-customer-key",
    ] {
        let request = request(Method::GET, "/bucket/key", &[(name, "c2VjcmV0")]);
        assert!(format!("{request:?}").contains("c2VjcmV0"));
        let passed = pass(&hosts(), received(HTTPS, Cleartext::Loopback), request);
        let (_, passed) = passed.unwrap_or_else(|_| panic!("{name} is refused"));
        assert!(!format!("{passed:?}").contains("c2VjcmV0"), "{name}");
    }
}

#[test]
fn encryption_in_a_query_string_is_refused_however_it_is_spelt() {
    for query in [
        "x-amz-server-side-encryption-customer-key=abc",
        "X-Amz-Server-Side-Encryption-Customer-Key=abc",
        "x-amz-server%2Dside-encryption-customer-algorithm=AES256",
        "x-amz-copy-source-server-side-encryption-customer-key=abc",
        "x-amz-server-side-encryption=AES256",
    ] {
        let refusal = refusal(HTTPS, request(Method::PUT, &format!("/b/k?{query}"), &[])).unwrap();
        assert_eq!(refusal.status, StatusCode::BAD_REQUEST, "{query}");
        assert!(!refusal.message.contains("abc"), "the answer quotes the key");
    }
}

#[test]
fn a_setting_of_encryption_counts_in_the_query_only_beside_the_same_header() {
    let uri = "/b/k?x-amz-server-side-encryption=AES256";
    let sent = |value| request(Method::PUT, uri, &[("x-amz-server-side-encryption", value)]);
    assert_eq!(refusal(HTTPS, sent("AES256")), None);
    assert_eq!(
        code(refusal(HTTPS, sent("aws:kms"))),
        Some((400, "InvalidRequest"))
    );
    let key = "x-amz-server-side-encryption-customer-key";
    let both = request(Method::PUT, &format!("/b/k?{key}=abc"), &[(key, "abc")]);
    assert_eq!(code(refusal(HTTPS, both)), Some((400, "InvalidRequest")));
}

#[test]
fn headers_that_say_how_a_request_came_are_refused_in_a_query_string() {
    for name in NEVER_IN_QUERY {
        let refused = refusal(HTTPS, request(Method::PUT, &format!("/b/k?{name}=1"), &[]));
        assert_eq!(code(refused), Some((400, "InvalidRequest")), "{name}");
    }
}

#[test]
fn doubled_headers_are_refused() {
    for name in [
        ALGORITHM,
        "x-amz-server-side-encryption",
        "x-amz-content-sha256",
        "authorization",
        "content-length",
        "content-md5",
        "x-amz-checksum-crc32",
    ] {
        let refusal = refusal(HTTPS, request(Method::PUT, "/b/k", &[(name, "1"), (name, "1")])).unwrap();
        assert!(refusal.message.contains(name), "{name}: {refusal:?}");
    }
}

#[test]
fn other_headers_that_come_twice_are_one_list() {
    let names = ["x-amz-meta-a", "content-encoding", "if-none-match", "accept"];
    for name in names {
        let request = request(
            Method::PUT,
            "/b/k",
            &[(name, "1"), ("x-amz-meta-b", "3"), (name, " 2 ")],
        );
        let passed = pass(&hosts(), received(HTTPS, Cleartext::Loopback), request);
        let (_, passed) = passed.unwrap_or_else(|error| panic!("{name}: {error:?}"));
        let values: Vec<_> = passed.headers().get_all(name).iter().collect();
        assert_eq!(values, ["1,2"], "{name}");
        assert_eq!(passed.headers()["x-amz-meta-b"], "3");
    }
}

#[test]
fn methods_that_no_operation_has_are_not_allowed() {
    for (method, uri) in [
        (Method::PATCH, "/b/k"),
        (Method::TRACE, "/b"),
        (Method::PATCH, "/"),
    ] {
        let refused = refusal(HTTPS, request(method, uri, &[]));
        assert_eq!(code(refused), Some((405, "MethodNotAllowed")), "{uri}");
    }
}

#[test]
fn unknown_encryption_headers_are_refused() {
    for name in [
        "x-amz-server-side-encryption-foo",
        "x-amz-copy-source-server-side-encryption-foo",
    ] {
        let refusal = refusal(HTTPS, request(Method::PUT, "/b/k", &[(name, "1")]));
        assert_eq!(code(refusal), Some((501, "NotImplemented")), "{name}");
    }
}

#[test]
fn the_service_itself_is_only_listed() {
    for method in [Method::HEAD, Method::PUT, Method::POST, Method::DELETE] {
        let refused = refusal(HTTPS, request(method, "/", &[])).unwrap();
        assert_eq!(refused.headers, [(ALLOW, HeaderValue::from_static("GET"))]);
        assert_eq!(code(Some(refused)), Some((405, "MethodNotAllowed")));
    }
}
