use super::*;

#[test]
fn urls_are_ones_that_work() {
    for (scheme, address, expected) in [
        ("https", "0.0.0.0:9443", "https://localhost:9443"),
        ("https", "127.0.0.1:9443", "https://localhost:9443"),
        ("https", "[::]:443", "https://localhost"),
        ("https", "192.0.2.10:443", "https://192.0.2.10"),
        ("https", "[2001:db8::1]:9443", "https://[2001:db8::1]:9443"),
        ("http", "127.0.0.1:9000", "http://127.0.0.1:9000"),
        ("http", "0.0.0.0:80", "http://localhost"),
    ] {
        assert_eq!(nearby(scheme, address.parse().unwrap()), expected);
    }
}

#[test]
fn hosts_are_shown_when_others_can_come() {
    let hosts = ["s3.example.com".parse().unwrap(), "2001:db8::1".parse().unwrap()];
    let seen = elsewhere(&hosts, "0.0.0.0:9443".parse().unwrap());
    assert_eq!(
        seen,
        ["https://s3.example.com:9443", "https://[2001:db8::1]:9443"]
    );
    assert!(elsewhere(&hosts, "127.0.0.1:9443".parse().unwrap()).is_empty());
}
