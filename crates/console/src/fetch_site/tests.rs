use super::*;
use http::{HeaderName, HeaderValue};

fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
    let pairs = pairs.iter();
    pairs
        .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
        .collect()
}

#[test]
fn only_own_pages_may_change_and_reveal() {
    for site in ["same-site", "cross-site", "none", "nonsense"] {
        let headers = headers(&[("sec-fetch-site", site), ("sec-fetch-mode", "navigate")]);
        for method in [Method::POST, Method::PUT, Method::DELETE] {
            assert_eq!(
                admit(&method, &headers, false),
                Admission::Refused,
                "{site} {method}"
            );
        }
        assert_eq!(admit(&Method::GET, &headers, true), Admission::Refused, "{site}");
    }
    let own = headers(&[("sec-fetch-site", "same-origin")]);
    for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE] {
        assert_eq!(admit(&method, &own, true), Admission::Admitted, "{method}");
    }
}

#[test]
fn a_link_of_another_site_is_asked_for_again_and_a_frame_is_not() {
    let link = [
        ("sec-fetch-site", "same-site"),
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-dest", "document"),
    ];
    assert_eq!(admit(&Method::GET, &headers(&link), false), Admission::AskAgain);
    let frame = [link[0], link[1], ("sec-fetch-dest", "iframe")];
    assert_eq!(admit(&Method::GET, &headers(&frame), false), Admission::Refused);
    let image = [
        link[0],
        ("sec-fetch-mode", "no-cors"),
        ("sec-fetch-dest", "image"),
    ];
    assert_eq!(admit(&Method::GET, &headers(&image), false), Admission::Refused);
    let typed = [("sec-fetch-site", "none"), link[1], link[2]];
    assert_eq!(admit(&Method::GET, &headers(&typed), false), Admission::Admitted);
}

#[test]
fn without_the_header_the_origin_decides() {
    let own = headers(&[("host", "store:9444"), ("origin", "https://store:9444")]);
    assert_eq!(admit(&Method::POST, &own, false), Admission::Admitted);
    for origin in ["https://store:9443", "http://store:9444", "null"] {
        let mut other = own.clone();
        other.insert(ORIGIN, HeaderValue::from_static(origin));
        assert_eq!(
            admit(&Method::POST, &other, false),
            Admission::Refused,
            "{origin}"
        );
    }
    let neither = headers(&[("host", "store:9444")]);
    assert_eq!(admit(&Method::POST, &neither, false), Admission::Refused);
    assert_eq!(admit(&Method::GET, &neither, false), Admission::Admitted);
    assert_eq!(admit(&Method::GET, &neither, true), Admission::Refused);
}
