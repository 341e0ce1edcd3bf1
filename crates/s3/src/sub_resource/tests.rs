use super::*;
use http::HeaderValue;

fn request(method: &Method, uri: &str) -> Request<Body> {
    let mut request = Request::new(Body::empty());
    *request.method_mut() = method.clone();
    *request.uri_mut() = uri.parse().unwrap();
    request
}

fn refusal(method: &Method, uri: &str) -> Option<Answer> {
    let request = request(method, uri);
    check(
        method,
        Level::of(&Hosts::new(&[]), &request),
        &Query::of(&request),
    )
    .err()
}

#[test]
fn sub_resources_are_not_taken_for_the_thing_itself() {
    let methods = [
        Method::GET,
        Method::HEAD,
        Method::PUT,
        Method::POST,
        Method::DELETE,
    ];
    let mut passed = Vec::new();
    for name in SUB_RESOURCES.into_iter().chain(["unknown"]) {
        for method in &methods {
            for path in ["/", "/b", "/b/", "/b/k", "/b/k/"] {
                for value in ["", "=", "=1"] {
                    let uri = format!("{path}?{name}{value}");
                    match refusal(method, &uri) {
                        Some(refused) => assert_eq!(refused.code, "NotImplemented", "{method} {uri}"),
                        None => passed.push(format!(
                            "{method} {}",
                            uri.replace("/?", "?").trim_end_matches(['=', '1'])
                        )),
                    }
                }
            }
        }
    }
    passed.retain(|uri| !uri.ends_with("unknown"));
    passed.sort();
    passed.dedup();
    let mut offered: Vec<String> = OFFERED
        .iter()
        .map(|(method, level, name)| match level {
            Level::Service => format!("{method} /?{name}"),
            Level::Bucket => format!("{method} /b?{name}"),
            Level::Object => format!("{method} /b/k?{name}"),
        })
        .collect();
    offered.sort();
    assert_eq!(passed, offered);
    assert!(refusal(&Method::PUT, "/b/k?partNumber=1").is_some());
}

#[test]
fn the_level_of_a_request_follows_its_host() {
    let level = |host: &'static str, path: &str| {
        let mut request = request(&Method::GET, path);
        request.headers_mut().insert(HOST, HeaderValue::from_static(host));
        Level::of(&Hosts::new(&[]), &request)
    };
    assert_eq!(level("localhost:9000", "/"), Level::Service);
    assert_eq!(level("localhost:9000", "/b"), Level::Bucket);
    assert_eq!(level("localhost:9000", "/b/"), Level::Bucket);
    assert_eq!(level("localhost:9000", "/b//"), Level::Object);
    assert_eq!(level("b.localhost:9000", "/"), Level::Bucket);
    assert_eq!(level("b.localhost:9000", "/k"), Level::Object);
}
