use super::*;

fn typed(keys: &str) -> String {
    read_line(keys.as_bytes()).unwrap().to_string()
}

#[test]
fn a_line_is_what_was_typed_and_not_taken_back() {
    assert_eq!(typed("a passphrase\nmore"), "a passphrase");
    assert_eq!(typed("a passphrase\r"), "a passphrase");
    assert_eq!(typed("wrong\u{15}right\n"), "right");
    assert_eq!(typed("ab\u{7f}c\u{8}d\n"), "ad");
    assert_eq!(typed("zoë\u{7f}\u{7f}🔐\u{7f}x\n"), "zx");
    assert_eq!(typed("\u{7f}\u{7f}\n"), "");
    assert_eq!(typed("no end"), "no end");
}

#[test]
fn who_gives_up_is_heard() {
    let error = read_line(&b"half a pass\x03"[..]).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::Interrupted);
}

#[test]
fn what_is_no_text_or_has_no_end_is_not_kept() {
    assert!(read_line(&b"\xff\n"[..]).is_err());
    assert_eq!(typed(&"x".repeat(10_000)).len(), MAX_LINE);
}
