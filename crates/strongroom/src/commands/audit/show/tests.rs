use strongroom_audit::{KeyEvent, KeyUse};

use super::*;
use crate::commands::audit::fixture::{run, wrapped};

fn log() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let hour = 3600;
    let uses = [
        (hour, wrapped("plan.txt")),
        (
            2 * hour,
            KeyEvent {
                what: KeyUse::Refuse,
                result: "the key is not that of the object",
                bucket: "attic",
                ..wrapped("a b\u{1b}[2J")
            },
        ),
        (
            3 * hour,
            KeyEvent {
                actor: None,
                what: KeyUse::Roll,
                ..wrapped("")
            },
        ),
    ];
    run(directory.path(), &uses);
    directory
}

fn shown(filter: &LineFilter, is_json: bool) -> Vec<String> {
    let mut output = Vec::new();
    show(log().path(), filter, is_json, &mut output).unwrap();
    String::from_utf8(output)
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect()
}

#[test]
fn without_a_filter_every_line_is_shown() {
    let lines = shown(&LineFilter::default(), false);
    assert_eq!(lines.len(), 6);
    assert_eq!(
        lines[0],
        "2026-11-23T12:00:00.000000Z  -- new file, starting at sequence number 1"
    );
    assert_eq!(
        lines[2],
        "2026-11-23T13:00:00.000000Z  SRTEST  wrap       ok  operation=PutObject  bucket=vault  key=plan.txt  \
         mode=SSE-S3  key_id=b-1  address=127.0.0.1  request=0123456789ABCDEF"
    );
    assert!(
        lines[3].contains(r#""the key is not that of the object""#),
        "{}",
        lines[3]
    );
    assert!(
        lines[3].contains(r#"key="a b\u{1b}[2J""#),
        "no control characters: {}",
        lines[3]
    );
    assert!(lines[5].ends_with("-- audit log closed"));
}

#[test]
fn an_operator_is_meant_with_or_without_a_user() {
    for (wanted, who, is) in [
        ("operator", "operator:1000", true),
        ("operator:1000", "operator:1000", true),
        ("operator:100", "operator:1000", false),
        ("oper", "operator:1000", false),
        ("SRKEY", "SRKEY2", false),
        ("server", "server", true),
    ] {
        assert_eq!(is_by(wanted, who), is, "{wanted}, {who}");
    }
}

#[test]
fn as_json_the_lines_are_as_they_stand() {
    for line in shown(&LineFilter::default(), true) {
        assert!(Line::read(line.as_bytes()).unwrap().is_genuine());
    }
}

#[test]
fn a_filter_lets_through_what_is_asked_for() {
    let text = |text: &str| Some(text.to_owned());
    let of = |filter: &LineFilter| shown(filter, false).len();
    let all = LineFilter::default();
    assert_eq!(
        of(&LineFilter {
            bucket: text("vault"),
            ..all.clone()
        }),
        2
    );
    assert_eq!(
        of(&LineFilter {
            key: text("plan.txt"),
            ..all.clone()
        }),
        1
    );
    assert_eq!(
        of(&LineFilter {
            what: text("refuse"),
            ..all.clone()
        }),
        1
    );
    assert_eq!(
        of(&LineFilter {
            who: text("server"),
            ..all.clone()
        }),
        1
    );
    assert_eq!(
        of(&LineFilter {
            who: text("SR"),
            ..all.clone()
        }),
        0
    );
    let two = LineFilter {
        bucket: text("vault"),
        who: text("SRTEST"),
        ..all.clone()
    };
    assert_eq!(of(&two), 1);
    // The log's own events have the time noon; the uses are later.
    let since = |time: &str| {
        of(&LineFilter {
            since: text(time),
            ..all.clone()
        })
    };
    assert_eq!(since("2026-11-23T14:00:00.000000Z"), 2);
    assert_eq!(since("2026-11-23T14:00:00.000001Z"), 1);
    assert_eq!(since("2026-11-24T00:00:00.000000Z"), 0);
    assert_eq!(since("2026-11-22T00:00:00.000000Z"), 6);
}
