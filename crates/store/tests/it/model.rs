//! Random sequences of commits, compared with a model on a plain map.

use super::local;
use bytes::Bytes;
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use strongroom_store::{Check, Commit, CommitRefused, Counter, PartitionId, Row, Scan, Store, Write};

const COUNTERS: [Counter; 2] = [Counter("a"), Counter("b")];

#[derive(Clone, Debug)]
enum Step {
    Commit(Commit),
    Scan(Scan),
    Recreate,
}

struct Model {
    generation: u64,
    rows: BTreeMap<Bytes, Bytes>,
    counters: BTreeMap<Counter, i64>,
}

impl Model {
    fn new() -> Self {
        Self {
            generation: 1,
            rows: BTreeMap::new(),
            counters: BTreeMap::new(),
        }
    }

    fn commit(&mut self, commit: &Commit) -> Result<(), CommitRefused> {
        if commit.generation != self.generation {
            return Err(CommitRefused::Generation);
        }
        for (position, check) in commit.checks.iter().enumerate() {
            let holds = match check {
                Check::Absent(key) => !self.rows.contains_key(key),
                Check::Equals(key, value) => self.rows.get(key) == Some(value),
                Check::Counter(counter, value) => self.counters.get(counter).copied().unwrap_or(0) == *value,
            };
            if !holds {
                return Err(CommitRefused::Check(position));
            }
        }
        for write in &commit.writes {
            match write {
                Write::Put(key, value) => drop(self.rows.insert(key.clone(), value.clone())),
                Write::Delete(key) => drop(self.rows.remove(key)),
            }
        }
        for (counter, amount) in &commit.counters {
            *self.counters.entry(*counter).or_default() += amount;
        }
        self.generation += u64::from(commit.advance);
        Ok(())
    }

    fn scan(&self, scan: &Scan) -> Vec<Row> {
        let matches = |key: &Bytes| key.starts_with(&scan.prefix) && *key >= scan.from;
        let rows = self.rows.iter().filter(|(key, _)| matches(key)).take(scan.limit);
        rows.map(|(key, value)| Row {
            key: key.clone(),
            value: value.clone(),
        })
        .collect()
    }
}

fn key() -> impl Strategy<Value = Bytes> {
    "[a-c]{0,3}".prop_map(Bytes::from)
}

fn value() -> impl Strategy<Value = Bytes> {
    "[x-z]{0,1}".prop_map(Bytes::from)
}

fn counter() -> impl Strategy<Value = Counter> {
    select(&COUNTERS[..])
}

fn commit() -> impl Strategy<Value = Commit> {
    let check = prop_oneof![
        key().prop_map(Check::Absent),
        (key(), value()).prop_map(|(key, value)| Check::Equals(key, value)),
        (counter(), -2..3_i64).prop_map(|(counter, value)| Check::Counter(counter, value)),
    ];
    let write = prop_oneof![
        3 => (key(), value()).prop_map(|(key, value)| Write::Put(key, value)),
        1 => key().prop_map(Write::Delete),
    ];
    let checks = prop_oneof![2 => Just(Vec::new()), 1 => prop::collection::vec(check, 1..3)];
    let counters = prop::collection::vec((counter(), -2..3_i64), 0..3);
    let generation = prop_oneof![1 => 1..4_u64, 3 => Just(0)];
    (
        generation,
        checks,
        prop::collection::vec(write, 0..6),
        counters,
        prop::bool::weighted(0.05),
    )
        .prop_map(|(generation, checks, writes, counters, advance)| Commit {
            generation,
            checks,
            writes,
            counters,
            advance,
        })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => commit().prop_map(Step::Commit),
        6 => (key(), key(), 0..8_usize).prop_map(|(prefix, from, limit)| Step::Scan(Scan { prefix, from, limit })),
        1 => Just(Step::Recreate),
    ]
}

/// Returns a partition that no other case uses.
fn partition() -> PartitionId {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    PartitionId(u128::from(NEXT.fetch_add(1, Ordering::Relaxed)).to_be_bytes())
}

async fn matches_the_model(store: &Store, steps: Vec<Step>) -> Result<(), TestCaseError> {
    let (index, partition) = (&store.index, partition());
    index.create_partition(partition).await.unwrap();
    let mut model = Model::new();
    for step in steps {
        match step {
            Step::Commit(mut commit) => {
                // 0 stands for the right generation, which the strategy cannot know.
                if commit.generation == 0 {
                    commit.generation = model.generation;
                }
                let expected = model.commit(&commit);
                prop_assert_eq!(index.commit(partition, commit).await.unwrap(), expected);
            }
            Step::Scan(scan) => {
                let expected = model.scan(&scan);
                prop_assert_eq!(index.scan(partition, scan).await.unwrap(), expected);
            }
            Step::Recreate => {
                index.remove_partition(partition).await.unwrap();
                index.create_partition(partition).await.unwrap();
                model = Model::new();
            }
        }
        prop_assert_eq!(index.generation(partition).await.unwrap(), Some(model.generation));
        for counter in COUNTERS {
            let expected = model.counters.get(&counter).copied().unwrap_or(0);
            prop_assert_eq!(index.counter(partition, counter).await.unwrap(), expected);
        }
    }
    let all = Scan {
        prefix: Bytes::new(),
        from: Bytes::new(),
        limit: usize::MAX,
    };
    let expected = model.scan(&all);
    for row in &expected {
        let found = index.get(partition, &row.key).await.unwrap();
        prop_assert_eq!(found.as_ref(), Some(&row.value));
    }
    prop_assert_eq!(index.scan(partition, all).await.unwrap(), expected);
    Ok(())
}

fn check(cases: u32, store: &Store, runtime: &tokio::runtime::Runtime) {
    let config = ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    proptest!(config, |(steps in prop::collection::vec(step(), 1..40))| {
        runtime.block_on(matches_the_model(store, steps))?;
    });
}

#[test]
fn memory_matches_the_model() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    check(256, &Store::memory(), &runtime);
}

#[test]
fn local_matches_the_model() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (store, _directory) = runtime.block_on(local());
    check(64, &store, &runtime);
}
