//! Logs for the tests of the commands that read them.

use std::path::Path;
use std::sync::Mutex;
use std::sync::{Arc, PoisonError};

use strongroom_audit::log::writer::LogDirectory;
use strongroom_audit::{Actor, Audit, AuditLog, KeyEvent, KeyUse};
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

/// A process that goes on with the log, records events, and ends it in order. Each event comes so many seconds after
/// noon; the log's own lines are from noon.
pub(super) fn run(directory: &Path, events: &[(u64, KeyEvent<'_>)]) {
    let seconds = Arc::new(Mutex::new(0));
    let set = |now| *seconds.lock().unwrap_or_else(PoisonError::into_inner) = now;
    let read = Arc::clone(&seconds);
    let clock = move || NOON + *read.lock().unwrap_or_else(PoisonError::into_inner) * 1_000_000;
    let directory = LogDirectory {
        directory: directory.to_owned(),
        rotate_at: 1 << 20,
        keep: None,
    };
    let log = AuditLog::open(directory, Arc::new(clock)).unwrap();
    for (after, event) in events {
        set(*after);
        log.record(event).unwrap();
    }
    set(0);
    assert!(log.close());
}
