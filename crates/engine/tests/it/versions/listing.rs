//! Listings of versions, compared with a model, and the cost of listings.

use crate::support::protection::{ALICE, Protection};
use crate::support::vault::{BUCKET, Vault};
use strongroom_engine::VersionName;
use strongroom_engine::object::list::{ListObjects, ListVersions, ListedVersion};
use strongroom_engine::object::walk::{Entry, Scope};

const KEYS: [&str; 13] = [
    "a", "a-", "a/", "a/b", "a/b/c", "a\0", "a\u{1}b", "a\u{2}", "ab", "b", "b/1", "b/2", "é",
];

/// Creates keys with several versions, including markers and null versions.
async fn filled() -> Vault {
    let vault = Vault::memory().await;
    for key in KEYS.iter().step_by(3) {
        vault.put(key, "null", ALICE).await.unwrap();
    }
    vault.keep_versions().await;
    for round in 0..3 {
        for (at, key) in KEYS.iter().enumerate() {
            match (at + round) % 5 {
                0 => drop(vault.delete(key).await.unwrap()),
                1 => {}
                _ => drop(vault.put(key, "version", Protection::Unspecified).await.unwrap()),
            }
        }
    }
    vault.suspend().await;
    vault.put("a/b", "null", ALICE).await.unwrap();
    vault.delete("b").await.unwrap();
    vault
}

/// Key, version and whether it is the newest; `Err`: a common prefix.
type Line = Result<(String, VersionName, bool), String>;

fn lines(entries: &[Entry<ListedVersion>]) -> Vec<Line> {
    let line = |entry: &Entry<ListedVersion>| match entry {
        Entry::Item(listed) => Ok((listed.object.key.clone(), listed.version, listed.is_latest)),
        Entry::Prefix(prefix) => Err(prefix.clone()),
    };
    entries.iter().map(line).collect()
}

/// Returns the lines of a listing without a limit.
fn model(all: &[ListedVersion], list: &ListVersions) -> Vec<Line> {
    let mut lines = Vec::new();
    let rolled_up = |key: &str| {
        let delimiter = list.scope.delimiter.as_deref().filter(|d| !d.is_empty())?;
        let (folder, _) = key.strip_prefix(&list.scope.prefix)?.split_once(delimiter)?;
        Some(format!("{}{folder}{delimiter}", list.scope.prefix))
    };
    // Position of the version after which the listing starts, if it exists.
    let marker = list.after_version.and_then(|name| {
        all.iter()
            .position(|listed| listed.object.key == list.after && listed.version == name)
    });
    for (at, listed) in all.iter().enumerate() {
        let key = &listed.object.key;
        if !key.starts_with(&list.scope.prefix) {
            continue;
        }
        let line = match rolled_up(key) {
            Some(prefix) => Err(prefix),
            None => Ok((key.clone(), listed.version, listed.is_latest)),
        };
        let comes = match &line {
            Err(prefix) => *prefix > list.after,
            Ok(_) if *key == list.after => marker.is_some_and(|marker| at > marker),
            Ok(_) => *key > list.after,
        };
        if comes && lines.last() != Some(&line) {
            lines.push(line);
        }
    }
    lines
}

#[tokio::test]
async fn versions_are_listed_from_any_position_as_in_the_model() {
    let vault = filled().await;
    let all = vault.versions().await;
    assert!(all.len() > 25 && all.iter().filter(|listed| listed.is_marker).count() > 5);
    assert_eq!(all.iter().filter(|listed| listed.is_latest).count(), KEYS.len());
    let mut afters: Vec<(String, Option<VersionName>)> = all
        .iter()
        .map(|listed| (listed.object.key.clone(), Some(listed.version)))
        .collect();
    for after in KEYS.into_iter().chain(["", "A", "a/b/", "a/z", "aa", "zz"]) {
        afters.push((after.to_owned(), None));
        // Null versions that do not exist.
        afters.push((after.to_owned(), Some(VersionName::Null)));
    }
    for prefix in ["", "a", "a/", "a/b", "b", "é", "x"] {
        for delimiter in [None, Some(""), Some("/"), Some("b"), Some("\0")] {
            for (after, after_version) in &afters {
                for limit in [1, 2, 5, usize::MAX] {
                    let list = ListVersions {
                        scope: Scope {
                            prefix: prefix.to_owned(),
                            delimiter: delimiter.map(str::to_owned),
                        },
                        after: after.clone(),
                        after_version: *after_version,
                        limit,
                    };
                    let expected = model(&all, &list);
                    let page = vault.engine.list_versions(BUCKET, &list).await.unwrap();
                    let shown = &expected[..limit.min(expected.len())];
                    assert_eq!(lines(&page.entries), shown, "{list:?}");
                    assert_eq!(page.truncated, expected.len() > limit, "{list:?}");
                }
            }
        }
    }
}

