use std::path::PathBuf;

use super::*;
use crate::log::fixture::{json_lines, lines_of, log_directory, run, uses, write_files};
use crate::log::line::BEFORE_ALL;

fn last_file(directory: &Path) -> PathBuf {
    files::list(directory).unwrap().pop().unwrap().path
}

#[test]
fn no_log_ends_before_its_first_line() {
    let directory = tempfile::tempdir().unwrap();
    let end = find(directory.path()).unwrap();
    assert_eq!(
        end.chain,
        Chain {
            next: 1,
            head: BEFORE_ALL
        }
    );
    assert!(end.file.is_none() && !end.is_spoiled);
}

#[test]
fn a_log_goes_on_where_it_ended() {
    let directory = tempfile::tempdir().unwrap();
    run(&log_directory(directory.path()), 3);
    run(&log_directory(directory.path()), 2);
    assert_eq!(uses(directory.path()), 5);
    let events: Vec<_> = json_lines(directory.path())
        .iter()
        .filter_map(|line| Some(line.get("event")?.as_str()?.to_owned()))
        .collect();
    assert_eq!(events, ["begin", "start", "stop", "start", "stop"]);
    assert_eq!(files::list(directory.path()).unwrap().len(), 1);
}

/// A kill or a power failure can cut the file at any byte.
#[test]
fn a_line_torn_anywhere_is_kept_and_the_chain_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    run(&log_directory(directory.path()), 2);
    let path = last_file(directory.path());
    let whole = std::fs::read(&path).unwrap();
    let lines = lines_of(&path);
    let (last, before) = lines.split_last().unwrap();
    let start = whole.len() - last.len();
    for length in start..whole.len() {
        std::fs::write(&path, &whole[..length]).unwrap();
        run(&log_directory(directory.path()), 1);
        assert_eq!(uses(directory.path()), 3, "cut to {length}");
        let after = lines_of(&path);
        assert_eq!(after[..before.len()], *before, "whole lines stay as they are");
        let json_lines = json_lines(directory.path());
        let torn = json_lines.iter().find(|line| line["event"] == "torn");
        if length == start || length == whole.len() - 1 {
            assert!(torn.is_none(), "nothing is torn, at most the line end is missing");
        } else {
            let torn = torn.unwrap();
            assert_eq!(torn["bytes"], length - start);
            assert_eq!(torn["text"].as_str().unwrap().as_bytes(), &whole[start..length]);
        }
    }
}

#[test]
fn a_file_that_was_only_begun_is_begun_again() {
    let directory = tempfile::tempdir().unwrap();
    write_files(directory.path(), 20);
    let files = files::list(directory.path()).unwrap();
    let last = files.last().unwrap();
    for torn in [&b""[..], b"{\"seq\":"] {
        std::fs::write(&last.path, torn).unwrap();
        let end = find(directory.path()).unwrap();
        assert_eq!((end.chain.next, end.length), (last.first, 0));
        run(&log_directory(directory.path()), 1);
        uses(directory.path());
        assert_eq!(files::list(directory.path()).unwrap().last().unwrap(), last);
        let first: serde_json::Value = serde_json::from_slice(&lines_of(&last.path)[0]).unwrap();
        assert_eq!(first["event"], "begin");
    }
}

#[test]
fn zeros_behind_the_last_line_are_a_torn_line() {
    let directory = tempfile::tempdir().unwrap();
    run(&log_directory(directory.path()), 2);
    let path = last_file(directory.path());
    let mut bytes = std::fs::read(&path).unwrap();
    bytes.resize(bytes.len() + 100_000, 0);
    std::fs::write(&path, bytes).unwrap();
    run(&log_directory(directory.path()), 1);
    assert_eq!(uses(directory.path()), 3);
    let json_lines = json_lines(directory.path());
    let torn = json_lines.iter().find(|line| line["event"] == "torn").unwrap();
    assert_eq!(torn["bytes"], 100_000);
    assert!(
        torn["text"].as_str().unwrap().len() < 100_000,
        "not all of it is kept"
    );
}

/// Only pieces are held in memory: the whole file has 1 GiB.
#[test]
fn what_is_longer_than_any_memory_is_looked_at_in_pieces() {
    let directory = tempfile::tempdir().unwrap();
    run(&log_directory(directory.path()), 2);
    let path = last_file(directory.path());
    let before = find(directory.path()).unwrap();
    let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
    file.set_len(1 << 30).unwrap();
    let end = find(directory.path()).unwrap();
    assert_eq!((end.chain, end.length), (before.chain, before.length));
    assert!(!end.is_spoiled);
    let Rest::Torn { length, beginning } = end.rest else {
        panic!("{:?}", end.rest)
    };
    assert_eq!(
        (length, beginning.len() as u64),
        ((1 << 30) - before.length, MAX_LINE)
    );
    // With a line end it is a line, but not a line of this log.
    file.write_all_at(b"\n", 1 << 30).unwrap();
    let end = find(directory.path()).unwrap();
    assert_eq!(
        (end.chain, end.length, end.rest),
        (before.chain, (1 << 30) + 1, Rest::Nothing)
    );
    assert!(end.is_spoiled);
}

/// The pieces to search can end anywhere within lines.
#[test]
fn the_last_genuine_line_is_found_wherever_it_stands() {
    let directory = tempfile::tempdir().unwrap();
    run(&log_directory(directory.path()), 2);
    let path = last_file(directory.path());
    let ended = find(directory.path()).unwrap().chain;
    let ours = std::fs::read(&path).unwrap();
    let longest = usize::try_from(MAX_LINE).unwrap();
    let last = lines_of(&path).pop().unwrap().len();
    for foreign in [
        1,
        longest - last - 1,
        longest - last,
        longest - last + 1,
        longest - 1,
        longest,
        longest + 1,
        2 * longest,
    ] {
        for byte in [b'x', b'\n'] {
            let bytes = [&ours[..], &vec![byte; foreign], b"\n"].concat();
            std::fs::write(&path, &bytes).unwrap();
            let end = find(directory.path()).unwrap();
            assert_eq!(
                (end.chain, end.length),
                (ended, bytes.len() as u64),
                "{foreign} of {byte}"
            );
            assert!(end.is_spoiled);
        }
    }
}

#[test]
fn lines_of_somebody_else_stay_to_be_found() {
    let directory = tempfile::tempdir().unwrap();
    run(&log_directory(directory.path()), 2);
    let path = last_file(directory.path());
    let ended = find(directory.path()).unwrap().chain;
    let mut bytes = std::fs::read(&path).unwrap();
    // More than one piece.
    for _ in 0..200_000 {
        bytes.extend_from_slice(b"a foreign line\n");
    }
    std::fs::write(&path, &bytes).unwrap();
    let end = find(directory.path()).unwrap();
    assert!(end.is_spoiled);
    assert_eq!((end.chain, end.length), (ended, bytes.len() as u64));
    run(&log_directory(directory.path()), 1);
    assert!(
        std::fs::read(&path).unwrap().starts_with(&bytes),
        "nothing was removed"
    );
}
