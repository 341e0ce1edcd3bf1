//! A search for many secrets at once.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use std::collections::HashMap;
use std::path::Path;

/// Bytes that must not be found, each with a description.
pub(crate) type Secrets = Vec<(String, Vec<u8>)>;

/// Returns the bytes in every encoding in which they could have been written.
pub(crate) fn forms(what: &str, bytes: &[u8]) -> Secrets {
    let text = BASE64_STANDARD.encode(bytes);
    vec![
        (what.to_owned(), bytes.to_vec()),
        (format!("{what} in hex"), hex::encode(bytes).into_bytes()),
        (
            format!("{what} in upper-case hex"),
            hex::encode_upper(bytes).into_bytes(),
        ),
        (
            format!("{what} in base64"),
            text.trim_end_matches('=').as_bytes().to_vec(),
        ),
    ]
}

pub(crate) fn finds(haystack: &[u8], needle: &[u8]) -> bool {
    let (first, rest) = needle.split_first().unwrap();
    let mut from = 0;
    while let Some(at) = haystack[from..].iter().position(|b| b == first) {
        from += at + 1;
        if haystack[from..].starts_with(rest) {
            return true;
        }
    }
    false
}

/// Searches for all secrets in one pass.
pub(crate) struct Search {
    /// True at the two bytes that a secret begins with.
    begins: Vec<bool>,
    by_beginning: HashMap<u16, Secrets>,
}

impl Search {
    pub(crate) fn of(secrets: Secrets) -> Self {
        let mut begins = vec![false; 1 << 16];
        let mut by_beginning = HashMap::<_, Secrets>::new();
        for (what, secret) in secrets {
            let beginning = u16::from_be_bytes([secret[0], secret[1]]);
            begins[usize::from(beginning)] = true;
            by_beginning.entry(beginning).or_default().push((what, secret));
        }
        Self { begins, by_beginning }
    }

    pub(crate) fn finds_nothing(&self, place: &str, bytes: &[u8]) {
        let mut beginning = u16::from(bytes.first().copied().unwrap_or_default());
        for (at, byte) in bytes.iter().enumerate().skip(1) {
            beginning = beginning << 8 | u16::from(*byte);
            if self.begins[usize::from(beginning)] {
                for (what, secret) in &self.by_beginning[&beginning] {
                    assert!(!bytes[at - 1..].starts_with(secret), "{place} holds {what}");
                }
            }
        }
    }
}

#[test]
fn a_search_finds_each_secret_in_every_encoding() {
    let secrets = || {
        vec![
            ("a".to_owned(), b"abc".to_vec()),
            ("b".to_owned(), b"abd".to_vec()),
        ]
    };
    for (bytes, found) in [
        ("abc", true),
        ("xxabd", true),
        ("aababx", false),
        ("a", false),
        ("", false),
    ] {
        let search =
            std::panic::catch_unwind(|| Search::of(secrets()).finds_nothing("here", bytes.as_bytes()));
        assert_eq!(search.is_err(), found, "{bytes}");
        assert_eq!(
            secrets()
                .iter()
                .any(|(_, secret)| finds(bytes.as_bytes(), secret)),
            found
        );
    }
}

/// Returns all files under a directory.
pub(crate) fn files(directory: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            let bytes = std::fs::read(&path).unwrap();
            found.push((path.display().to_string(), bytes));
        }
    }
    found
}
