use super::*;

fn rules() -> Vec<CorsRule> {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    vec![
        CorsRule {
            origins: texts(&["https://one.example", "https://*.two.example"]),
            methods: vec![CorsMethod::Get, CorsMethod::Put],
            headers: texts(&["Content-Type", "X-Amz-Server-Side-Encryption-*"]),
            expose: texts(&["ETag", "x-amz-request-id"]),
            max_age: Some(60),
            ..CorsRule::default()
        },
        CorsRule {
            origins: texts(&["*"]),
            methods: vec![CorsMethod::Get],
            headers: Vec::new(),
            ..CorsRule::default()
        },
    ]
}

fn response(origin: &str, method: &str, headers: &str) -> Option<Vec<(String, String)>> {
    let origin = HeaderValue::from_str(origin).unwrap();
    let requested = CorsRequest {
        origin: &origin,
        method: CorsMethod::named(method),
        method_named: Some(method),
        headers,
    };
    let headers_ = requested.response_headers(&rules())?;
    let text =
        |(name, value): &(HeaderName, HeaderValue)| (name.to_string(), value.to_str().unwrap().to_owned());
    Some(headers_.iter().map(text).collect())
}

#[test]
fn the_first_rule_that_allows_it_speaks() {
    let pairs = |pairs: &[(&str, &str)]| {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Some(pairs.iter().map(owned).collect::<Vec<_>>())
    };
    let requested = "content-type, X-Amz-Server-Side-Encryption-Customer-Key";
    assert_eq!(
        response("https://a.two.example", "PUT", requested),
        pairs(&[
            ("access-control-allow-origin", "https://a.two.example"),
            ("access-control-allow-credentials", "true"),
            ("access-control-allow-methods", "GET, PUT"),
            (
                "access-control-allow-headers",
                "content-type, x-amz-server-side-encryption-customer-key"
            ),
            ("access-control-expose-headers", "ETag, x-amz-request-id"),
            ("access-control-max-age", "60"),
            ("vary", VARIES),
        ])
    );
    let anyone = pairs(&[
        ("access-control-allow-origin", "*"),
        ("access-control-allow-methods", "GET"),
        ("vary", VARIES),
    ]);
    assert_eq!(response("https://other.example", "GET", ""), anyone);
    assert_eq!(response("null", "GET", " , "), anyone);
}

#[test]
fn what_no_rule_allows() {
    for (origin, method, headers) in [
        ("https://other.example", "PUT", ""),
        ("https://one.example", "DELETE", ""),
        ("https://one.example", "PUT", "content-type, authorization"),
        ("https://other.example", "GET", "content-type"),
        ("https://one.example.org", "PUT", ""),
        ("https://two.example", "PUT", ""),
        ("https://one.example", "PATCH", ""),
    ] {
        assert_eq!(
            response(origin, method, headers),
            None,
            "{origin} {method} {headers}"
        );
    }
}

#[test]
fn a_star_stands_for_anything() {
    for (allowed, text, is) in [
        ("*", "", true),
        ("a*a", "aa", true),
        ("a*a", "a", false),
        ("a*", "ab", true),
        ("*b", "ab", true),
        ("*b", "ba", false),
        ("ab", "abc", false),
    ] {
        assert_eq!(matches(allowed, text), is, "{allowed} {text}");
    }
}
