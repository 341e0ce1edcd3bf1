use proptest::prelude::*;
use proptest::sample::Index;

use super::*;
use crate::log::fixture::{is_genuine, lines_of, log_directory, run, write_files};
use crate::log::line::Text;
use crate::log::writer::LogDirectory;

/// Lines of a log with several files, and a way to rewrite the log with some of them changed.
struct Log {
    directory: tempfile::TempDir,
    files: Vec<(PathBuf, Vec<Vec<u8>>)>,
}

impl Log {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        write_files(directory.path(), 30);
        let files = files::list(directory.path()).unwrap();
        let files: Vec<_> = files
            .into_iter()
            .map(|file| (file.path.clone(), lines_of(&file.path)))
            .collect();
        assert!(files.len() >= 3 && files.iter().all(|(_, lines)| lines.len() > 3));
        Self { directory, files }
    }

    fn write(&self) {
        for (path, lines) in &self.files {
            std::fs::write(path, lines.concat()).unwrap();
        }
    }

    fn verify(&self) -> Result<LogSummary, VerifyError> {
        self.write();
        verify(self.directory.path(), &[], |_| {})
    }

    /// Returns where the chain breaks: the index of the file, the line and the flaw.
    fn break_(&self) -> (usize, u64, Flaw) {
        match self.verify() {
            Err(VerifyError::Broken { file, line, flaw }) => {
                let file = self.files.iter().position(|(path, _)| *path == file).unwrap();
                (file, line, flaw)
            }
            other => panic!("{other:?}"),
        }
    }

    fn lines(&mut self, file: usize) -> &mut Vec<Vec<u8>> {
        &mut self.files[file].1
    }

    fn first(&self, file: usize) -> u64 {
        Line::read(self.files[file].1[0].trim_ascii_end()).unwrap().seq
    }
}

#[test]
fn a_log_that_nobody_touched_is_whole() {
    let log = Log::new();
    let mut read = 0;
    let summary = verify(log.directory.path(), &[], |bytes| read += bytes).unwrap();
    let lines: Vec<_> = log.files.iter().flat_map(|(_, lines)| lines).collect();
    let last = Line::read(lines[lines.len() - 1].trim_ascii_end()).unwrap();
    assert_eq!(
        (summary.files, summary.lines),
        (log.files.len(), lines.len() as u64)
    );
    assert_eq!((summary.first.seq, summary.last.seq), (1, lines.len() as u64));
    assert_eq!(summary.first.time, "2026-11-23T12:00:00.000000Z");
    assert_eq!(summary.head, last.hash);
    assert!(!summary.is_unfinished && summary.torn == 0);
    assert_eq!(read, lines.iter().map(|line| line.len() as u64).sum::<u64>());
}

#[test]
fn a_changed_line_is_found() {
    let mut log = Log::new();
    let line = &mut log.lines(1)[2];
    let text = String::from_utf8(line.clone()).unwrap();
    *line = text.replace("SRTEST", "SRELSE").into_bytes();
    assert_eq!(log.break_(), (1, 3, Flaw::Changed));
}

/// Changing a line and recomputing its hash breaks the next line.
#[test]
fn a_line_made_anew_is_found() {
    let mut log = Log::new();
    let before = log.files[1].1[1].clone();
    let before = Line::read(before.trim_ascii_end()).unwrap();
    let mut chain = Chain {
        next: before.seq + 1,
        head: before.hash,
    };
    let mut forged = Vec::new();
    chain.add(&Text::of_mark(0, &Mark::Stop).unwrap(), &mut forged);
    assert!(is_genuine(&forged));
    log.lines(1)[2] = forged;
    assert_eq!(log.break_(), (1, 4, Flaw::Rewritten));
}

#[test]
fn a_removed_line_is_found() {
    let mut log = Log::new();
    log.lines(1).remove(2);
    let missing = log.first(1) + 2;
    assert_eq!(
        log.break_(),
        (
            1,
            3,
            Flaw::Gap {
                from: missing,
                to: missing
            }
        )
    );
}

#[test]
fn swapped_lines_are_found() {
    let mut log = Log::new();
    log.lines(1).swap(2, 3);
    let missing = log.first(1) + 2;
    assert_eq!(
        log.break_(),
        (
            1,
            3,
            Flaw::Gap {
                from: missing,
                to: missing
            }
        )
    );
}

