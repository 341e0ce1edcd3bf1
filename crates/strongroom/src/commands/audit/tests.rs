use time::macros::datetime;

use super::fixture::wrapped;
use super::*;
use crate::cli::audit::AuditFilter;

const NOW: OffsetDateTime = datetime!(2026-11-23 12:00:02 UTC);

fn run(directory: &Path, uses: usize) {
    fixture::run(directory, &vec![(2, wrapped("plan.txt")); uses]);
}

fn verified(directory: &Path, expected: &[NotedHash]) -> Result<String, AuditError> {
    let mut output = Vec::new();
    verify_directory(directory, expected, &mut output)?;
    Ok(String::from_utf8(output).unwrap())
}

#[test]
fn the_head_that_is_printed_is_what_a_later_check_expects() {
    let directory = tempfile::tempdir().unwrap();
    run(directory.path(), 3);
    let answer = verified(directory.path(), &[]).unwrap();
    assert!(
        answer.contains("Lines  6\nFirst  1 at 2026-11-23T12:00:00.000000Z\nLast   6 at "),
        "{answer}"
    );
    assert!(
        answer.contains("The chain is intact.\nAnyone who can write"),
        "{answer}"
    );
    let head = answer
        .lines()
        .find_map(|line| line.strip_prefix("Head   "))
        .unwrap();
    run(directory.path(), 1);
    let later = verified(directory.path(), &[head.parse().unwrap()]).unwrap();
    assert!(later.contains("The log contains the expected line."), "{later}");
    let error = verified(directory.path(), &["00".repeat(32).parse().unwrap()]).unwrap_err();
    assert!(error.to_string().contains("no line has the hash 0000"), "{error}");
}

#[test]
fn a_directory_without_a_log_is_told() {
    let directory = tempfile::tempdir().unwrap();
    for error in [
        verified(directory.path(), &[]).unwrap_err(),
        show_directory(directory.path(), AuditFilter::default(), NOW, &mut Vec::new()).unwrap_err(),
    ] {
        assert!(error.to_string().contains("--directory"), "{error}");
    }
}

#[test]
fn who_has_seen_enough_may_go() {
    struct Closed;
    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let directory = tempfile::tempdir().unwrap();
    run(directory.path(), 3);
    show_directory(directory.path(), AuditFilter::default(), NOW, &mut Closed).unwrap();
    let filter = AuditFilter {
        since: Some("1s".parse().unwrap()),
        json: true,
        ..AuditFilter::default()
    };
    let mut output = Vec::new();
    show_directory(directory.path(), filter, NOW, &mut output).unwrap();
    let text = String::from_utf8(output).unwrap();
    assert!(
        text.contains(r#""event":"start""#) && !text.contains(r#""event":"begin""#),
        "{text}"
    );
}
