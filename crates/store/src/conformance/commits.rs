//! Tests of checks, atomicity, and concurrent commits.

use crate::conformance::calls::{commit, delete, fresh_partition, get, put, rows, try_commit, write};
use crate::id::PartitionId;
use crate::index::{Check, Commit, CommitRefused, Content, Counter, Scan, Write};
use crate::store::Store;
use bytes::Bytes;
use tokio::task::JoinSet;

const COUNT: Counter = Counter("count");
const BYTES: Counter = Counter("bytes");

/// Number of concurrent commits.
const RACERS: usize = 64;

async fn checked(
    store: &Store,
    partition: PartitionId,
    checks: Vec<Check>,
    writes: Vec<Write>,
) -> Result<(), CommitRefused> {
    try_commit(
        store,
        partition,
        Commit {
            checks,
            writes,
            ..commit()
        },
    )
    .await
}

fn absent(key: &'static str) -> Check {
    Check::Absent(key.into())
}

fn equals(key: &'static str, value: &'static str) -> Check {
    Check::Equals(key.into(), value.into())
}

pub(super) async fn absent_and_equals_are_checked(store: Store) {
    let partition = fresh_partition(&store).await;
    let refused = Err(CommitRefused::Check(0));
    assert_eq!(
        checked(&store, partition, vec![equals("k", "1")], vec![]).await,
        refused
    );
    assert_eq!(
        checked(&store, partition, vec![equals("k", "")], vec![]).await,
        refused
    );
    assert_eq!(
        checked(&store, partition, vec![absent("k")], vec![put("k", "1")]).await,
        Ok(())
    );
    assert_eq!(
        checked(&store, partition, vec![absent("k")], vec![put("k", "2")]).await,
        refused
    );
    assert_eq!(
        checked(&store, partition, vec![equals("k", "2")], vec![put("k", "3")]).await,
        refused
    );
    assert_eq!(
        checked(&store, partition, vec![equals("k", "1")], vec![put("k", "2")]).await,
        Ok(())
    );
    assert_eq!(
        checked(&store, partition, vec![equals("k", "2")], vec![delete("k")]).await,
        Ok(())
    );
    assert_eq!(
        checked(&store, partition, vec![absent("k")], vec![]).await,
        Ok(())
    );
}

pub(super) async fn counters_are_checked_and_added(store: Store) {
    let partition = fresh_partition(&store).await;
    let count = |expected, amount| Commit {
        checks: vec![Check::Counter(COUNT, expected)],
        counters: vec![(COUNT, amount), (BYTES, 10 * amount)],
        ..commit()
    };
    assert_eq!(try_commit(&store, partition, count(0, 3)).await, Ok(()));
    assert_eq!(
        try_commit(&store, partition, count(0, 3)).await,
        Err(CommitRefused::Check(0))
    );
    assert_eq!(try_commit(&store, partition, count(3, -7)).await, Ok(()));
    assert_eq!(store.index.counter(partition, COUNT).await.expect("counter"), -4);
    assert_eq!(store.index.counter(partition, BYTES).await.expect("counter"), -40);
    let twice = Commit {
        counters: vec![(COUNT, 5), (COUNT, -1)],
        ..commit()
    };
    assert_eq!(try_commit(&store, partition, twice).await, Ok(()));
    assert_eq!(store.index.counter(partition, COUNT).await.expect("counter"), 0);
    let too_much = Commit {
        counters: vec![(BYTES, i64::MIN)],
        ..commit()
    };
    assert!(
        store.index.commit(partition, too_much).await.is_err(),
        "an overflow must not wrap"
    );
    assert_eq!(store.index.counter(partition, BYTES).await.expect("counter"), -40);
    assert_eq!(rows(&store, partition).await, [], "counters are no rows");
}

pub(super) async fn checks_see_the_state_before_the_commit(store: Store) {
    let partition = fresh_partition(&store).await;
    let writes = vec![put("k", "1"), delete("other")];
    assert_eq!(
        checked(&store, partition, vec![equals("k", "1")], writes.clone()).await,
        Err(CommitRefused::Check(0))
    );
    assert_eq!(
        checked(&store, partition, vec![absent("k"), absent("k")], writes).await,
        Ok(())
    );
}

