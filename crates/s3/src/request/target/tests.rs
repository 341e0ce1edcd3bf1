use super::*;
use http::HeaderValue;

fn request(path: &str) -> Request<()> {
    let mut request = Request::new(());
    *request.uri_mut() = path.parse().unwrap();
    request
}

#[test]
fn the_level_of_a_request_follows_its_host() {
    let level = |host: &'static str, path: &str| {
        let mut request = request(path);
        request.headers_mut().insert(HOST, HeaderValue::from_static(host));
        Level::of(&Hosts::new(&[]), &request)
    };
    assert_eq!(level("localhost:9000", "/"), Level::Service);
    assert_eq!(level("localhost:9000", "/b"), Level::Bucket);
    assert_eq!(level("localhost:9000", "/b/"), Level::Bucket);
    assert_eq!(level("localhost:9000", "/b//"), Level::Object);
    assert_eq!(level("b.localhost:9000", "/"), Level::Bucket);
    assert_eq!(level("b.localhost:9000", "/k"), Level::Object);
    let bucket = |host: &'static str, path: &str| {
        let mut request = request(path);
        request.headers_mut().insert(HOST, HeaderValue::from_static(host));
        bucket_of(&Hosts::new(&[]), &request)
    };
    assert_eq!(bucket("localhost:9000", "/"), None);
    assert_eq!(bucket("localhost:9000", "/b%62/k"), Some("bb".to_owned()));
    assert_eq!(bucket("b.localhost:9000", "/k"), Some("b".to_owned()));
}

#[test]
fn forms_are_known_however_their_type_is_spelt() {
    let request = |method: Method, kind: &'static str| {
        let mut request = Request::new(());
        *request.method_mut() = method;
        request
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        request
    };
    for kind in [
        "multipart/form-data; boundary=x",
        "Multipart/Form-Data;boundary=x",
    ] {
        assert!(is_form(&request(Method::POST, kind)));
        assert!(!is_form(&request(Method::PUT, kind)));
    }
    assert!(!is_form(&request(Method::POST, "application/xml")));
}
