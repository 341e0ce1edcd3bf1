use super::*;

#[test]
fn plain_text_stays_as_it_is_and_other_text_is_quoted() {
    for plain in ["plan.txt", "a/b", "ü", "日本語/鍵", "a=b&c"] {
        assert_eq!(printable(plain), plain);
    }
    for (text, quoted) in [
        ("", r#""""#),
        ("a b", r#""a b""#),
        ("\u{1b}[2J", r#""\u{1b}[2J""#),
        ("a\nb", r#""a\nb""#),
        ("\"", r#""\"""#),
        ("\u{202e}", r#""\u{202e}""#),
        ("\u{85}", r#""\u{85}""#),
    ] {
        assert_eq!(printable(text), quoted);
    }
}