#[test]
fn inserted_lines_are_found() {
    let mut log = Log::new();
    let copy = log.lines(0)[2].clone();
    log.lines(1).insert(2, copy);
    assert_eq!(log.break_(), (1, 3, Flaw::Again(3)));
    log.lines(1)[2] = b"{\"seq\":1}\n".to_vec();
    assert_eq!(log.break_(), (1, 3, Flaw::NoLine));
    log.lines(1)[2] = b"\n".to_vec();
    assert_eq!(log.break_(), (1, 3, Flaw::NoLine));
    log.lines(1)[2] = vec![b'x'; 3 << 20];
    assert_eq!(log.break_(), (1, 3, Flaw::NoLine));
}

#[test]
fn a_removed_file_is_found() {
    let mut log = Log::new();
    let (middle, lines) = log.files.remove(1);
    std::fs::remove_file(&middle).unwrap();
    let gap = Flaw::Gap {
        from: Line::read(lines[0].trim_ascii_end()).unwrap().seq,
        to: log.first(1) - 1,
    };
    assert_eq!(log.break_(), (1, 1, gap));
    // Remove the first file: no line records that it was deleted in order.
    let (first, _) = log.files.remove(0);
    std::fs::remove_file(&first).unwrap();
    let begins = log.first(0);
    assert_eq!(log.break_(), (0, 1, Flaw::NoBeginning(begins)));
}

#[test]
fn a_cut_file_is_found() {
    let mut log = Log::new();
    let cut = log.lines(0).pop().unwrap();
    let missing = Line::read(cut.trim_ascii_end()).unwrap().seq;
    assert_eq!(
        log.break_(),
        (
            1,
            1,
            Flaw::Gap {
                from: missing,
                to: missing
            }
        )
    );
    log.lines(0).push(cut[..cut.len() / 2].to_vec());
    let line = log.files[0].1.len() as u64;
    assert_eq!(log.break_(), (0, line, Flaw::NoEnd));
    log.lines(0).clear();
    assert_eq!(log.break_(), (0, 1, Flaw::Empty));
}

#[test]
fn a_file_under_another_name_is_found() {
    let log = Log::new();
    let (path, _) = &log.files[1];
    let name = log.first(1) + 1;
    let other = LogFile::new(log.directory.path(), name);
    std::fs::rename(path, &other.path).unwrap();
    let error = verify(log.directory.path(), &[], |_| {}).unwrap_err();
    let VerifyError::Broken { file, line: 1, flaw } = error else {
        panic!("{error}")
    };
    assert_eq!(
        (file, flaw),
        (
            other.path,
            Flaw::Name {
                name,
                found: name - 1
            }
        )
    );
}

/// The log itself does not show it; a hash stored elsewhere does.
#[test]
fn an_end_that_was_cut_off_is_found_by_a_noted_hash() {
    let mut log = Log::new();
    let noted = log.verify().unwrap().head;
    let earlier = Line::read(log.files[1].1[1].trim_ascii_end()).unwrap().hash;
    verify(log.directory.path(), &[earlier, noted], |_| {}).unwrap();
    let last = log.files.len() - 1;
    log.lines(last).pop();
    log.verify().unwrap();
    let error = verify(log.directory.path(), &[earlier, noted], |_| {}).unwrap_err();
    assert!(
        matches!(error, VerifyError::Unexpected(hash) if hash == noted),
        "{error}"
    );
    verify(log.directory.path(), &[earlier], |_| {}).unwrap();
}

/// A log that was completely rewritten is found by a stored hash.
#[test]
fn another_log_is_found_by_a_noted_hash() {
    let noted = {
        let log = Log::new();
        log.verify().unwrap().head
    };
    let other = tempfile::tempdir().unwrap();
    run(&log_directory(other.path()), 100);
    let error = verify(other.path(), &[noted], |_| {}).unwrap_err();
    assert!(error.to_string().contains(&hex::encode(noted)), "{error}");
}

