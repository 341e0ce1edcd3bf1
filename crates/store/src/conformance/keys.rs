//! Properties of wrapped keys.

use crate::conformance::calls::fresh;
use crate::error::StoreError;
use crate::id::PartitionId;
use crate::store::Store;
use crate::wrapped_keys::{KeyDigest, KeyOwner, PartitionKeys};
use bytes::Bytes;

fn fresh_owner() -> KeyOwner {
    KeyOwner::Partition(PartitionId(fresh()))
}

async fn add(store: &Store, owner: KeyOwner, envelope: &'static [u8]) {
    let added = store.keys.add(owner, Bytes::from_static(envelope)).await;
    added.expect("add an envelope");
}

async fn envelopes(store: &Store, owner: KeyOwner) -> Vec<Bytes> {
    store.keys.envelopes(owner).await.expect("read envelopes")
}

pub(super) async fn envelopes_come_back_in_order(store: Store) {
    let owner = fresh_owner();
    assert!(envelopes(&store, owner).await.is_empty());
    add(&store, owner, b"one").await;
    add(&store, owner, b"").await;
    add(&store, owner, b"a third").await;
    assert_eq!(
        envelopes(&store, owner).await,
        [&b"one"[..], b"", b"a third"].map(Bytes::from_static)
    );
    assert!(envelopes(&store, fresh_owner()).await.is_empty());
}

pub(super) async fn adding_twice_changes_nothing(store: Store) {
    let owner = fresh_owner();
    for envelope in [&b"one"[..], b"two", b"one"] {
        add(&store, owner, envelope).await;
    }
    assert_eq!(envelopes(&store, owner).await, ["one", "two"]);
}

pub(super) async fn a_large_envelope_is_kept(store: Store) {
    let owner = fresh_owner();
    let large = Bytes::from(vec![7; 64 << 10]);
    store.keys.add(owner, large.clone()).await.expect("add 64 KiB");
    assert_eq!(envelopes(&store, owner).await, [large]);
    store.keys.remove(owner).await.expect("remove it");
}

pub(super) async fn the_envelope_of_the_digest_is_kept(store: Store) {
    let (owner, other) = (fresh_owner(), fresh_owner());
    for envelope in [&b"one"[..], b"two", b"three"] {
        add(&store, owner, envelope).await;
        add(&store, other, envelope).await;
    }
    let two = KeyDigest::of(b"two");
    store.keys.keep_only(owner, two).await.expect("keep the second");
    assert_eq!(envelopes(&store, owner).await, ["two"]);
    store.keys.keep_only(owner, two).await.expect("keep it again");
    assert_eq!(envelopes(&store, owner).await, ["two"]);
    assert_eq!(envelopes(&store, other).await.len(), 3);
}

pub(super) async fn keeping_an_unknown_digest_changes_nothing(store: Store) {
    let owner = fresh_owner();
    let unknown = KeyDigest::of(b"another");
    for count in 0..2 {
        let kept = store.keys.keep_only(owner, unknown).await;
        assert!(matches!(kept, Err(StoreError::NotFound(_))), "{kept:?}");
        assert_eq!(envelopes(&store, owner).await.len(), count);
        add(&store, owner, b"one").await;
    }
}

pub(super) async fn removing_is_final_and_may_be_repeated(store: Store) {
    let (owner, other) = (fresh_owner(), fresh_owner());
    for owner in [owner, other] {
        add(&store, owner, b"one").await;
        add(&store, owner, b"two").await;
    }
    for _ in 0..2 {
        store.keys.remove(owner).await.expect("remove");
        assert!(envelopes(&store, owner).await.is_empty());
    }
    assert_eq!(envelopes(&store, other).await.len(), 2);
    add(&store, owner, b"three").await;
    assert_eq!(envelopes(&store, owner).await, ["three"]);
}

pub(super) async fn lists_contain_the_partitions_of_a_first_byte(store: Store) {
    let [first, rest @ ..] = fresh();
    let id = |first: u8, last: u8| {
        let mut id = [last; 16];
        id[0] = first;
        id[1..15].copy_from_slice(&rest[..14]);
        PartitionId(id)
    };
    let others = first.wrapping_add(1);
    for (partition, envelope) in [
        (id(first, 3), &b"c"[..]),
        (id(first, 1), b"a"),
        (id(others, 1), b"x"),
        (id(first, 2), b"b"),
        (id(first, 1), b"a2"),
    ] {
        add(&store, KeyOwner::Partition(partition), envelope).await;
    }
    add(&store, KeyOwner::Store, b"of the store").await;
    let removed = store.keys.remove(KeyOwner::Partition(id(first, 2))).await;
    removed.expect("remove one");
    let found = store.keys.of_partitions(first).await.expect("list");
    assert!(found.is_sorted_by_key(|keys| keys.partition), "{found:?}");
    let of = |found: Vec<PartitionKeys>, first: u8| -> Vec<_> {
        let ours = |keys: &PartitionKeys| [1, 2, 3].iter().any(|last| keys.partition == id(first, *last));
        found.into_iter().filter(ours).collect()
    };
    let keys = |last: u8, envelopes: &[&'static str]| PartitionKeys {
        partition: id(first, last),
        envelopes: envelopes.iter().map(|text| Bytes::from(*text)).collect(),
    };
    assert_eq!(of(found, first), [keys(1, &["a", "a2"]), keys(3, &["c"])]);
    let found = store.keys.of_partitions(others).await.expect("list");
    assert_eq!(of(found, others).len(), 1);
}

pub(super) async fn concurrent_changes_all_count(store: Store) {
    let owner = fresh_owner();
    let [first, rest @ ..] = fresh();
    let neighbour = move |number: u8| {
        let mut id = [number; 16];
        id[0] = first;
        id[1..15].copy_from_slice(&rest[..14]);
        KeyOwner::Partition(PartitionId(id))
    };
    let mut tasks = Vec::new();
    for number in 0..16 {
        let store = store.clone();
        tasks.push(tokio::spawn(async move {
            let envelope = Bytes::from(vec![number]);
            store.keys.add(owner, envelope.clone()).await.expect("add");
            store.keys.add(neighbour(number), envelope).await.expect("add");
        }));
    }
    for task in tasks {
        task.await.expect("a task");
    }
    let mut found = envelopes(&store, owner).await;
    found.sort();
    assert_eq!(found, (0..16).map(|n| Bytes::from(vec![n])).collect::<Vec<_>>());
    for number in 0..16 {
        assert_eq!(
            envelopes(&store, neighbour(number)).await,
            [Bytes::from(vec![number])]
        );
    }
}