#[tokio::test]
async fn pages_of_versions_add_up_to_the_whole() {
    let vault = filled().await;
    let all = vault.versions().await;
    for delimiter in [None, Some("/".to_owned()), Some("b".to_owned())] {
        for limit in 1..9 {
            let mut list = ListVersions {
                scope: Scope {
                    prefix: String::new(),
                    delimiter: delimiter.clone(),
                },
                limit,
                ..ListVersions::default()
            };
            let expected = model(&all, &list);
            let mut paged = Vec::new();
            loop {
                let page = vault.engine.list_versions(BUCKET, &list).await.unwrap();
                paged.extend(lines(&page.entries));
                if !page.truncated {
                    break;
                }
                (list.after, list.after_version) = match page.entries.last().unwrap() {
                    Entry::Item(listed) => (listed.object.key.clone(), Some(listed.version)),
                    Entry::Prefix(prefix) => (prefix.clone(), None),
                };
            }
            assert_eq!(paged, expected, "{delimiter:?} in pages of {limit}");
        }
    }
}

/// The last version of a page may be deleted before the next page is requested.
#[tokio::test]
async fn a_page_after_a_deleted_version_continues_behind_it() {
    let vault = Vault::memory().await;
    vault.keep_versions().await;
    for _ in 0..4 {
        vault.put("a", "x", ALICE).await.unwrap();
    }
    for first_gone in 0..2 {
        let all = vault.versions().await;
        let gone = all[first_gone].version;
        vault.delete_version("a", gone).await.unwrap();
        let list = ListVersions {
            after: "a".to_owned(),
            after_version: Some(gone),
            limit: 10,
            ..ListVersions::default()
        };
        let page = vault.engine.list_versions(BUCKET, &list).await.unwrap();
        let expected: Vec<_> = vault.versions().await.into_iter().skip(first_gone).collect();
        assert_eq!(
            page.entries,
            expected.into_iter().map(Entry::Item).collect::<Vec<_>>()
        );
    }
}

#[tokio::test]
async fn a_listing_of_versions_shows_what_needs_no_key() {
    let vault = Vault::memory().await;
    vault.keep_versions().await;
    let put = vault.put("a", "four", ALICE).await.unwrap().committed;
    vault.delete("a").await.unwrap();
    let [marker, version] = &vault.versions().await[..] else {
        panic!("expected two")
    };
    assert_eq!(version.version, put.version.unwrap());
    assert_eq!(version.object.etag, put.etag);
    assert_eq!(version.object.modified, put.modified);
    assert_eq!(version.object.mode, put.encrypted.mode);
    assert_eq!(
        (version.object.length, version.is_latest, version.is_marker),
        (4, false, false)
    );
    assert_eq!((marker.is_latest, marker.is_marker), (true, true));
    assert!(marker.object.modified > put.modified);
}

#[tokio::test]
async fn old_versions_and_markers_cost_a_plain_listing_nothing() {
    let mut meter = None;
    let vault = Vault::through(|store| {
        let (store, counted) = store.metered();
        meter = Some(counted);
        store
    })
    .await;
    let meter = meter.unwrap();
    vault.keep_versions().await;
    for key in ["a", "m", "z"] {
        for _ in 0..500 {
            vault.put(key, "x", Protection::Unspecified).await.unwrap();
        }
    }
    for number in 0..2500 {
        let key = format!("gone/{:03}", number % 1000);
        vault.delete(&key).await.unwrap();
    }
    for (prefix, delimiter, expected) in [
        ("", None, 3),
        ("", Some("/"), 3),
        ("gone/", None, 0),
        ("gone/", Some("/"), 0),
        ("m", None, 1),
    ] {
        let list = ListObjects {
            scope: Scope {
                prefix: prefix.to_owned(),
                delimiter: delimiter.map(str::to_owned),
            },
            limit: 1000,
            ..ListObjects::default()
        };
        let before = meter.snapshot();
        let page = vault.engine.list_objects(BUCKET, &list).await.unwrap();
        let after = meter.snapshot();
        assert_eq!((page.entries.len(), page.truncated), (expected, false));
        assert_eq!(after.rows_scanned - before.rows_scanned, expected as u64);
        assert_eq!(after.index_scans.made - before.index_scans.made, 1);
        assert_eq!(after.index_gets.made, before.index_gets.made);
    }
    // A listing of versions with common prefixes skips them too.
    let list = ListVersions {
        scope: Scope {
            prefix: String::new(),
            delimiter: Some("/".to_owned()),
        },
        after: "a".to_owned(),
        limit: 1,
        ..ListVersions::default()
    };
    let before = meter.snapshot();
    let page = vault.engine.list_versions(BUCKET, &list).await.unwrap();
    let after = meter.snapshot();
    assert_eq!(lines(&page.entries), [Err("gone/".to_owned())]);
    assert!(page.truncated);
    assert!(after.rows_scanned - before.rows_scanned < 40);
}
