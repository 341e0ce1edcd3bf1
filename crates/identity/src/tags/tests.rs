use super::*;

fn tag(key: &str, value: &str) -> (String, String) {
    (key.to_owned(), value.to_owned())
}

#[test]
fn keys_differ_in_more_than_case() {
    let tags = Tags::new([tag("b", "2"), tag("A", "1")]).unwrap();
    assert_eq!(tags.iter().collect::<Vec<_>>(), [("A", "1"), ("b", "2")]);
    assert_eq!(tags.get("a"), Some("1"));
    assert!(Tags::new([tag("a", "1"), tag("A", "2")]).is_err());
}

#[test]
fn tags_are_replaced_and_removed() {
    let mut tags = Tags::new([tag("a", "1"), tag("b", "2")]).unwrap();
    tags.merge(&Tags::new([tag("B", "3"), tag("c", "")]).unwrap())
        .unwrap();
    assert_eq!(
        tags.iter().collect::<Vec<_>>(),
        [("B", "3"), ("a", "1"), ("c", "")]
    );
    tags.remove(&["b".to_owned(), "x".to_owned()]);
    assert_eq!(tags.len(), 2);
}

#[test]
fn invalid_tags_are_refused() {
    let long = "a".repeat(129);
    for (key, value) in [
        ("", ""),
        ("aws:x", ""),
        ("AWS:x", ""),
        (&long, ""),
        ("a*", ""),
        ("a", "<"),
    ] {
        let refused = Tags::new([tag(key, value)]);
        assert!(matches!(refused, Err(IdentityError::InvalidInput(_))), "{key}");
    }
    assert!(Tags::new([tag("ä ", &"a".repeat(256))]).is_ok());
    assert!(Tags::new([tag("a", &"a".repeat(257))]).is_err());
    let fifty: Vec<_> = (0..50).map(|n| tag(&format!("k{n}"), "v")).collect();
    let mut tags = Tags::new(fifty).unwrap();
    tags.merge(&Tags::new([tag("K1", "w")]).unwrap()).unwrap();
    let more = tags.merge(&Tags::new([tag("new", "w")]).unwrap());
    assert!(matches!(more, Err(IdentityError::LimitExceeded(_))));
}
