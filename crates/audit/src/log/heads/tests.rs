use super::*;
use crate::audit::Audit as _;
use crate::log::AuditLog;
use crate::log::fixture::wrapped;
use crate::log::writer::LogDirectory;
use crate::request::Categories;
use std::sync::Arc;

const STORE: [u8; 16] = [1; 16];

fn open(path: &Path, rotate_at: u64, keep: Option<usize>) -> AuditLog {
    let directory = LogDirectory {
        path: path.to_owned(),
        rotate_at,
        keep,
    };
    AuditLog::open(directory, Arc::new(|| 0), Categories::default()).unwrap()
}

fn head(timeline: u8, commit: u64) -> StoreHead {
    StoreHead {
        store: STORE,
        timeline: [timeline; 16],
        commit,
        chain: [7; 32],
    }
}

#[test]
fn the_newest_state_of_the_timeline_is_found() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    let log = open(path, 1 << 20, None);
    assert_eq!(newest(path, STORE, [1; 16]).unwrap(), None);
    for (timeline, commit) in [(1, 9), (1, 4), (2, 50)] {
        log.note(&head(timeline, commit)).unwrap();
    }
    assert!(log.close());
    assert_eq!(
        newest(path, STORE, [1; 16]).unwrap(),
        Some(head(1, 4)),
        "the last line counts"
    );
    assert_eq!(newest(path, STORE, [2; 16]).unwrap(), Some(head(2, 50)));
    assert_eq!(newest(path, STORE, [3; 16]).unwrap(), None);
    assert_eq!(newest(path, [2; 16], [1; 16]).unwrap(), None);
}

#[test]
fn the_newest_state_outlives_the_file_in_which_it_was_noted() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    let log = open(path, 2000, Some(1));
    log.note(&head(1, 9)).unwrap();
    for _ in 0..200 {
        log.record(&wrapped("k")).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    assert!(log.close());
    let files = files::list(path).unwrap();
    assert!(files.len() <= 2 && files[0].first > 100, "{files:?}");
    for file in files {
        let mut lines = Lines::of(&file).unwrap();
        let mut mark = || {
            Line::read(lines.next_line().unwrap().unwrap().0.bytes)
                .unwrap()
                .mark()
        };
        assert!(matches!(mark(), Some(Mark::Begin { .. })));
        assert!(matches!(mark(), Some(Mark::Head { commit: 9, .. })));
    }
    assert_eq!(newest(path, STORE, [1; 16]).unwrap(), Some(head(1, 9)));
}

#[test]
fn a_line_that_was_changed_does_not_count() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    let log = open(path, 1 << 20, None);
    log.note(&head(1, 9)).unwrap();
    assert!(log.close());
    let file = &files::list(path).unwrap()[0].path;
    let text = std::fs::read_to_string(file).unwrap();
    std::fs::write(file, text.replace("\"commit\":9", "\"commit\":8")).unwrap();
    assert_eq!(newest(path, STORE, [1; 16]).unwrap(), None);
}
