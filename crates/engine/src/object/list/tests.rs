use super::*;
use crate::clock::SystemClock;
use crate::engine::Parts;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::collections::BTreeSet;
use std::sync::Arc;
use strongroom_keys::Keyring;
use strongroom_seal::SystemRandom;
use strongroom_store::{Prepared, Store, StoreId};

const BUCKET: &str = "the-bucket";

/// Creates an engine whose bucket lists these keys. Their other rows are missing: a listing does not read them.
async fn engine_with(store: Store, keys: impl IntoIterator<Item = String>) -> Engine {
    let directory = tempfile::tempdir().unwrap();
    let parts = Parts {
        store: Prepared::open(store, StoreId([1; 16]), true),
        keyring: Arc::new(
            Keyring::create(&directory.path().join("keyring"), &SystemRandom::default()).unwrap(),
        ),
        kms: Arc::default(),
        audit: Arc::new(strongroom_audit::NoAudit),
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom::default()),
        lifecycle_day: crate::engine::DAY,
        keep_lost: crate::engine::KEEP_LOST,
    };
    let engine = Engine::start(parts).await.unwrap();
    engine.create_bucket(BUCKET).await.unwrap();
    let bucket = engine.bucket(BUCKET).await.unwrap();
    let mut batch = bucket.rows.batch();
    for key in keys {
        let summary = VersionSummary {
            version: [1; 16],
            length: key.len() as u64,
            modified: 7,
            etag: format!("etag of {key:?}"),
            mode: Mode::Customer as u8,
            null: false,
            owner: None,
        };
        batch.put(key::current(&key), &summary).unwrap();
    }
    assert!(batch.commit().await.unwrap().is_done());
    engine
}

fn names(listing: &Page<ListedObject>) -> Vec<String> {
    listing
        .entries
        .iter()
        .map(|entry| entry.name().to_owned())
        .collect()
}

/// Returns the expected names of a listing: keys, or the common prefixes they are grouped into, each once, after
/// `after`.
fn model(keys: &BTreeSet<String>, list: &ListObjects) -> Vec<String> {
    let mut names: Vec<String> = keys
        .iter()
        .filter_map(|key| {
            let rest = key.strip_prefix(&list.scope.prefix)?;
            match list.scope.delimiter.as_deref() {
                None | Some("") => Some(key.clone()),
                Some(delimiter) => match rest.split_once(delimiter) {
                    None => Some(key.clone()),
                    Some((folder, _)) => Some(format!("{}{folder}{delimiter}", list.scope.prefix)),
                },
            }
        })
        .filter(|name| *name > list.after)
        .collect();
    names.sort();
    names.dedup();
    names
}

/// Generates texts over a small alphabet, so that prefixes and delimiters coincide; it includes the bytes that rows
/// escape.
fn text(length: std::ops::Range<usize>) -> impl Strategy<Value = String> {
    let letter = proptest::sample::select(
        &[
            'a',
            'b',
            '/',
            '-',
            '\0',
            '\u{1}',
            '\u{2}',
            '\u{3}',
            'é',
            '\u{10ffff}',
        ][..],
    );
    prop::collection::vec(letter, length).prop_map(String::from_iter)
}

#[test]
fn a_listing_is_what_the_model_says_page_by_page() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let inputs = (
        prop::collection::btree_set(text(1..7), 0..60),
        text(0..3),
        proptest::option::of(text(0..3)),
        text(0..4),
        1..20_usize,
    );
    let config = Config {
        cases: 500,
        failure_persistence: None,
        ..Config::default()
    };
    let outcome = TestRunner::new(config).run(&inputs, |(keys, prefix, delimiter, after, limit)| {
        let all = ListObjects {
            scope: Scope { prefix, delimiter },
            after,
            limit: usize::MAX,
        };
        let expected = model(&keys, &all);
        let (whole, paged) = runtime.block_on(async {
            let engine = engine_with(Store::memory(), keys.iter().cloned()).await;
            let whole = engine.list_objects(BUCKET, &all).await.unwrap();
            let mut paged = Vec::new();
            let mut list = ListObjects { limit, ..all.clone() };
            loop {
                let page = engine.list_objects(BUCKET, &list).await.unwrap();
                assert!(page.entries.len() <= limit);
                paged.extend(names(&page));
                match page.entries.last() {
                    Some(entry) if page.truncated => entry.name().clone_into(&mut list.after),
                    _ => break (whole, paged),
                }
            }
        });
        prop_assert!(!whole.truncated);
        prop_assert_eq!(&names(&whole), &expected);
        prop_assert_eq!(&paged, &expected, "in pages of {}", limit);
        Ok(())
    });
    outcome.unwrap();
}

