//! Damage of every file that decides what is read when a store is opened. Each trial damages one file of a copy of a store
//! as a crash left it, and opens it. It must end in a refusal that names its cause, or in exactly the acknowledged rows.
//!
//! `STRONGROOM_TRIALS=100000 cargo test -p strongroom-store --test it damaged_index` runs more trials.

mod damage;
mod shape;

use crate::damaged_index::damage::Damage;
use crate::damaged_index::shape::{Image, Rows};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use strongroom_store::conformance::FixedAuthenticator;
use strongroom_store::{Scan, Store, StoreError};

/// Number of random trials for each shape of a store, if `STRONGROOM_TRIALS` does not set another one.
const TRIALS: usize = 150;

/// Result of a trial.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    /// The store was not opened.
    Refused,
    /// A read, or the check of the store, failed with a named cause; everything else was right.
    Found,
    /// All rows are as they were acknowledged.
    Complete,
    /// Rows are missing or wrong, and nothing said so.
    Silent(String),
}

async fn open(path: &Path) -> Result<Store, StoreError> {
    let prepared = Store::prepare(path, shape::settings()).await?;
    prepared.recover(Arc::new(FixedAuthenticator::new(1))).await
}

/// Reads every row by a scan and by its key, and runs the store's own check.
async fn examine(path: &Path, expected: &Rows) -> Outcome {
    let store = match open(path).await {
        Ok(store) => store,
        Err(error) => {
            assert!(
                matches!(error, StoreError::Damaged { .. }),
                "refused without naming damage: {error}"
            );
            return Outcome::Refused;
        }
    };
    let mut found = store.integrity.check_files().await.is_err();
    for (partition, rows) in expected {
        found |= store.integrity.check_rows(*partition).await.is_err();
        let all = Scan {
            prefix: bytes::Bytes::new(),
            from: bytes::Bytes::new(),
            limit: usize::MAX,
        };
        match store.index.scan(*partition, all).await {
            Ok(scanned) => {
                let scanned: BTreeMap<_, _> = scanned.into_iter().map(|row| (row.key, row.value)).collect();
                if scanned != *rows && !found {
                    return Outcome::Silent(format!(
                        "a scan found {} rows instead of {}",
                        scanned.len(),
                        rows.len()
                    ));
                }
            }
            Err(_) => found = true,
        }
        for (key, value) in rows {
            match store.index.get(*partition, key).await {
                Ok(got) if got.as_ref() == Some(value) => {}
                Ok(_) if found => {}
                Ok(_) => return Outcome::Silent(format!("the row {key:?} differs")),
                Err(_) => found = true,
            }
        }
    }
    if found { Outcome::Found } else { Outcome::Complete }
}

fn trials() -> usize {
    let set = std::env::var_os("STRONGROOM_TRIALS").and_then(|trials| trials.into_string().ok());
    set.map_or(TRIALS, |trials| {
        trials.parse().expect("STRONGROOM_TRIALS is a number")
    })
}

/// Runs random trials and prints how they ended.
async fn harm(image: &Image) {
    assert_eq!(examine(image.copy().path(), &image.rows).await, Outcome::Complete);
    let mut runner = TestRunner::new_with_rng(
        Config::default(),
        TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]),
    );
    let mut outcomes = BTreeMap::<(String, Outcome), usize>::new();
    for trial in 0..trials() {
        let copy = image.copy();
        let damage = Damage::random(&mut runner, copy.path(), image.older());
        damage.apply(copy.path());
        let outcome = examine(copy.path(), &image.rows).await;
        assert!(
            !matches!(outcome, Outcome::Silent(_)),
            "trial {trial}: {damage:?}: {outcome:?}"
        );
        *outcomes.entry((damage.kind(), outcome)).or_default() += 1;
    }
    for ((kind, outcome), count) in outcomes {
        println!("{kind}: {outcome:?}: {count}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_without_tables() {
    harm(&Image::new(1, 40, 1 << 20).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tables_and_many_segments() {
    harm(&Image::new(1, 400, 16 << 10).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_was_opened_several_times() {
    harm(&Image::new(4, 60, 16 << 10).await).await;
}

/// Flips every bit of the small files.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes: run by command"]
async fn every_bit_of_the_mark_and_the_list() {
    let image = Image::new(2, 100, 16 << 10).await;
    for file in ["mark", "tables", "format"] {
        let length = std::fs::metadata(image.path().join(file)).unwrap().len();
        for bit in 0..length * 8 {
            let copy = image.copy();
            let damage = Damage::flip(file.into(), bit);
            damage.apply(copy.path());
            let outcome = examine(copy.path(), &image.rows).await;
            assert!(!matches!(outcome, Outcome::Silent(_)), "{damage:?}: {outcome:?}");
        }
    }
}
