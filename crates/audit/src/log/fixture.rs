//! Shared parts of the audit log tests: a clock, events, and prepared logs.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use strongroom_seal::Mode;

use super::clock::Clock;
use super::line::{Line, Text};
use super::writer::{LogDirectory, Writer};
use super::{files, verify};
use crate::actor::Actor;
use crate::event::{KeyEvent, KeyUse};

/// 2026-11-23 12:00:00 UTC.
pub(super) const NOON: u64 = 1_795_435_200_000_000;

/// Clock that starts at noon and advances by one second at each reading.
pub(super) fn clock() -> Clock {
    let passed = AtomicU64::new(0);
    Arc::new(move || NOON + passed.fetch_add(1_000_000, Ordering::Relaxed))
}

pub(super) fn actor() -> Actor {
    Actor {
        who: "SRTEST".into(),
        operation: "PutObject".into(),
        request: "0123456789ABCDEF".into(),
        address: Some([127, 0, 0, 1].into()),
    }
}

/// Returns the event of a data key wrapped for an object.
pub(super) fn wrapped(object: &str) -> KeyEvent<'_> {
    KeyEvent {
        actor: Some(actor()),
        what: KeyUse::Wrap,
        bucket: "vault",
        object,
        version: None,
        mode: Some(Mode::S3),
        key_id: "b-1",
        result: "ok",
    }
}

pub(super) fn texts(count: usize) -> VecDeque<Text> {
    (0..count)
        .map(|number| Text::of_use(NOON, &wrapped(&format!("object {number}"))).unwrap())
        .collect()
}

pub(super) fn log_directory(directory: &Path) -> LogDirectory {
    LogDirectory {
        path: directory.to_owned(),
        rotate_at: 1 << 20,
        keep: None,
    }
}

/// Opens the log, writes `uses` events, and closes it in order.
pub(super) fn run(log: &LogDirectory, uses: usize) {
    let mut writer = Writer::open(log.clone(), clock()).unwrap();
    writer.write(&mut texts(uses), |_, _| {}).unwrap();
    writer.end().unwrap();
}

/// Writes a log of several files, each with about ten lines.
pub(super) fn write_files(directory: &Path, uses: usize) {
    let small = LogDirectory {
        rotate_at: 3500,
        ..log_directory(directory)
    };
    run(&small, uses);
}

/// Returns the lines of a file, with their line ends.
pub(super) fn lines_of(path: &Path) -> Vec<Vec<u8>> {
    let bytes = std::fs::read(path).unwrap();
    bytes
        .split_inclusive(|byte| *byte == b'\n')
        .map(<[u8]>::to_vec)
        .collect()
}

/// Returns all lines of a log as JSON.
pub(super) fn json_lines(directory: &Path) -> Vec<serde_json::Value> {
    let files = files::list(directory).unwrap();
    let lines = files.iter().flat_map(|file| lines_of(&file.path));
    lines.map(|line| serde_json::from_slice(&line).unwrap()).collect()
}

/// Returns the number of key uses in a log, which must be intact.
pub(super) fn uses(directory: &Path) -> usize {
    verify::verify(directory, &[], |_| {}).unwrap();
    json_lines(directory)
        .iter()
        .filter(|line| line.get("use").is_some())
        .count()
}

pub(super) fn is_genuine(line: &[u8]) -> bool {
    Line::read(line.trim_ascii_end()).is_some_and(|line| line.is_genuine())
}
