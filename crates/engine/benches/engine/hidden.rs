//! A page of a listing among hidden rows: older versions, keys with delete markers, keys deleted for good.
//!
//! Deleted rows stay in the files of the index until these are merged, and a listing skips them row by row until then. So
//! each kind is measured in a separate store before anything else is written there.

use crate::figures::Times;
use crate::place::Place;
use std::path::Path;
use strongroom_engine::object::delete::DeleteObject;
use strongroom_engine::object::list::ListObjects;
use strongroom_engine::object::walk::Scope;

/// Number of listed keys: one full page.
const LISTED: u64 = 1000;

/// Kind of hidden rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Versions,
    Markers,
    Gone,
}

pub(crate) async fn measure(directory: &Path, full: bool) {
    let (each, rounds) = if full { (99, 200) } else { (9, 40) };
    println!("\nA page of {LISTED} keys, in ms, {rounds} rounds; for each of them are hidden:\n");
    println!("                                   nothing  these  95 of 100  these/nothing");
    for (kind, name) in [
        (Kind::Versions, "older versions"),
        (Kind::Markers, "keys with delete markers"),
        (Kind::Gone, "keys just deleted for good"),
    ] {
        let place = Place::new(directory).await;
        place.bucket("bare", kind != Kind::Gone).await;
        place.fill("bare", LISTED, |number| key(number, 0)).await;
        place.bucket("hiding", kind != Kind::Gone).await;
        let hidden = LISTED * each;
        // The hidden keys are between any two listed keys.
        let nth = move |number| match kind {
            Kind::Versions => key(number % LISTED, 0),
            Kind::Markers | Kind::Gone => key(number % LISTED, number / LISTED),
        };
        place.fill("hiding", LISTED + hidden, nth).await;
        if kind != Kind::Versions {
            let delete = move |number| DeleteObject {
                key: nth(LISTED + number),
                ..DeleteObject::default()
            };
            place
                .each("hiding", "deleted", hidden, move |engine, number| async move {
                    engine.delete_object("hiding", &delete(number)).await.unwrap();
                })
                .await;
        }
        let [mut bare, mut hiding] = [(); 2].map(|()| Times::default());
        for _ in 0..rounds {
            for (bucket, times) in [("bare", &mut bare), ("hiding", &mut hiding)] {
                let list = ListObjects {
                    scope: Scope::default(),
                    after: String::new(),
                    limit: 1000,
                };
                let page = times
                    .take(place.engine.list_objects(bucket, &list))
                    .await
                    .unwrap();
                assert_eq!((page.entries.len(), page.truncated), (1000, false));
            }
        }
        println!(
            "{each:3} {name:30} {:6.2} {:6.2}     {:6.2}         {:6.2}",
            bare.median(),
            hiding.median(),
            hiding.slow(),
            hiding.ratio(&bare),
        );
    }
}

fn key(listed: u64, hidden: u64) -> String {
    format!("object-{listed:04}/{hidden:04}")
}
