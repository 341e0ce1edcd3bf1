use super::*;
use crate::policy::glob::matches_beginning;
use proptest::prelude::*;

const LIKE: Syntax = Syntax {
    wildcards: true,
    variables: true,
};

fn compile(text: &str) -> Vec<Unit> {
    Pattern::compile(text, LIKE).unwrap().widest()
}

#[test]
fn wildcards_match_the_whole_text() {
    for (pattern, text, expected) in [
        ("", "", true),
        ("", "a", false),
        ("*", "", true),
        ("*", "a/b", true),
        ("**", "", true),
        ("?", "", false),
        ("?", "a", true),
        ("?", "é", true),
        ("?", "ab", false),
        ("??", "é", false),
        ("*?", "é", true),
        ("a*", "abc", true),
        ("a*", "b", false),
        ("*c", "abc", true),
        ("*c", "abcd", false),
        ("a*c", "abbc", true),
        ("a*c", "ac", true),
        ("a*b*c", "axbxbxc", true),
        ("a*b*c", "axcxb", false),
        ("*ab", "aab", true),
        ("*aab", "aaaab", true),
        ("*a?b", "aaxb", true),
        ("a?c", "abc", true),
        ("A", "a", false),
        ("a", "a*", false),
    ] {
        let glob = Glob::new(compile(pattern));
        assert_eq!(glob.matches(text, Case::Sensitive), expected, "{pattern} {text}");
        assert_eq!(matches(&compile(pattern), text, Case::Sensitive), expected);
    }
}

#[test]
fn case_can_be_ignored() {
    for (pattern, text, expected) in [
        ("ÄB*", "äbc", true),
        ("*éX", "aÉx", true),
        ("*é?É", "aÉéé", true),
        ("*é", "É", true),
        ("éé*éé", "ééé", false),
        ("aB*Cd", "AbcD", true),
        ("aB*Cd", "Abc", false),
        ("aB*bC", "ABC", false),
        ("ab", "abc", false),
        ("*a?C*", "xxABcx", true),
        ("é", "e", false),
        // The sign of Kelvin, whose lower case is k.
        ("ék", "é\u{212a}", false),
        ("k", "\u{212a}", false),
        ("", "a", false),
    ] {
        let glob = Glob::new(compile(pattern));
        assert_eq!(glob.matches(text, Case::Ignored), expected, "{pattern} {text}");
    }
}

#[test]
fn a_hostile_pattern_takes_no_time() {
    let pattern = compile(&["a*".repeat(5_000), "b".into()].concat());
    assert!(!matches(&pattern, &"a".repeat(50_000), Case::Sensitive));
}

#[test]
fn beginnings_are_found() {
    for (pattern, beginning, expected) in [
        ("photos/*", "photos/", true),
        ("photos", "photos/", false),
        ("*", "photos/", true),
        ("photo?", "photos/", false),
        ("photo??x", "photos/", true),
        ("ph*/x", "photos/", true),
        ("other/*", "photos/", false),
        ("${aws:username}x", "photos/", true),
    ] {
        assert_eq!(
            matches_beginning(&compile(pattern), beginning),
            expected,
            "{pattern}"
        );
    }
}

#[test]
fn variables_become_literal_text() {
    let mut conditions = Conditions::new();
    conditions
        .add("aws:username", "an*")
        .add("s3:twice", "a")
        .add("s3:twice", "b");
    for (pattern, text, expected) in [
        ("home/${aws:username}/*", "home/an*/x", Some(true)),
        ("home/${aws:username}/*", "home/ann/x", Some(false)),
        ("${AWS:UserName}", "an*", Some(true)),
        ("${ aws:username , 'x' }", "an*", Some(true)),
        ("${aws:userid, 'nobody'}", "nobody", Some(true)),
        ("${aws:userid, ''}", "", Some(true)),
        ("${aws:userid, 'a}b*'}", "a}b*", Some(true)),
        ("${aws:userid}", "", None),
        ("${s3:twice}", "a", None),
        ("${*}${?}${$}", "*?$", Some(true)),
        ("${*}", "x", Some(false)),
        ("$a{b}", "$a{b}", Some(true)),
    ] {
        let pattern = Pattern::compile(pattern, LIKE).unwrap();
        assert_eq!(
            pattern.matches(text, Case::Sensitive, &conditions),
            expected,
            "{pattern:?}"
        );
    }
    let literal = Syntax {
        wildcards: false,
        variables: false,
    };
    let pattern = Pattern::compile("${aws:username}*", literal).unwrap();
    assert_eq!(
        pattern.matches("${aws:username}*", Case::Sensitive, &conditions),
        Some(true)
    );
}

