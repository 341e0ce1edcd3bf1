use super::*;
use proptest::prelude::*;

const ETAG: &str = "0123456789abcdef0123456789abcdef";
/// Half a second after a full second.
const MODIFIED: u64 = 1_700_000_000_500_000;
const SECOND: i64 = 1_700_000_000;

fn one(etag: &str) -> EtagCondition {
    EtagCondition::OneOf(vec!["another".to_owned(), etag.to_owned()])
}

#[derive(Debug, PartialEq)]
enum Verdict {
    Go,
    Failed(&'static str),
    NotModified,
}

fn verdict(outcome: Result<()>) -> Verdict {
    match outcome {
        Ok(()) => Verdict::Go,
        Err(Error::PreconditionFailed(header)) => Verdict::Failed(header),
        Err(Error::NotModified { etag, modified }) => {
            assert_eq!((etag.as_str(), modified), (ETAG, MODIFIED));
            Verdict::NotModified
        }
        Err(other) => panic!("{other:?}"),
    }
}

/// Returns the condition's result, or `None` if its header is absent: RFC 9110 section 13.2.2, step by step.
fn rfc(
    if_match: Option<bool>,
    unmodified: Option<bool>,
    none_match: Option<bool>,
    modified: Option<bool>,
) -> Verdict {
    match if_match {
        Some(false) => return Verdict::Failed("If-Match"),
        Some(true) => {}
        None => {
            if unmodified == Some(false) {
                return Verdict::Failed("If-Unmodified-Since");
            }
        }
    }
    match none_match {
        Some(false) => Verdict::NotModified,
        None if modified == Some(false) => Verdict::NotModified,
        Some(true) | None => Verdict::Go,
    }
}

#[test]
fn reads_are_judged_in_the_order_of_the_rfc() {
    let states = [None, Some(true), Some(false)];
    let etag = |is_it: bool| [one(if is_it { ETAG } else { "x" })];
    let any = |is_it: bool| is_it.then_some(EtagCondition::Any);
    for if_match in states {
        for unmodified in states {
            for none_match in states {
                for modified in states {
                    let mut matches = vec![if_match.map(|is_true| etag(is_true)[0].clone())];
                    matches.extend(if_match.and_then(any).map(Some));
                    let mut nones = vec![none_match.map(|is_true| etag(!is_true)[0].clone())];
                    nones.extend(none_match.and_then(|is_true| any(!is_true)).map(Some));
                    for if_match_header in &matches {
                        for none_match_header in &nones {
                            let conditions = ReadConditions {
                                if_match: if_match_header.clone(),
                                if_none_match: none_match_header.clone(),
                                if_modified_since: modified.map(|is_true| SECOND - i64::from(is_true)),
                                if_unmodified_since: unmodified.map(|is_true| SECOND - i64::from(!is_true)),
                                if_range: None,
                            };
                            assert_eq!(
                                verdict(conditions.judge(ETAG, MODIFIED)),
                                rfc(if_match, unmodified, none_match, modified),
                                "{conditions:?}"
                            );
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn dates_are_compared_in_seconds() {
    let judge = |since: i64, modified: u64| {
        let unmodified = ReadConditions {
            if_unmodified_since: Some(since),
            ..ReadConditions::default()
        };
        let modified_since = ReadConditions {
            if_modified_since: Some(since),
            ..ReadConditions::default()
        };
        (
            unmodified.judge(ETAG, modified).is_ok(),
            modified_since.judge(ETAG, modified).is_ok(),
        )
    };
    // A client sends the date of the Last-Modified header back, which has no fraction.
    for fraction in [0, 1, 500_000, 999_999] {
        assert_eq!(judge(SECOND, 1_700_000_000_000_000 + fraction), (true, false));
    }
    assert_eq!(judge(SECOND, 1_700_000_001_000_000), (false, true));
    assert_eq!(judge(SECOND, 1_699_999_999_999_999), (true, false));
    assert_eq!(judge(-1, 0), (false, true));
    assert_eq!(judge(i64::MAX, u64::MAX), (true, false));
    assert_eq!(judge(i64::MIN, u64::MAX), (false, true));
}

#[test]
fn etags_are_compared_whole() {
    for other in [
        "",
        &ETAG[1..],
        &ETAG.to_uppercase(),
        &format!("{ETAG}-1"),
        &format!("\"{ETAG}\""),
    ] {
        assert!(!one(other).matches(ETAG), "{other}");
    }
    assert!(!EtagCondition::OneOf(Vec::new()).matches(ETAG));
    assert!(one(ETAG).matches(ETAG));
}

#[test]
fn writes_are_judged_by_what_is_there() {
    let there = Some(ETAG);
    let table = [
        // must_be_new, if_match, existing `ETag`, expected result
        (false, None, None, "go"),
        (false, None, there, "go"),
        (true, None, None, "go"),
        (true, None, there, "If-None-Match"),
        (false, Some(EtagCondition::Any), None, "no key"),
        (false, Some(EtagCondition::Any), there, "go"),
        (false, Some(one(ETAG)), None, "no key"),
        (false, Some(one(ETAG)), there, "go"),
        (false, Some(one("x")), there, "If-Match"),
        (false, Some(one("x")), None, "no key"),
        (true, Some(one(ETAG)), there, "If-None-Match"),
        (true, Some(one(ETAG)), None, "no key"),
    ];
    for (must_be_new, if_match, etag, expected) in table {
        let conditions = WriteConditions {
            if_match,
            must_be_new,
        };
        let answer = match conditions.judge("a", etag) {
            Ok(()) => "go",
            Err(Error::NoSuchKey(key)) if key == "a" => "no key",
            Err(Error::PreconditionFailed(header)) => header,
            Err(other) => panic!("{other:?}"),
        };
        assert_eq!(answer, expected, "{conditions:?} {etag:?}");
    }
}

#[test]
fn ranges_at_their_edges() {
    let table = [
        (ByteRange::From(0, None), 10, Some(0..10)),
        (ByteRange::From(0, Some(0)), 10, Some(0..1)),
        (ByteRange::From(9, Some(9)), 10, Some(9..10)),
        (ByteRange::From(9, Some(10)), 10, Some(9..10)),
        (ByteRange::From(9, Some(u64::MAX)), 10, Some(9..10)),
        (ByteRange::From(10, None), 10, None),
        (ByteRange::From(10, Some(20)), 10, None),
        (ByteRange::From(u64::MAX, None), 10, None),
        (ByteRange::From(u64::MAX, Some(u64::MAX)), u64::MAX, None),
        (ByteRange::From(5, Some(4)), 10, None),
        (ByteRange::From(5, Some(0)), 10, None),
        (ByteRange::Last(0), 10, None),
        (ByteRange::Last(1), 10, Some(9..10)),
        (ByteRange::Last(10), 10, Some(0..10)),
        (ByteRange::Last(11), 10, Some(0..10)),
        (ByteRange::Last(u64::MAX), 10, Some(0..10)),
        (ByteRange::From(0, None), 0, None),
        (ByteRange::From(0, Some(0)), 0, None),
        (ByteRange::Last(0), 0, None),
        (ByteRange::Last(5), 0, None),
    ];
    for (requested, length, expected) in table {
        match (requested.within(length), expected) {
            (Ok(range), Some(expected)) => assert_eq!(range, expected, "{requested:?} of {length}"),
            (Err(Error::InvalidRange(told)), None) => assert_eq!(told, length),
            (answer, expected) => panic!("{requested:?} of {length}: {answer:?}, not {expected:?}"),
        }
    }
}

proptest! {
    #[test]
    fn a_range_lies_within_the_object_and_is_not_empty(
        first in any::<u64>(),
        last in any::<Option<u64>>(),
        length in any::<u64>(),
        is_suffix in any::<bool>(),
    ) {
        let requested = if is_suffix { ByteRange::Last(first) } else { ByteRange::From(first, last) };
        if let Ok(range) = requested.within(length) {
            prop_assert!(range.start < range.end && range.end <= length);
        }
    }
}

#[test]
fn a_range_is_of_the_state_that_if_range_names() {
    let admits = |if_range| {
        let conditions = ReadConditions {
            if_range,
            ..ReadConditions::default()
        };
        conditions.admits_range("e", 7_500_000)
    };
    assert!(admits(None));
    assert!(admits(Some(RangeCondition::Etag("e".to_owned()))));
    assert!(!admits(Some(RangeCondition::Etag("f".to_owned()))));
    assert!(admits(Some(RangeCondition::Modified(7))));
    assert!(!admits(Some(RangeCondition::Modified(6))));
    assert!(!admits(Some(RangeCondition::Modified(8))));
    assert!(!admits(Some(RangeCondition::Never)));
}

#[test]
fn no_condition_holds_for_a_delete_marker() {
    let failed = |conditions: DeleteConditions| match conditions.expect_none() {
        Err(Error::PreconditionFailed(condition)) => condition,
        other => panic!("{other:?}"),
    };
    assert!(DeleteConditions::default().expect_none().is_ok());
    let if_match = Some(EtagCondition::Any);
    assert_eq!(
        failed(DeleteConditions {
            if_match,
            ..Default::default()
        }),
        "If-Match"
    );
    let length = Some(1);
    assert_eq!(
        failed(DeleteConditions {
            length,
            ..Default::default()
        }),
        "x-amz-if-match-size"
    );
}
