//! A page of a listing in a bucket of few keys and in one of many. Both must cost the same.

use crate::figures::Times;
use crate::place::Place;
use std::path::Path;
use strongroom_engine::Engine;
use strongroom_engine::object::list::{ListObjects, ListVersions};
use strongroom_engine::object::walk::{Page, Scope};

/// Number of folders of each bucket. The small bucket has few keys in each and the large one many, so with a delimiter both
/// list the same page.
const FOLDERS: u64 = 1000;

/// Number of entries of a page.
const PAGE: usize = 1000;

/// Builds the listing of one page, in a bucket with `keys` keys in each folder.
type BuildListing = fn(keys: u64, round: u64) -> Listing;

enum Listing {
    Objects(ListObjects),
    Versions(ListVersions),
}

const LISTINGS: [(&str, BuildListing); 9] = [
    ("keys, from the start", |_, _| objects("", false, String::new())),
    ("keys, from the middle", |keys, _| {
        objects("", false, key(keys, FOLDERS * keys / 2))
    }),
    ("keys, the last page", |keys, _| {
        objects("", false, key(keys, FOLDERS * keys - 1001))
    }),
    ("keys, from anywhere", |keys, round| {
        objects("", false, anywhere(keys, round))
    }),
    ("keys of a prefix", |keys, round| {
        objects(&prefix(keys, round), false, String::new())
    }),
    ("common prefixes", |_, _| objects("", true, String::new())),
    ("versions, from anywhere", |keys, round| {
        versions("", false, anywhere(keys, round))
    }),
    ("versions of a prefix", |keys, round| {
        versions(&prefix(keys, round), false, String::new())
    }),
    ("common prefixes of versions", |_, _| {
        versions("", true, String::new())
    }),
];

pub(crate) async fn measure(directory: &Path, full: bool) {
    // Keys in each folder: as many as a page has, and a hundredth of that.
    let (few, many, rounds) = if full { (10, 1000, 200) } else { (3, 40, 40) };
    let place = Place::new(directory).await;
    for (bucket, keys) in [("small", few), ("large", many)] {
        place.bucket(bucket, true).await;
        // Not in the order of the names: real writers do not follow it either.
        place
            .fill(bucket, FOLDERS * keys, move |number| {
                key(keys, number * 7_919 % (FOLDERS * keys))
            })
            .await;
    }
    println!(
        "\nA page of {PAGE}, in ms, in a bucket of {} keys and in one of {}, {rounds} rounds:\n",
        FOLDERS * few,
        FOLDERS * many
    );
    println!(
        "                                small   again   large  95 of 100  again/small  large/small   scans  rows"
    );
    for (name, ask) in LISTINGS {
        let [mut small, mut again, mut large] = [(); 3].map(|()| Times::default());
        let (mut scans, mut rows) = (0, 0);
        for round in 0..rounds {
            small.take(page(&place.engine, "small", ask(few, round))).await;
            let before = place.meter.snapshot();
            large.take(page(&place.engine, "large", ask(many, round))).await;
            let after = place.meter.snapshot();
            scans = after.index_scans.made - before.index_scans.made;
            rows = after.rows_scanned - before.rows_scanned;
            again.take(page(&place.engine, "small", ask(few, round))).await;
        }
        println!(
            "{name:30} {:6.2}  {:6.2}  {:6.2}     {:6.2}       {:6.2}       {:6.2}  {scans:6} {rows:5}",
            small.median(),
            again.median(),
            large.median(),
            large.slow(),
            again.ratio(&small),
            large.ratio(&small),
        );
    }
}

async fn page(engine: &Engine, bucket: &str, listing: Listing) {
    let entries = match listing {
        Listing::Objects(list) => count(&engine.list_objects(bucket, &list).await.unwrap()),
        Listing::Versions(list) => count(&engine.list_versions(bucket, &list).await.unwrap()),
    };
    assert_eq!(entries, PAGE, "every page is full");
}

fn count<T>(page: &Page<T>) -> usize {
    page.entries.len()
}

/// Returns the name of a number, with `keys` names in each folder. All names have the same length.
fn key(keys: u64, number: u64) -> String {
    format!("folder-{:04}/object-{:04}", number / keys, number % keys)
}

/// Returns a key that is followed by at least one page.
fn anywhere(keys: u64, round: u64) -> String {
    let last = FOLDERS * keys - 1001;
    key(keys, round.wrapping_mul(0x9e37_79b9_7f4a_7c15) % last)
}

/// Returns a prefix of a thousand keys: one folder or several.
fn prefix(keys: u64, round: u64) -> String {
    match keys {
        1000 => format!("folder-{:04}/", round * 37 % FOLDERS),
        10 => format!("folder-0{}", round % 10),
        _ => "folder-0".to_owned(),
    }
}

fn scope(prefix: &str, delimiter: bool) -> Scope {
    Scope {
        prefix: prefix.to_owned(),
        delimiter: delimiter.then(|| "/".to_owned()),
    }
}

fn objects(prefix: &str, delimiter: bool, after: String) -> Listing {
    Listing::Objects(ListObjects {
        scope: scope(prefix, delimiter),
        after,
        limit: PAGE,
    })
}

fn versions(prefix: &str, delimiter: bool, after: String) -> Listing {
    Listing::Versions(ListVersions {
        scope: scope(prefix, delimiter),
        after,
        limit: PAGE,
        after_version: None,
    })
}
