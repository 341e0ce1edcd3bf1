use super::*;

#[test]
fn the_signature_leaves_the_address_and_nothing_else() {
    for (before, after) in [
        (
            "/b/k?X-Amz-Signature=1&x-id=GetObject&X-Amz-Date=2",
            "/b/k?x-id=GetObject",
        ),
        ("/b/k?X-Amz-Signature=1", "/b/k?"),
        ("/b/k?prefix=X-Amz-", "/b/k?prefix=X-Amz-"),
        ("/b/k%2Fl", "/b/k%2Fl"),
        (
            "http://host:1/b?X-Amz-Date=2&versions",
            "http://host:1/b?versions",
        ),
    ] {
        assert_eq!(without_signature(before.parse().unwrap()).to_string(), after);
    }
}