pub(super) async fn the_first_failing_check_is_named(store: Store) {
    let partition = fresh_partition(&store).await;
    write(&store, partition, vec![put("k", "1")]).await;
    let checks = vec![equals("k", "1"), absent("x"), equals("k", "2"), absent("k")];
    assert_eq!(
        checked(&store, partition, checks.clone(), vec![]).await,
        Err(CommitRefused::Check(2))
    );
    // The generation is checked before all checks.
    let stale = Commit {
        generation: 9,
        checks,
        ..commit()
    };
    assert_eq!(
        try_commit(&store, partition, stale).await,
        Err(CommitRefused::Generation)
    );
}

pub(super) async fn a_refused_commit_changes_nothing(store: Store) {
    let partition = fresh_partition(&store).await;
    write(&store, partition, vec![put("k", "1")]).await;
    let before = rows(&store, partition).await;
    let refused = Commit {
        checks: vec![equals("k", "1"), absent("k")],
        writes: vec![put("new", "row"), delete("k")],
        counters: vec![(COUNT, 1)],
        advance: true,
        ..commit()
    };
    assert_eq!(
        try_commit(&store, partition, refused).await,
        Err(CommitRefused::Check(1))
    );
    assert_eq!(rows(&store, partition).await, before);
    assert_eq!(store.index.counter(partition, COUNT).await.expect("counter"), 0);
    assert_eq!(
        store.index.generation(partition).await.expect("generation"),
        Some(1)
    );
}

pub(super) async fn later_writes_win(store: Store) {
    let partition = fresh_partition(&store).await;
    let writes = vec![
        put("a", "1"),
        put("a", "2"),
        put("b", "1"),
        delete("b"),
        delete("c"),
        put("c", "1"),
    ];
    write(&store, partition, writes).await;
    assert_eq!(
        rows(&store, partition).await,
        [("a".into(), "2".into()), ("c".into(), "1".into())]
    );
}

pub(super) async fn one_of_many_wins(store: Store) {
    let partition = fresh_partition(&store).await;
    for round in 0..4 {
        let key = format!("round/{round}");
        let mut racers = JoinSet::new();
        for racer in 0..RACERS {
            let (store, key) = (store.clone(), Bytes::from(key.clone()));
            racers.spawn(async move {
                let change = Commit {
                    checks: vec![Check::Absent(key.clone())],
                    writes: vec![
                        put(key, racer.to_string()),
                        put(format!("{round}/trace/{racer}"), ""),
                    ],
                    counters: vec![(COUNT, 1)],
                    ..commit()
                };
                (racer, try_commit(&store, partition, change).await)
            });
        }
        let (won, lost): (Vec<_>, Vec<_>) = racers.join_all().await.into_iter().partition(|(_, r)| r.is_ok());
        assert_eq!(won.len(), 1, "exactly one commit takes the key");
        assert!(
            lost.iter()
                .all(|(_, result)| *result == Err(CommitRefused::Check(0)))
        );
        let winner = won.first().map(|(racer, _)| racer.to_string()).expect("a winner");
        assert_eq!(
            get(&store, partition, key.as_bytes()).await,
            Some(winner.clone().into())
        );
        let traces = rows(&store, partition).await;
        let prefix = format!("{round}/trace/");
        let traces: Vec<_> = traces
            .iter()
            .filter_map(|(key, _)| key.strip_prefix(&prefix))
            .collect();
        assert_eq!(traces, [winner], "those refused left no trace");
        assert_eq!(
            store.index.counter(partition, COUNT).await.expect("counter"),
            round + 1
        );
    }
}