#[test]
fn a_line_that_is_being_written_is_no_break() {
    let mut log = Log::new();
    let last = log.files.len() - 1;
    let cut = log.lines(last).pop().unwrap();
    log.lines(last).push(cut[..cut.len() - 9].to_vec());
    assert!(log.verify().unwrap().is_unfinished);
    // Remove only the line end.
    log.lines(last).pop();
    log.lines(last).push(cut[..cut.len() - 1].to_vec());
    assert!(!log.verify().unwrap().is_unfinished);
    // Add a file that was just created.
    log.files
        .push((LogFile::new(log.directory.path(), 1000).path, Vec::new()));
    log.lines(last).pop();
    log.lines(last).push(cut);
    log.verify().unwrap();
}

#[test]
fn files_removed_in_order_are_no_break_and_others_are() {
    let directory = tempfile::tempdir().unwrap();
    let kept = LogDirectory {
        rotate_at: 3500,
        keep: Some(3),
        ..log_directory(directory.path())
    };
    run(&kept, 60);
    let summary = verify(directory.path(), &[], |_| {}).unwrap();
    assert!(summary.first.seq > 1);
    // Remove one more file than the log records.
    let oldest = files::list(directory.path()).unwrap().remove(0);
    std::fs::remove_file(&oldest.path).unwrap();
    let error = verify(directory.path(), &[], |_| {}).unwrap_err();
    let VerifyError::Broken {
        flaw: Flaw::NoBeginning(_),
        ..
    } = error
    else {
        panic!("{error}")
    };
}

#[test]
fn a_log_of_a_later_form_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let mut lines = Vec::new();
    let begin = Text::of_mark(0, &Mark::Begin { format: 2 }).unwrap();
    Chain::EMPTY.clone().add(&begin, &mut lines);
    std::fs::write(LogFile::new(directory.path(), 1).path, lines).unwrap();
    let error = verify(directory.path(), &[], |_| {}).unwrap_err();
    assert!(error.to_string().contains("format 2"), "{error}");
}

#[test]
fn no_log_is_not_a_whole_one() {
    let directory = tempfile::tempdir().unwrap();
    let is_file = directory.path().join("file");
    std::fs::write(&is_file, "").unwrap();
    for nowhere in [directory.path(), &directory.path().join("nowhere")] {
        let error = verify(nowhere, &[], |_| {}).unwrap_err();
        assert!(matches!(error, VerifyError::NoLog(_)), "{error}");
    }
    let error = verify(&is_file, &[], |_| {}).unwrap_err();
    assert!(matches!(error, VerifyError::Read { .. }), "{error}");
}

/// Changes to a log without recomputing hashes.
#[derive(Debug, Clone)]
enum Meddling {
    Remove(Index),
    Swap(Index, Index),
    Copy(Index, Index),
    Change(Index, Index, u8),
}

fn meddling() -> impl Strategy<Value = Meddling> {
    let index = any::<Index>;
    prop_oneof![
        index().prop_map(Meddling::Remove),
        (index(), index()).prop_map(|(a, b)| Meddling::Swap(a, b)),
        (index(), index()).prop_map(|(a, b)| Meddling::Copy(a, b)),
        (index(), index(), 1..=255_u8).prop_map(|(a, b, c)| Meddling::Change(a, b, c)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Every change shows in the chain, and a change at the very end shows in the head.
    #[test]
    fn meddling_is_found(steps in prop::collection::vec(meddling(), 1..4)) {
        let directory = tempfile::tempdir().unwrap();
        run(&log_directory(directory.path()), 12);
        let path = files::list(directory.path()).unwrap().remove(0).path;
        let whole = lines_of(&path);
        let head = verify(directory.path(), &[], |_| {}).unwrap().head;
        let mut lines = whole.clone();
        for step in steps {
            let count = lines.len();
            match step {
                Meddling::Remove(at) => { lines.remove(at.index(count)); }
                Meddling::Swap(a, b) => lines.swap(a.index(count), b.index(count)),
                Meddling::Copy(from, to) => lines.insert(to.index(count), lines[from.index(count)].clone()),
                Meddling::Change(line, at, by) => {
                    let line = &mut lines[line.index(count)];
                    let at = at.index(line.len());
                    line[at] ^= by;
                }
            }
        }
        std::fs::write(&path, lines.concat()).unwrap();
        let found = verify(directory.path(), &[head], |_| {});
        prop_assert_eq!(found.is_ok(), lines.concat() == whole.concat(), "{:?}", found);
    }
}