#[tokio::test]
async fn a_page_says_that_there_is_more_only_when_there_is() {
    let keys = ["a", "b/1", "b/2", "c"].map(str::to_owned);
    let engine = engine_with(Store::memory(), keys).await;
    for (delimiter, total) in [(None, 4), (Some("/".to_owned()), 3)] {
        for limit in 0..6 {
            let list = ListObjects {
                scope: Scope {
                    prefix: String::new(),
                    delimiter: delimiter.clone(),
                },
                limit,
                ..ListObjects::default()
            };
            let page = engine.list_objects(BUCKET, &list).await.unwrap();
            assert_eq!(page.entries.len(), limit.min(total));
            assert_eq!(page.truncated, limit < total, "{limit} of {total}");
        }
    }
    // More keys in the last common prefix add no entries.
    let list = ListObjects {
        scope: Scope {
            prefix: "b".to_owned(),
            delimiter: Some("/".to_owned()),
        },
        limit: 1,
        ..ListObjects::default()
    };
    let page = engine.list_objects(BUCKET, &list).await.unwrap();
    assert_eq!((names(&page), page.truncated), (vec!["b/".to_owned()], false));
}

#[tokio::test]
async fn a_listing_tells_the_facts_of_each_object() {
    let engine = engine_with(Store::memory(), ["a\0b".to_owned()]).await;
    let list = ListObjects {
        limit: 1,
        ..ListObjects::default()
    };
    let page = engine.list_objects(BUCKET, &list).await.unwrap();
    let expected = ListedObject {
        key: "a\0b".to_owned(),
        etag: "etag of \"a\\0b\"".to_owned(),
        length: 3,
        modified: 7,
        mode: Mode::Customer,
        owner: crate::BucketOwner::FIRST,
    };
    assert_eq!(page.entries, [Entry::Item(expected)]);
}

#[tokio::test]
async fn the_cost_of_a_listing_follows_the_answer_not_the_bucket() {
    let (store, meter) = Store::memory().metered();
    let many = (0..20_000).map(|number| format!("many/{number:05}"));
    let few = ["a", "few/1", "few/2", "many", "manyfold", "z/1"].map(str::to_owned);
    let engine = engine_with(store, many.chain(few)).await;
    let list = ListObjects {
        scope: Scope {
            prefix: String::new(),
            delimiter: Some("/".to_owned()),
        },
        limit: 1000,
        ..ListObjects::default()
    };
    let before = meter.snapshot();
    let page = engine.list_objects(BUCKET, &list).await.unwrap();
    let after = meter.snapshot();
    assert_eq!(names(&page), ["a", "few/", "many", "many/", "manyfold", "z/"]);
    let scans = after.index_scans.made - before.index_scans.made;
    let rows = after.rows_scanned - before.rows_scanned;
    assert!(scans <= 5, "{scans} scans");
    assert!(rows <= 80, "{rows} rows");

    // The same for a page in the middle.
    let list = ListObjects {
        scope: Scope {
            prefix: "many/".to_owned(),
            delimiter: None,
        },
        after: "many/10000".to_owned(),
        limit: 1000,
    };
    let before = meter.snapshot();
    let page = engine.list_objects(BUCKET, &list).await.unwrap();
    let after = meter.snapshot();
    assert!(page.truncated && names(&page)[0] == "many/10001" && page.entries.len() == 1000);
    assert!(after.index_scans.made - before.index_scans.made <= 6);
    assert_eq!(after.rows_scanned - before.rows_scanned, 1001);
}

#[tokio::test]
async fn folders_of_few_keys_are_read_on_and_those_of_many_are_sought_past() {
    for (keys, most_scans, most_rows) in [(3, 510, 2040), (100, 1010, 4040)] {
        let (store, meter) = Store::memory().metered();
        let all = (0..1000 * keys).map(|number| format!("folder-{:03}/{}", number / keys, number % keys));
        let engine = engine_with(store, all).await;
        let list = ListObjects {
            scope: Scope {
                prefix: String::new(),
                delimiter: Some("/".to_owned()),
            },
            limit: 1000,
            ..ListObjects::default()
        };
        let before = meter.snapshot();
        let page = engine.list_objects(BUCKET, &list).await.unwrap();
        let after = meter.snapshot();
        assert_eq!((page.entries.len(), page.truncated), (1000, false));
        let scans = after.index_scans.made - before.index_scans.made;
        let rows = after.rows_scanned - before.rows_scanned;
        assert!(scans <= most_scans, "{scans} scans in folders of {keys}");
        assert!(rows <= most_rows, "{rows} rows in folders of {keys}");
    }
}