pub(super) async fn concurrent_counts_add_up(store: Store) {
    let partition = fresh_partition(&store).await;
    let mut racers = JoinSet::new();
    for racer in 0..RACERS {
        let store = store.clone();
        racers.spawn(async move {
            for n in 0..10 {
                let writes = vec![put(format!("{racer:03}/{n}"), "")];
                let change = Commit {
                    writes,
                    counters: vec![(COUNT, 1), (BYTES, 100)],
                    ..commit()
                };
                assert_eq!(try_commit(&store, partition, change).await, Ok(()));
            }
        });
    }
    racers.join_all().await;
    assert_eq!(store.index.counter(partition, COUNT).await.expect("counter"), 640);
    assert_eq!(
        store.index.counter(partition, BYTES).await.expect("counter"),
        64_000
    );
    assert_eq!(rows(&store, partition).await.len(), 640);
}

pub(super) async fn a_commit_is_read_back_at_once(store: Store) {
    let partition = fresh_partition(&store).await;
    let mut writers = JoinSet::new();
    for writer in 0..8 {
        let store = store.clone();
        writers.spawn(async move {
            for n in 0..20 {
                let (key, value) = (format!("{writer}"), format!("{n}"));
                write(&store, partition, vec![put(key.clone(), value.clone())]).await;
                assert_eq!(
                    get(&store, partition, key.as_bytes()).await,
                    Some(value.clone().into())
                );
                let scan = Scan {
                    prefix: key.into(),
                    from: Bytes::new(),
                    limit: 1,
                };
                let found = store.index.scan(partition, scan).await.expect("scan");
                assert_eq!(found.first().map(|row| row.value.clone()), Some(value.into()));
            }
        });
    }
    writers.join_all().await;
}

pub(super) async fn a_scan_sees_whole_commits(store: Store) {
    let partition = fresh_partition(&store).await;
    let all = |n: usize| ["a", "b", "c", "d"].map(|key| put(key, n.to_string())).to_vec();
    write(&store, partition, all(0)).await;
    let writer = tokio::spawn({
        let store = store.clone();
        async move {
            for n in 1..100 {
                write(&store, partition, all(n)).await;
            }
        }
    });
    while !writer.is_finished() {
        let found = rows(&store, partition).await;
        let first = found.first().map(|(_, value)| value.clone());
        assert!(
            found.len() == 4 && found.iter().all(|(_, value)| Some(value) == first.as_ref()),
            "{found:?}"
        );
        tokio::task::yield_now().await;
    }
    writer.await.expect("the writer ends well");
}

pub(super) async fn contents_are_from_one_snapshot(store: Store) {
    let partition = fresh_partition(&store).await;
    let other = fresh_partition(&store).await;
    write(&store, other, vec![put("k", "of another partition")]).await;
    let one_more = |n: i64| Commit {
        writes: vec![put(format!("k{n:02}"), n.to_string())],
        counters: vec![(COUNT, 1), (BYTES, -n)],
        ..commit()
    };
    assert_eq!(try_commit(&store, partition, one_more(1)).await, Ok(()));
    let writer = tokio::spawn({
        let store = store.clone();
        async move {
            for n in 2..50 {
                assert_eq!(try_commit(&store, partition, one_more(n)).await, Ok(()));
            }
        }
    });
    loop {
        let is_last = writer.is_finished();
        let contents = store.index.contents(partition).await.expect("contents");
        tokio::task::yield_now().await;
        let (mut count, mut bytes, mut rows) = (0, 0, Vec::new());
        for content in contents {
            match content.expect("a counter or row") {
                Content::Counter(name, value) if name == COUNT.0 => count = value,
                Content::Counter(name, value) if name == BYTES.0 => bytes = value,
                Content::Counter(name, _) => assert_eq!(name, "", "an unknown counter"),
                Content::Row(row) => rows.push(row),
            }
        }
        let expected: Vec<_> = (1..=count).map(|n| format!("k{n:02}")).collect();
        assert!(rows.iter().map(|row| &row.key).eq(&expected), "{count}: {rows:?}");
        assert_eq!(bytes, -count * (count + 1) / 2);
        if is_last {
            assert_eq!(count, 49);
            break;
        }
    }
    writer.await.expect("the writer ends well");
    let missing = PartitionId([0xaa; 16]);
    assert_eq!(store.index.contents(missing).await.expect("contents").count(), 0);
}
