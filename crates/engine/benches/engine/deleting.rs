//! Deletion of a thousand keys: one by one, concurrently, and in one request.

use crate::figures::Times;
use crate::place::Place;
use futures::{StreamExt as _, stream};
use std::path::Path;
use strongroom_engine::delete::DeleteObject;

const KEYS: u64 = 1000;

/// Number of concurrent deletions of single keys, as clients send them.
const AT_ONCE: usize = 32;

pub(crate) async fn measure(directory: &Path, full: bool) {
    let rounds = if full { 9 } else { 3 };
    let place = Place::new(directory).await;
    println!("\n{KEYS} keys deleted, in ms, {rounds} rounds in turn:\n");
    println!("                        one by one  {AT_ONCE} at once  one request   commits of that");
    for (bucket, keeps, name) in [
        ("gone", false, "for good"),
        ("markers", true, "by delete markers"),
    ] {
        place.bucket(bucket, keeps).await;
        let [mut single, mut at_once, mut together] = [(); 3].map(|()| Times::default());
        let mut commits = 0;
        for _ in 0..rounds {
            for (way, times) in [&mut single, &mut at_once, &mut together].into_iter().enumerate() {
                // Sixteen bytes are stored inline, so only rows are deleted.
                place
                    .fill(bucket, KEYS, move |number| format!("{way}/{number:04}"))
                    .await;
                let batch: Vec<_> = (0..KEYS)
                    .map(|number| DeleteObject {
                        key: format!("{way}/{number:04}"),
                        ..DeleteObject::default()
                    })
                    .collect();
                let before = place.meter.snapshot().index_commits.made;
                match way {
                    2 => {
                        let deleted = times.take(place.engine.delete_objects(bucket, &batch)).await;
                        assert!(deleted.unwrap().iter().all(Result::is_ok));
                        commits = place.meter.snapshot().index_commits.made - before;
                    }
                    way => {
                        let at_once = if way == 0 { 1 } else { AT_ONCE };
                        let work = stream::iter(&batch)
                            .map(|delete| place.engine.delete_object(bucket, delete))
                            .buffer_unordered(at_once)
                            .for_each(|deleted| async move {
                                deleted.unwrap();
                            });
                        times.take(work).await;
                    }
                }
            }
        }
        println!(
            "{name:20}     {:8.1}    {:8.1}     {:8.1}              {commits:4}",
            single.median(),
            at_once.median(),
            together.median()
        );
    }
}
