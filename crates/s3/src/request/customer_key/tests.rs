use super::*;

const KEY: &[(&str, &str)] = &[(
    "x-amz-server-side-encryption-customer-key",
    "MjM4MzJCQUMxNjUxNjE1MkU1NjBGOTMzRjI2MUJGMDM=",
)];

#[test]
fn a_request_that_may_bring_a_key_is_known_by_its_head() {
    let request = |uri: &str, headers: &[(&str, &str)]| {
        let mut request = Request::post(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap()
    };
    for (uri, headers) in [
        ("/b/k", KEY),
        (
            "/b/k",
            &[("x-amz-copy-source-server-side-encryption-customer-key", "")],
        ),
        ("/b", &[("content-type", "multipart/form-data; boundary=b")]),
        ("/b/k?X-Amz-Server-Side-Encryption-Customer-%6Bey=x", &[]),
    ] {
        assert!(
            may_bring_customer_key(&request(uri, headers)),
            "{uri} {headers:?}"
        );
    }
    for (uri, headers) in [
        (
            "/b/k?x=customer-key",
            &[("x-amz-server-side-encryption", "AES256")],
        ),
        ("/b/k", &[("content-type", "text/plain")]),
    ] {
        assert!(
            !may_bring_customer_key(&request(uri, headers)),
            "{uri} {headers:?}"
        );
    }
}
