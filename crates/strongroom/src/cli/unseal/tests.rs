use super::*;

#[test]
fn ranges_are_read() {
    for (text, range) in [
        ("0-0", ByteRange::From(0, Some(0))),
        ("5-9", ByteRange::From(5, Some(9))),
        ("5-", ByteRange::From(5, None)),
    ] {
        assert_eq!(text.parse::<RangeFlag>().unwrap(), RangeFlag(range));
    }
    for text in ["", "-", "5", "-5", "9-5", "a-b", "1-2-3", "99999999999999999999-"] {
        assert!(text.parse::<RangeFlag>().is_err(), "{text:?}");
    }
}
