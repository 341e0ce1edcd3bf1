use super::*;

fn bucket(hosts: &[&str], host: &str) -> Option<String> {
    let hosts = Hosts::new(&hosts.iter().map(|h| (*h).to_owned()).collect::<Vec<_>>());
    hosts.bucket(host)
}

#[test]
fn subdomains_of_our_hosts_are_buckets() {
    assert_eq!(
        bucket(&["s3.example.com"], "photos.s3.example.com"),
        Some("photos".into())
    );
    assert_eq!(
        bucket(&["s3.example.com"], "photos.S3.example.com:9443"),
        Some("photos".into())
    );
    assert_eq!(
        bucket(&["s3.example.com"], "my.photos.s3.example.com"),
        Some("my.photos".into())
    );
    assert_eq!(bucket(&[], "photos.localhost:9000"), Some("photos".into()));
}

#[test]
fn all_else_is_path_style() {
    for host in [
        "s3.example.com",
        "localhost:9000",
        "other.example.org",
        "xs3.example.com",
        "s3.example.com.",
    ] {
        assert_eq!(bucket(&["s3.example.com"], host), None, "{host}");
    }
}

#[test]
fn of_nested_hosts_the_inner_one_is_meant() {
    assert_eq!(
        bucket(&["example.com", "s3.example.com"], "a.s3.example.com"),
        Some("a".into())
    );
    assert_eq!(bucket(&["example.com", "s3.example.com"], "s3.example.com"), None);
}

#[test]
fn an_address_is_where_the_request_was_sent() {
    let transport = |secure| Transport {
        secure,
        local: true,
        peer: std::net::Ipv4Addr::LOCALHOST.into(),
    };
    let mut headers = HeaderMap::new();
    let uri = Uri::from_static("https://store.example:9443/b");
    // HTTP/2 requests have no such header.
    assert_eq!(
        address(transport(true), &headers, &uri, "b", "a b/\u{fc}"),
        "https://store.example:9443/b/a%20b/%C3%BC"
    );
    headers.insert(HOST, "b.localhost:9000".parse().unwrap());
    assert_eq!(
        address(transport(false), &headers, &uri, "b", "k"),
        "http://localhost:9000/b/k"
    );
}
