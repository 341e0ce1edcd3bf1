use super::*;
use std::collections::{BTreeMap, BTreeSet};

/// Returns the operations of the table, with their state in the words of `docs/s3-api.md`.
fn table() -> BTreeMap<String, &'static str> {
    let states = OPERATIONS.iter().map(|operation| {
        let state = if operation.is(Trait::not_implemented) {
            "NotImplemented"
        } else if operation.is(Trait::never_configured) {
            "as never configured"
        } else {
            "offered"
        };
        (operation.name.to_owned(), state)
    });
    states.collect()
}

/// Returns the operations that a cell names, such as `Get-, PutBucketAcl; OPTIONS`.
fn names(cell: &str) -> Vec<String> {
    let (mut names, mut verbs) = (Vec::new(), Vec::new());
    for name in cell.split([',', ';']).map(str::trim) {
        // A remark.
        let name = name.split(" (").next().unwrap();
        if let Some(verb) = name.strip_suffix('-') {
            verbs.push(verb);
            continue;
        }
        // A method of HTTP.
        if name.chars().all(char::is_uppercase) {
            continue;
        }
        let noun = name[1..].find(char::is_uppercase).unwrap() + 1;
        names.extend(verbs.drain(..).map(|verb| [verb, &name[noun..]].concat()));
        names.push(name.to_owned());
    }
    names
}

#[test]
fn the_documentation_agrees_with_the_table() {
    let text = include_str!("../../../../../docs/s3-api.md");
    let mut documented = BTreeMap::new();
    for line in text.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        if ["operation", "---"].contains(&cells[1]) {
            continue;
        }
        for name in names(cells[1]) {
            let before = documented.insert(name.clone(), cells[2].to_owned());
            assert_eq!(before, None, "{name} is documented twice");
        }
    }
    // Operations of other services have no row here.
    documented.retain(|_, state| state != "not there");
    let table = table();
    for (name, state) in &table {
        assert_eq!(documented.get(name).map(String::as_str), Some(*state), "{name}");
    }
    let unknown: Vec<_> = documented
        .keys()
        .filter(|name| !table.contains_key(*name))
        .collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[test]
fn the_implementations_agree_with_the_table() {
    let camel = |name: &str| {
        let words = name.split('_');
        let words: Vec<_> = words.map(|word| word[..1].to_uppercase() + &word[1..]).collect();
        words.concat()
    };
    let mut implemented: BTreeSet<String> = include_str!("../../ops.rs")
        .lines()
        .filter_map(|line| line.trim().split_once("Input)"))
        .map(|(before, _)| camel(before.split('(').next().unwrap()))
        .collect();
    // A form becomes a PUT; `UpdateObjectEncryption` is unknown to s3s and has its own route.
    implemented.extend(["PostObject", "UpdateObjectEncryption"].map(str::to_owned));
    let offered = OPERATIONS.iter().filter(|operation| operation.is_offered());
    let offered: BTreeSet<String> = offered.map(|operation| operation.name.to_owned()).collect();
    assert_eq!(implemented, offered);
}

#[test]
fn every_row_is_there_once() {
    assert_eq!(table().len(), OPERATIONS.len());
}

#[test]
fn operations_that_are_offered_have_actions_and_others_have_none() {
    for operation in OPERATIONS {
        assert_eq!(
            operation.is_offered(),
            !operation.actions.is_empty(),
            "{}",
            operation.name
        );
        if !operation.version_actions.is_empty() {
            assert_eq!(operation.actions.len(), operation.version_actions.len());
        }
    }
}

#[test]
fn each_operation_has_a_category_in_the_audit_log() {
    let of = |name| Operation::named(name).unwrap().category();
    for name in [
        "GetObject",
        "HeadBucket",
        "ListObjectVersions",
        "GetBucketPolicy",
        "ListParts",
    ] {
        assert_eq!(of(name), Category::Reads, "{name}");
    }
    for name in [
        "PutObject",
        "PostObject",
        "DeleteObjects",
        "PutObjectRetention",
        "AbortMultipartUpload",
        "UpdateObjectEncryption",
    ] {
        assert_eq!(of(name), Category::Writes, "{name}");
    }
    for name in [
        "CreateBucket",
        "DeleteBucket",
        "PutBucketPolicy",
        "DeletePublicAccessBlock",
    ] {
        assert_eq!(of(name), Category::Settings, "{name}");
    }
}
