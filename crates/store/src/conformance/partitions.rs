//! Tests of creating, closing and removing partitions.

use crate::conformance::calls::{commit, fresh, fresh_partition, get, put, rows, try_commit, write};
use crate::id::PartitionId;
use crate::index::{Commit, CommitRefused, Counter};
use crate::store::Store;

const COUNT: Counter = Counter("count");

pub(super) async fn a_new_partition_has_generation_1_and_nothing_in_it(store: Store) {
    let partition = fresh_partition(&store).await;
    assert_eq!(
        store.index.generation(partition).await.expect("generation"),
        Some(1)
    );
    assert_eq!(rows(&store, partition).await, []);
    assert_eq!(store.index.counter(partition, COUNT).await.expect("counter"), 0);
}

pub(super) async fn creating_twice_changes_nothing(store: Store) {
    let partition = fresh_partition(&store).await;
    let change = Commit {
        writes: vec![put("key", "value")],
        counters: vec![(COUNT, 5)],
        advance: true,
        ..commit()
    };
    assert_eq!(try_commit(&store, partition, change).await, Ok(()));
    store
        .index
        .create_partition(partition)
        .await
        .expect("create again");
    assert_eq!(
        store.index.generation(partition).await.expect("generation"),
        Some(2)
    );
    assert_eq!(rows(&store, partition).await, [("key".into(), "value".into())]);
    assert_eq!(store.index.counter(partition, COUNT).await.expect("counter"), 5);
}

pub(super) async fn an_unknown_partition_has_nothing(store: Store) {
    let partition = PartitionId(fresh());
    assert_eq!(store.index.generation(partition).await.expect("generation"), None);
    assert_eq!(get(&store, partition, b"key").await, None);
    assert_eq!(rows(&store, partition).await, []);
    assert_eq!(store.index.counter(partition, COUNT).await.expect("counter"), 0);
    for generation in [0, 1] {
        let change = Commit {
            generation,
            writes: vec![put("key", "value")],
            ..Commit::default()
        };
        assert_eq!(
            try_commit(&store, partition, change).await,
            Err(CommitRefused::Generation)
        );
    }
    assert_eq!(get(&store, partition, b"key").await, None);
    store
        .index
        .remove_partition(partition)
        .await
        .expect("remove what is not there");
}

pub(super) async fn advancing_refuses_the_old_generation(store: Store) {
    let partition = fresh_partition(&store).await;
    let advance = Commit {
        advance: true,
        writes: vec![put("key", "1")],
        ..commit()
    };
    assert_eq!(try_commit(&store, partition, advance.clone()).await, Ok(()));
    assert_eq!(
        store.index.generation(partition).await.expect("generation"),
        Some(2)
    );
    assert_eq!(
        try_commit(&store, partition, advance).await,
        Err(CommitRefused::Generation)
    );
    let ahead = Commit {
        generation: 3,
        ..commit()
    };
    assert_eq!(
        try_commit(&store, partition, ahead).await,
        Err(CommitRefused::Generation)
    );
    let next = Commit {
        generation: 2,
        writes: vec![put("key", "2")],
        ..commit()
    };
    assert_eq!(try_commit(&store, partition, next).await, Ok(()));
    assert_eq!(
        store.index.generation(partition).await.expect("generation"),
        Some(2)
    );
    assert_eq!(get(&store, partition, b"key").await, Some("2".into()));
}

pub(super) async fn a_removed_partition_is_empty_when_made_again(store: Store) {
    let partition = fresh_partition(&store).await;
    let change = Commit {
        writes: vec![put("key", "value")],
        counters: vec![(COUNT, 5)],
        ..commit()
    };
    assert_eq!(try_commit(&store, partition, change.clone()).await, Ok(()));
    store.index.remove_partition(partition).await.expect("remove");
    assert_eq!(store.index.generation(partition).await.expect("generation"), None);
    assert_eq!(get(&store, partition, b"key").await, None);
    assert_eq!(rows(&store, partition).await, []);
    assert_eq!(store.index.counter(partition, COUNT).await.expect("counter"), 0);
    assert_eq!(
        try_commit(&store, partition, change).await,
        Err(CommitRefused::Generation)
    );
    store
        .index
        .remove_partition(partition)
        .await
        .expect("remove again");

    store
        .index
        .create_partition(partition)
        .await
        .expect("create again");
    assert_eq!(
        store.index.generation(partition).await.expect("generation"),
        Some(1)
    );
    assert_eq!(rows(&store, partition).await, []);
    assert_eq!(store.index.counter(partition, COUNT).await.expect("counter"), 0);
}

pub(super) async fn a_large_partition_is_removed_whole(store: Store) {
    let (partition, neighbour) = (fresh_partition(&store).await, fresh_partition(&store).await);
    write(&store, neighbour, vec![put("stays", "here")]).await;
    for hundred in 0..35 {
        let writes = (0..100)
            .map(|n| put(format!("{hundred:03}/{n:03}"), "value"))
            .collect();
        write(&store, partition, writes).await;
    }
    assert_eq!(rows(&store, partition).await.len(), 3500);
    store.index.remove_partition(partition).await.expect("remove");
    assert_eq!(rows(&store, partition).await, []);
    store
        .index
        .create_partition(partition)
        .await
        .expect("create again");
    assert_eq!(rows(&store, partition).await, []);
    assert_eq!(rows(&store, neighbour).await, [("stays".into(), "here".into())]);
}

pub(super) async fn partitions_do_not_see_each_other(store: Store) {
    // Neighbours in byte order, where a careless end of a range would show.
    let mut first = fresh();
    first[15] = 0xff;
    let mut second = first;
    second[15] = 0;
    second[14] = first[14].wrapping_add(1);
    let (first, second) = (PartitionId(first), PartitionId(second));
    for (partition, value) in [(first, "first"), (second, "second")] {
        store.index.create_partition(partition).await.expect("create");
        let change = Commit {
            writes: vec![put("key", value)],
            counters: vec![(COUNT, 1)],
            ..commit()
        };
        assert_eq!(try_commit(&store, partition, change).await, Ok(()));
    }
    assert_eq!(rows(&store, first).await, [("key".into(), "first".into())]);
    assert_eq!(rows(&store, second).await, [("key".into(), "second".into())]);
    store.index.remove_partition(first).await.expect("remove");
    assert_eq!(rows(&store, second).await, [("key".into(), "second".into())]);
    assert_eq!(store.index.counter(second, COUNT).await.expect("counter"), 1);
}
