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