#[test]
fn broken_variables_are_refused() {
    for text in [
        "${",
        "x${}",
        "${aws:username",
        "${name}",
        "${aws:a, b}",
        "${aws:a, 'b}",
        "${aws:a, '}",
        "${**}",
    ] {
        assert_eq!(
            Pattern::compile(text, LIKE),
            Err(Fault::Variable(text.into())),
            "{text}"
        );
    }
}

/// Returns whether a pattern matches, by the shortest possible definition.
fn model(pattern: &[char], text: &[char]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some(('*', rest)) => (0..=text.len()).any(|n| model(rest, &text[n..])),
        Some((first, rest)) => text
            .split_first()
            .is_some_and(|(c, text)| (*first == '?' || first == c) && model(rest, text)),
    }
}

proptest! {
    #[test]
    fn matching_agrees_with_the_model(pattern in "[ab?*é]{0,9}", text in "[abé]{0,11}") {
        let chars = |text: &str| text.chars().collect::<Vec<_>>();
        let expected = model(&chars(&pattern), &chars(&text));
        let glob = Glob::new(compile(&pattern));
        prop_assert_eq!(glob.matches(&text, Case::Sensitive), expected);
        prop_assert_eq!(glob.matches(&text, Case::Ignored), expected);
        prop_assert_eq!(matches(&compile(&pattern), &text, Case::Sensitive), expected);
    }

    #[test]
    fn variables_match_like_their_values(before in "[ab*]{0,3}", after in "[ab*?]{0,3}", value in "[ab]{0,2}", text in "[ab]{0,6}") {
        let template = Pattern::compile(&[&before, "${k:k}", &after].concat(), LIKE).unwrap();
        let fixed = Pattern::compile(&[before, value.clone(), after].concat(), LIKE).unwrap();
        let mut conditions = Conditions::new();
        prop_assert_eq!(template.matches(&text, Case::Sensitive, &conditions), None);
        conditions.add("k:k", value);
        let expected = fixed.matches(&text, Case::Sensitive, &conditions);
        prop_assert_eq!(template.matches(&text, Case::Sensitive, &conditions), expected);
    }

    #[test]
    fn all_prefixes_of_a_match_are_matched(pattern in "[ab?*é]{0,9}", text in "[abé]{0,11}", at in 0_usize..11) {
        let units = compile(&pattern);
        if matches(&units, &text, Case::Sensitive) {
            let beginning: String = text.chars().take(at).collect();
            prop_assert!(matches_beginning(&units, &beginning));
        }
    }

    #[test]
    fn a_matched_prefix_can_be_completed(pattern in "[ab?*]{0,6}", beginning in "[ab]{0,4}") {
        // An end need not be longer than the pattern.
        let mut ends = vec![String::new()];
        for n in 0..126 {
            ends.push(ends[n].clone() + "a");
            ends.push(ends[n].clone() + "b");
        }
        let units = compile(&pattern);
        let exists = ends.iter().any(|end| matches(&units, &(beginning.clone() + end), Case::Sensitive));
        prop_assert_eq!(matches_beginning(&units, &beginning), exists);
    }

    #[test]
    fn compiling_never_panics(text in "[${}*?',: a-d]{0,20}", variables: bool, wildcards: bool) {
        let _ = Pattern::compile(&text, Syntax { wildcards, variables });
    }
}
