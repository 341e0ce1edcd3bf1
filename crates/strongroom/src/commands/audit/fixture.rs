//! Logs for the tests of the commands that read them.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Mutex};

use strongroom_audit::log::writer::LogDirectory;
use strongroom_audit::{Actor, Audit, AuditLog, Categories, KeyEvent, KeyUse};
use strongroom_engine::Mode;

/// 2026-11-23 12:00:00 UTC.
const NOON: u64 = 1_795_435_200_000_000;

/// A data key was wrapped for an object.
pub(super) fn wrapped(object: &str) -> KeyEvent<'_> {
    KeyEvent {
        actor: Some(Actor {
            who: "SRTEST".into(),
            operation: "PutObject".into(),
            request: "0123456789ABCDEF".into(),
            address: Some([127, 0, 0, 1].into()),
        }),
        what: KeyUse::Wrap,
        bucket: "vault",
        object,
        version: None,
        mode: Some(Mode::S3),
        key_id: "b-1",
        result: "ok",
    }
}

/// Opens the log, records events and closes it in order. Each event has a time in seconds after noon; the log's own
/// lines are from noon and the two seconds after it.
pub(super) fn run(directory: &Path, events: &[(u64, KeyEvent<'_>)]) {
    let begun = directory.read_dir().unwrap().next().is_some();
    let before = if begun { 1..2 } else { 0..2 };
    let times = before.chain(events.iter().map(|(after, _)| *after)).chain([2]);
    let times = Mutex::new(times.collect::<VecDeque<_>>());
    let clock = move || NOON + times.lock().unwrap().pop_front().unwrap() * 1_000_000;
    let directory = LogDirectory {
        path: directory.to_owned(),
        rotate_at: 1 << 20,
        keep: None,
    };
    let log = AuditLog::open(directory, Arc::new(clock), Categories::default()).unwrap();
    for (_, event) in events {
        log.record(event).unwrap();
    }
    assert!(log.close());
}
