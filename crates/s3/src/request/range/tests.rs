use super::*;
use s3s::dto::Range;

#[test]
fn numbers_of_any_length_are_read() {
    for (sent, read) in [
        ("bytes=0-4", "bytes=0-4"),
        ("bytes=4-", "bytes=4-"),
        ("bytes=-4", "bytes=-4"),
        ("Bytes=0-4", "bytes=0-4"),
        ("bytes=00-04", "bytes=0-4"),
        ("bytes=0-18446744073709551615", "bytes=0-9223372036854775807"),
        ("bytes=8-99999999999999999999", "bytes=8-9223372036854775807"),
        ("bytes=0-9223372036854775808", "bytes=0-9223372036854775807"),
        ("bytes=-99999999999999999999", "bytes=-9223372036854775807"),
        ("bytes=99999999999999999999-", "bytes=9223372036854775807-"),
        (
            "bytes=99999999999999999998-99999999999999999999",
            "bytes=9223372036854775807-9223372036854775807",
        ),
    ] {
        assert_eq!(readable(sent).as_deref(), Some(read), "{sent}");
        assert!(Range::parse(read).is_ok(), "{read}");
    }
}

#[test]
fn what_is_no_range_is_none() {
    for sent in [
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=5-4",
        "bytes=99999999999999999999-99999999999999999998",
        "bytes=a-b",
        "bytes=0-1,2-3",
        "bytes=+1-2",
        "items=0-1",
    ] {
        assert_eq!(readable(sent), None, "{sent}");
    }
}
