use super::*;
use crate::request::host::Hosts;
use crate::request::operation::OPERATIONS;
use http::Request;
use s3s::Body;
use std::collections::BTreeSet;

fn request(method: &Method, uri: &str) -> Request<Body> {
    let mut request = Request::new(Body::empty());
    *request.method_mut() = method.clone();
    *request.uri_mut() = uri.parse().unwrap();
    request
}

fn refusal(method: &Method, uri: &str) -> Option<ErrorResponse> {
    let request = request(method, uri);
    check(
        method,
        Level::of(&Hosts::new(&[]), &request),
        &Query::read(request.uri()),
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
    let names: BTreeSet<_> = OPERATIONS
        .iter()
        .filter_map(|operation| operation.sub_resource)
        .collect();
    for name in names.into_iter().chain(["append", "events", "usage", "unknown"]) {
        for method in &methods {
            for path in ["/", "/b", "/b/", "/b/k", "/b/k/"] {
                for value in ["", "=", "=1"] {
                    // A part needs a number too.
                    let is_part = name == "uploadId" && *method == Method::PUT && path.starts_with("/b/k");
                    let number = if is_part { "&partNumber=1" } else { "" };
                    let uri = format!("{path}?{name}{value}{number}");
                    match refusal(method, &uri) {
                        // A key has no such sub-resource, but a bucket has.
                        Some(refused) if refused.code == "InvalidRequest" => {
                            assert!(
                                *method == Method::GET && path.starts_with("/b/k"),
                                "{method} {uri}"
                            );
                        }
                        Some(refused) => assert_eq!(refused.code, "NotImplemented", "{method} {uri}"),
                        None => passed.push(format!(
                            "{method} {}",
                            uri.replace(number, "")
                                .replace("/?", "?")
                                .trim_end_matches(['=', '1'])
                        )),
                    }
                }
            }
        }
    }
    passed.retain(|uri| !uri.ends_with("unknown"));
    passed.sort();
    passed.dedup();
    let offered = OPERATIONS.iter().filter(|operation| operation.is_offered());
    let offered = offered.filter_map(|operation| {
        let path = if operation.level == Level::Bucket {
            "/b"
        } else {
            "/b/k"
        };
        Some(format!("{} {path}?{}", operation.method, operation.sub_resource?))
    });
    let mut offered: Vec<String> = offered.collect();
    offered.sort();
    offered.dedup();
    assert_eq!(passed, offered);
    // s3s has no operation for these and would read them as requests for the bucket or object itself.
    for uri in [
        "PUT /b?location",
        "PUT /b?policyStatus",
        "DELETE /b?acl",
        "DELETE /b?logging",
        "DELETE /b?versioning",
        "DELETE /b/k?acl",
        "PUT /b?uploads",
    ] {
        assert!(!passed.iter().any(|passed| passed == uri), "{uri}");
    }
    for half_a_part in ["/b/k?partNumber=1", "/b/k?uploadId=1"] {
        assert!(refusal(&Method::PUT, half_a_part).is_some());
    }
}

#[test]
fn one_request_names_one_sub_resource() {
    for uri in ["/b?tagging&policy", "/b?policy=&x=1&tagging=", "/b?acl&acl"] {
        let code = refusal(&Method::GET, uri).map(|error| error.code);
        assert_eq!(code, Some("InvalidArgument"), "{uri}");
    }
    assert_eq!(refusal(&Method::GET, "/b?tagging&x-id=GetBucketTagging"), None);
}

#[test]
fn documents_about_objects_are_not_their_content() {
    let is = |query: &str| !body_is_content(&Query::read(&format!("/b/k?{query}").parse().unwrap()));
    assert!(is("acl") && is("tagging=") && is("retention&versionId=null"));
    assert!(!is("") && !is("partNumber=1&uploadId=x") && !is("x-id=PutObject"));
}

#[test]
fn sub_resources_of_buckets_are_none_of_keys() {
    for name in ["versions", "uploads", "policy", "lifecycle"] {
        let error = refusal(&Method::GET, &format!("/b/k?{name}")).unwrap();
        let message = format!("There is no such thing as the ?{name} sub-resource for a key");
        assert_eq!(
            (error.code, error.message.as_ref()),
            ("InvalidRequest", message.as_str())
        );
    }
    assert_eq!(refusal(&Method::GET, "/b?versions"), None);
    assert_eq!(refusal(&Method::GET, "/b/k?tagging"), None);
}
