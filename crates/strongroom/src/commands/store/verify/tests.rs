use super::*;

fn verified(opened: u64, sealed: u64, without_key: u64, damaged: u64, bytes: u64) -> Verified {
    Verified {
        opened,
        sealed,
        bytes,
        without_key,
        damaged,
    }
}

#[test]
fn a_summary_has_no_rows_of_zero() {
    assert_eq!(
        summary(&verified(2, 0, 0, 0, 1024)),
        "Decrypted    2 versions, every chunk\nRead         1.0 KiB\nNo damage found.\n"
    );
    let damaged = summary(&verified(2, 1, 3, 1, 0));
    assert_eq!(damaged.lines().count(), 5);
    for row in [
        "SSE-C        1 version,",
        "Not checked  3 versions,",
        "Damaged      1 version\n",
    ] {
        assert!(damaged.contains(row), "{row} missing in\n{damaged}");
    }
    assert!(!damaged.contains("No damage"));
    assert_eq!(
        summary(&verified(0, 0, 0, 0, 0)),
        "Nothing to check: no versions.\n"
    );
}
