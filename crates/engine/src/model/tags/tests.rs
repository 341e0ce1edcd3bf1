use super::*;

fn tags(pairs: &[(&str, &str)], most: usize) -> Result<Tags, TagError> {
    let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    Tags::new(pairs.iter().map(owned), most)
}

#[test]
fn tags_keep_to_the_rules_of_s3() {
    let good = tags(&[("b", ""), ("a", "Größe 10 +-=._:/@"), ("AWSomething", "x")], 3).unwrap();
    assert_eq!(good.len(), 3);
    assert_eq!(good.get("a"), Some("Größe 10 +-=._:/@"));
    assert_eq!(
        good.iter().map(|(key, _)| key).collect::<Vec<_>>(),
        ["AWSomething", "a", "b"]
    );

    assert_eq!(tags(&[("a", ""), ("b", "")], 1), Err(TagError::TooMany(1)));
    assert_eq!(
        tags(&[("a", "1"), ("a", "1")], 9),
        Err(TagError::Twice("a".into()))
    );
    assert_eq!(tags(&[("", "1")], 9), Err(TagError::Key(String::new())));
    assert_eq!(tags(&[("a;", "1")], 9), Err(TagError::Key("a;".into())));
    assert_eq!(tags(&[("a", "<")], 9), Err(TagError::Value("a".into())));
    for key in ["aws:", "aws:x", "AWS:x"] {
        assert_eq!(tags(&[(key, "")], 9), Err(TagError::Reserved(key.into())));
    }
}

#[test]
fn lengths_are_counted_in_utf_16() {
    let (key, value) = ("k".repeat(128), "v".repeat(256));
    assert!(tags(&[(&key, &value)], 1).is_ok());
    assert!(tags(&[(&format!("{key}k"), "")], 1).is_err());
    assert!(tags(&[("k", &format!("{value}v"))], 1).is_err());
    // A character outside the basic plane counts twice.
    assert!(tags(&[(&"\u{20000}".repeat(64), "")], 1).is_ok());
    assert!(tags(&[(&"\u{20000}".repeat(65), "")], 1).is_err());
}
