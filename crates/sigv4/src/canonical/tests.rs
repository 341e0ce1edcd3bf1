use super::*;
use http::{HeaderValue, Request};

/// Writes the canonical request of an address and headers, all of which are signed.
fn canonical(uri: &str, headers: &[(&'static str, &'static str)]) -> String {
    let mut request = Request::new(());
    *request.uri_mut() = uri.parse().unwrap();
    let mut names: Vec<String> = Vec::new();
    for (name, value) in headers {
        names.push((*name).to_owned());
        request
            .headers_mut()
            .append(*name, HeaderValue::from_static(value));
    }
    names.dedup();
    let signature = Signature {
        credential: String::new(),
        headers: names,
        value: String::new(),
        presigned: false,
    };
    let query = Query::read(request.uri());
    SignedTexts::of(Head::from(&request), &query, &signature, "", "hash").canonical_request
}

#[test]
fn parameters_are_sorted_by_name_then_value_and_encoded_alike() {
    for (sent, written) in [
        ("b=2&a=1", "a=1&b=2"),
        ("a=2&a=1&a", "a=&a=1&a=2"),
        ("a-b=1&a=2", "a=2&a-b=1"),
        ("a=%2f%7e+x", "a=%2F~%20x"),
        ("a=1&X-Amz-Signature=s", "a=1"),
    ] {
        let text = canonical(&format!("/?{sent}"), &[]);
        assert_eq!(text, format!("GET\n/\n{written}\n\n\nhash"), "{sent}");
    }
}

#[test]
fn values_of_headers_are_one_line() {
    let text = canonical(
        "/a%20b",
        &[("host", "h"), ("my-header", "  a   b  c "), ("my-header", "d")],
    );
    assert_eq!(
        text,
        "GET\n/a%20b\n\nhost:h\nmy-header:a b c,d\n\nhost;my-header\nhash"
    );
}
