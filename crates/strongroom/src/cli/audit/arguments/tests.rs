use time::macros::datetime;

use super::*;

const NOW: OffsetDateTime = datetime!(2026-11-23 12:00 UTC);

#[test]
fn times_are_taken_in_the_forms_that_people_write() {
    for (text, written) in [
        ("2026-11-23T10:30:00Z", "2026-11-23T10:30:00.000000Z"),
        ("2026-11-23T10:30:00.25+02:00", "2026-11-23T08:30:00.250000Z"),
        ("2026-11-01", "2026-11-01T00:00:00.000000Z"),
        ("90s", "2026-11-23T11:58:30.000000Z"),
        ("15m", "2026-11-23T11:45:00.000000Z"),
        ("6h", "2026-11-23T06:00:00.000000Z"),
        ("7d", "2026-11-16T12:00:00.000000Z"),
        ("4294967295d", "1970-01-01T00:00:00.000000Z"),
    ] {
        let since: Since = text.parse().unwrap();
        assert_eq!(since.written(NOW), written, "{text}");
    }
    for text in ["", "yesterday", "10", "h", "-1h", "2026-13-01", "10:30"] {
        assert_eq!(text.parse::<Since>(), Err(ArgumentError::Since), "{text}");
    }
}

#[test]
fn a_hash_is_64_hex_digits() {
    let hash: NotedHash = "9f".repeat(32).parse().unwrap();
    assert_eq!(hash.0, [0x9f; 32]);
    for text in ["", "9f", &"9f".repeat(33), &"xy".repeat(32)] {
        assert_eq!(text.parse::<NotedHash>(), Err(ArgumentError::Hash));
    }
}
