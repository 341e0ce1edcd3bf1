use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use super::*;
use crate::log::fixture::{clock, json_lines, lines_of, log_directory, run, texts, uses, write_files};
use crate::log::verify::{Flaw, VerifyError, verify};

fn names(directory: &Path) -> Vec<String> {
    files::list(directory)
        .unwrap()
        .iter()
        .map(LogFile::name)
        .collect()
}

fn events(directory: &Path, event: &str) -> usize {
    json_lines(directory)
        .iter()
        .filter(|line| line["event"] == event)
        .count()
}

#[test]
fn files_are_private_and_named_after_their_first_line() {
    let directory = tempfile::tempdir().unwrap();
    let log = directory.path().join("audit");
    write_files(&log, 30);
    let files = files::list(&log).unwrap();
    assert!(files.len() > 2);
    assert_eq!(files[0].name(), "audit-00000000000000000001.jsonl");
    for file in &files {
        let mode = std::fs::metadata(&file.path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let first: serde_json::Value = serde_json::from_slice(&lines_of(&file.path)[0]).unwrap();
        assert_eq!(
            (&first["event"], &first["seq"]),
            (&"begin".into(), &file.first.into())
        );
        let length = std::fs::metadata(&file.path).unwrap().len();
        assert!(length < 3500 + 500, "a file ends with the line that fills it");
    }
    assert_eq!(
        std::fs::metadata(&log).unwrap().permissions().mode() & 0o777,
        0o700
    );
    assert_eq!(uses(&log), 30);
}

#[test]
fn old_files_are_removed_and_the_log_says_so() {
    let directory = tempfile::tempdir().unwrap();
    let kept = LogDirectory {
        rotate_at: 3500,
        keep: Some(2),
        ..log_directory(directory.path())
    };
    run(&kept, 60);
    assert_eq!(names(directory.path()).len(), 3);
    let summary = verify(directory.path(), &[], |_| {}).unwrap();
    assert!(summary.first.seq > 1);
    // Lower the number of files to keep: the surplus is deleted at the next start.
    run(
        &LogDirectory {
            keep: Some(1),
            ..kept
        },
        0,
    );
    assert_eq!(names(directory.path()).len(), 2);
    verify(directory.path(), &[], |_| {}).unwrap();
}

#[test]
fn one_process_writes_at_a_time() {
    let directory = tempfile::tempdir().unwrap();
    let first = Writer::open(log_directory(directory.path()), clock()).unwrap();
    let second = Writer::open(log_directory(directory.path()), clock())
        .err()
        .unwrap();
    assert_eq!(second.kind(), io::ErrorKind::ResourceBusy);
    drop(first);
    Writer::open(log_directory(directory.path()), clock()).unwrap();
}

#[test]
fn a_lock_that_a_child_still_holds_is_waited_for() {
    let directory = tempfile::tempdir().unwrap();
    let held = files::lock(directory.path()).unwrap();
    std::thread::scope(|threads| {
        threads.spawn(|| run(&log_directory(directory.path()), 1));
        std::thread::sleep(Duration::from_millis(100));
        drop(held);
    });
    assert_eq!(uses(directory.path()), 1);
}

#[test]
fn a_file_that_somebody_removes_is_missed() {
    let directory = tempfile::tempdir().unwrap();
    let mut writer = Writer::open(log_directory(directory.path()), clock()).unwrap();
    writer.write(&mut texts(2), |_, _| {}).unwrap();
    let gone = files::list(directory.path()).unwrap().remove(0);
    std::fs::remove_file(&gone.path).unwrap();
    writer.write(&mut texts(3), |_, _| {}).unwrap();
    writer.end().unwrap();
    // begin, start, two uses
    assert_eq!(names(directory.path()), ["audit-00000000000000000005.jsonl"]);
    let error = verify(directory.path(), &[], |_| {}).unwrap_err();
    assert!(
        matches!(
            error,
            VerifyError::Broken {
                flaw: Flaw::NoBeginning(5),
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn a_directory_that_is_gone_is_made_again() {
    let directory = tempfile::tempdir().unwrap();
    let log = directory.path().join("audit");
    let mut writer = Writer::open(log_directory(&log), clock()).unwrap();
    std::fs::remove_dir_all(&log).unwrap();
    writer.write(&mut texts(1), |_, _| {}).unwrap();
    assert_eq!(names(&log), ["audit-00000000000000000003.jsonl"]);
}

#[test]
fn a_file_that_somebody_cuts_or_adds_to_is_left_to_be_looked_at() {
    for is_cut in [true, false] {
        let directory = tempfile::tempdir().unwrap();
        let mut writer = Writer::open(log_directory(directory.path()), clock()).unwrap();
        writer.write(&mut texts(2), |_, _| {}).unwrap();
        let path = files::list(directory.path()).unwrap().remove(0).path;
        let mut lines = lines_of(&path);
        if is_cut {
            lines.pop();
        } else {
            lines.push(b"forged\n".to_vec());
        }
        std::fs::write(&path, lines.concat()).unwrap();
        writer.write(&mut texts(1), |_, _| {}).unwrap();
        writer.end().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), lines.concat(), "it is evidence");
        let error = verify(directory.path(), &[], |_| {}).unwrap_err();
        let VerifyError::Broken { flaw, .. } = &error else {
            panic!("{error}")
        };
        let expected = if is_cut {
            Flaw::Gap { from: 4, to: 4 }
        } else {
            Flaw::NoLine
        };
        assert_eq!(*flaw, expected);
    }
}

#[test]
fn what_fails_is_done_later_and_nothing_twice() {
    let directory = tempfile::tempdir().unwrap();
    let log = directory.path().join("audit");
    let mut writer = Writer::open(log_directory(&log), clock()).unwrap();
    let away = directory.path().join("away");
    std::fs::rename(&log, &away).unwrap();
    std::fs::write(&log, "a file where the directory belongs").unwrap();
    let mut lines = texts(5);
    for _ in 0..3 {
        writer
            .write(&mut lines, |_, _| panic!("no line has got a place"))
            .unwrap_err();
        writer.sync().unwrap();
    }
    assert_eq!(lines.len(), 5);
    std::fs::remove_file(&log).unwrap();
    std::fs::rename(&away, &log).unwrap();
    let mut count = 0;
    writer.write(&mut lines, |lines, _| count += lines).unwrap();
    writer.end().unwrap();
    writer.end().unwrap();
    assert_eq!((count, lines.len()), (5, 0));
    assert_eq!(uses(&log), 5);
    assert_eq!(events(&log, "stop"), 1, "asked to end twice, it has ended once");
}

/// Accepts three bytes at a time, and fails every second time.
#[derive(Default)]
struct Flaky {
    bytes: Vec<u8>,
    calls: usize,
}

impl Write for Flaky {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.calls += 1;
        match self.calls % 4 {
            0 => Err(io::ErrorKind::StorageFull.into()),
            2 => Err(io::ErrorKind::Interrupted.into()),
            _ => {
                let some = &bytes[..bytes.len().min(3)];
                self.bytes.extend_from_slice(some);
                Ok(some.len())
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_write_that_breaks_off_is_gone_on_with_where_it_did() {
    let (mut file, mut length, mut failures) = (Flaky::default(), 100, 0);
    let mut pending = Pending::default();
    for round in [&b"a line of some length\n"[..], b"and another one\n"] {
        pending.lines.extend_from_slice(round);
        while pending.write(&mut file, &mut length).is_err() {
            failures += 1;
            assert_eq!(length, 100 + file.bytes.len() as u64);
        }
    }
    assert!(failures > 2);
    assert_eq!(file.bytes, b"a line of some length\nand another one\n");
    assert_eq!(length, 100 + file.bytes.len() as u64);
}
