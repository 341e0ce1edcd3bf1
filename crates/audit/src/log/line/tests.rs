use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::actor::Actor;
use crate::event::KeyUse;
use crate::log::fixture::{NOON, actor, wrapped};
use crate::request::{Category, RequestEvent, Transfer};

fn lines(texts: &[Text]) -> Vec<Vec<u8>> {
    let mut chain = Chain::EMPTY;
    let mut bytes = Vec::new();
    for text in texts {
        chain.add(text, &mut bytes);
    }
    assert_eq!(bytes.pop(), Some(b'\n'));
    bytes.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
}

fn line(event: &KeyEvent<'_>) -> Vec<u8> {
    lines(&[Text::of_use(NOON, event).unwrap()]).remove(0)
}

#[test]
fn a_line_stands_as_it_is_documented() {
    let event = KeyEvent {
        version: Some("abc".to_owned()),
        ..wrapped("plan.txt")
    };
    let text = String::from_utf8(line(&event)).unwrap();
    let before_hash = concat!(
        r#"{"seq":1,"time":"2026-11-23T12:00:00.000000Z","who":"SRTEST","operation":"PutObject","#,
        r#""request":"0123456789ABCDEF","address":"127.0.0.1","use":"wrap","bucket":"vault","key":"plan.txt","#,
        r#""version":"abc","mode":"SSE-S3","key_id":"b-1","result":"ok","#,
        r#""prev":"0000000000000000000000000000000000000000000000000000000000000000""#,
    );
    // Output of sha256sum for the line above.
    let hash = "fb10ee3ac0794cadfe724b13b9ffb284f20dc441cb25e2308eb538a95d4b282f";
    assert_eq!(text, format!(r#"{before_hash},"hash":"{hash}"}}"#));
}

#[test]
fn what_is_not_known_is_left_out() {
    let event = KeyEvent {
        actor: None,
        what: KeyUse::Roll,
        object: "",
        mode: None,
        key_id: "",
        ..wrapped("")
    };
    let json: Value = serde_json::from_slice(&line(&event)).unwrap();
    let fields: Vec<&str> = json.as_object().unwrap().keys().map(String::as_str).collect();
    let mut expected = ["seq", "time", "who", "use", "bucket", "result", "prev", "hash"];
    expected.sort_unstable();
    assert_eq!(fields, expected);
    assert_eq!(json["who"], "server");
}

#[test]
fn each_line_holds_the_hash_of_the_one_before() {
    let texts: Vec<Text> = (0..12)
        .map(|_| Text::of_use(NOON, &wrapped("k")).unwrap())
        .collect();
    let lines = lines(&texts);
    let lines: Vec<Line<'_>> = lines.iter().map(|line| Line::read(line).unwrap()).collect();
    assert!(lines.iter().all(Line::is_genuine));
    assert_eq!(lines[0].prev, BEFORE_ALL);
    for (number, pair) in lines.windows(2).enumerate() {
        assert_eq!(pair[1].prev, pair[0].hash);
        assert_eq!(pair[1].seq, number as u64 + 2);
    }
}

#[test]
fn a_line_with_any_bit_changed_is_no_line_or_not_genuine() {
    let whole = line(&wrapped("plan.txt"));
    for at in 0..whole.len() {
        for bit in 0..8 {
            let mut changed = whole.clone();
            changed[at] ^= 1 << bit;
            let is_genuine = Line::read(&changed).is_some_and(|line| line.is_genuine());
            assert!(!is_genuine, "byte {at}, bit {bit}");
        }
    }
    for length in 0..whole.len() {
        let cut = Line::read(&whole[..length]).is_some_and(|line| line.is_genuine());
        assert!(!cut, "cut to {length}");
    }
}

#[test]
fn a_sequence_number_is_written_in_one_way() {
    for digits in ["01", "+1", "0", "-1", "1 ", "", "18446744073709551616"] {
        let text = format!(
            r#"{{"seq":{digits},"time":"x","prev":"{0}","hash":"{0}"}}"#,
            "0".repeat(64)
        );
        assert!(Line::read(text.as_bytes()).is_none(), "{digits}");
    }
}

#[test]
fn names_that_look_like_the_log_s_own_words_are_only_names() {
    let zeros = "0".repeat(64);
    for name in [
        format!(r#"","prev":"{zeros}","hash":"{zeros}"}}"#),
        r#"Z","event":"stop"#.to_owned(),
        "\n{\"seq\":2}\n".to_owned(),
        "\0\u{1b}[2J\u{202e}".to_owned(),
    ] {
        let event = KeyEvent {
            actor: Some(Actor {
                who: name.as_str().into(),
                ..actor()
            }),
            ..wrapped(&name)
        };
        let bytes = line(&event);
        let read = Line::read(&bytes).unwrap();
        assert!(read.is_genuine() && read.mark().is_none());
        let json: Value = read.parse().unwrap();
        assert_eq!(
            (&json["who"], &json["key"]),
            (&Value::from(name.clone()), &Value::from(name))
        );
    }
}

#[test]
fn marks_are_read_as_they_were_written() {
    let marks = [
        Mark::Begin { format: FORMAT },
        Mark::Start {
            version: "1.2.3".to_owned(),
        },
        Mark::Stop,
        Mark::Head {
            store: "1d".repeat(16),
            timeline: "71".repeat(16),
            commit: 7,
            chain: "0c".repeat(32),
        },
        Mark::Torn {
            bytes: 3,
            text: "{\"s".to_owned(),
        },
        Mark::Removed {
            file: "audit-1.jsonl".to_owned(),
            last: 9,
        },
    ];
    for mark in marks {
        let lines = lines(&[Text::of_mark(NOON, &mark).unwrap()]);
        let line = Line::read(&lines[0]).unwrap();
        assert_eq!(line.time(), Some("2026-11-23T12:00:00.000000Z"));
        assert_eq!(line.mark(), Some(mark));
    }
}

proptest! {
    #[test]
    fn whatever_is_told_is_read_again(
        who in ".*", operation in ".*", bucket in ".*", object in ".*", key_id in ".*", result in ".*", time in 0..1_u64 << 57,
    ) {
        let event = KeyEvent {
            actor: Some(Actor { who: who.as_str().into(), operation: operation.as_str().into(), ..actor() }),
            bucket: &bucket,
            key_id: &key_id,
            result: &result,
            ..wrapped(&object)
        };
        let bytes = lines(&[Text::of_use(time, &event).unwrap()]);
        prop_assert_eq!(bytes.len(), 1, "it is one line");
        let line = Line::read(&bytes[0]).unwrap();
        prop_assert!(line.is_genuine());
        let json: Value = serde_json::from_slice(&bytes[0]).unwrap();
        for (field, given) in [
            ("who", who), ("operation", operation), ("bucket", bucket), ("key", object), ("key_id", key_id),
            ("result", result),
        ] {
            prop_assert_eq!(json.get(field).and_then(Value::as_str).unwrap_or_default(), given);
        }
        prop_assert_eq!(json["time"].as_str(), line.time());
    }
}

#[test]
fn a_line_of_a_request_stands_as_it_is_documented() {
    let by = actor();
    let event = RequestEvent {
        actor: Some(&by),
        operation: "",
        category: Category::Writes,
        account: "000000000000",
        principal: "arn:aws:iam::000000000000:root",
        bucket: "vault",
        object: "plan.txt",
        version: Some("abc"),
        mode: Some(Mode::Kms),
        key_id: Some("arn:aws:kms:us-east-1:000000000000:key/b-1"),
        status: Some(200),
        result: "ok",
        transfer: Some(Transfer {
            received: 12,
            sent: 0,
            micros: 1500,
        }),
    };
    let text = String::from_utf8(lines(&[Text::of_request(NOON, &event).unwrap()]).remove(0)).unwrap();
    let fields = concat!(
        r#"{"seq":1,"time":"2026-11-23T12:00:00.000000Z","event":"request","category":"writes","who":"SRTEST","#,
        r#""account":"000000000000","principal":"arn:aws:iam::000000000000:root","operation":"PutObject","#,
        r#""request":"0123456789ABCDEF","address":"127.0.0.1","bucket":"vault","key":"plan.txt","version":"abc","#,
        r#""mode":"SSE-KMS","key_id":"arn:aws:kms:us-east-1:000000000000:key/b-1","status":200,"result":"ok","#,
        r#""received":12,"sent":0,"micros":1500,"prev":"#,
    );
    assert!(text.starts_with(fields), "{text}");
    let by_server = RequestEvent {
        actor: None,
        operation: "lifecycle:Expiration",
        transfer: None,
        status: None,
        ..event
    };
    let line = lines(&[Text::of_request(NOON, &by_server).unwrap()]).remove(0);
    let json: Value = serde_json::from_slice(&line).unwrap();
    assert_eq!(
        (json["who"].as_str(), json["operation"].as_str()),
        (Some("server"), Some("lifecycle:Expiration"))
    );
    assert!(json.get("status").is_none() && json.get("micros").is_none());
}
