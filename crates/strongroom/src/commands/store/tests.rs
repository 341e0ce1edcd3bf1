use super::*;

#[test]
fn a_summary_has_no_rows_of_zero() {
    assert_eq!(
        summary(2, 0, 0, 0, 1024),
        "Decrypted    2 versions, every chunk\nRead         1.0 KiB\nNo damage found.\n"
    );
    let damaged = summary(2, 1, 3, 1, 0);
    assert_eq!(damaged.lines().count(), 5);
    for row in [
        "SSE-C        1 version,",
        "Not checked  3 versions,",
        "Damaged      1 version\n",
    ] {
        assert!(damaged.contains(row), "{row} missing in\n{damaged}");
    }
    assert!(!damaged.contains("No damage"));
    assert_eq!(summary(0, 0, 0, 0, 0), "Nothing to check: no versions.\n");
}
