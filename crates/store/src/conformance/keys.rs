//! Properties of wrapped keys.

use crate::conformance::calls::fresh;
use crate::error::StoreError;
use crate::id::PartitionId;
use crate::store::Store;
use crate::wrapped_keys::{KeyDigest, KeyOwner};
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

pub(super) async fn owners_are_listed_in_order(store: Store) {
    let mut made: Vec<_> = (0..70).map(|_| PartitionId(fresh())).collect();
    // Two of the same first byte: a local store keeps them in the same file.
    let [first, rest @ ..] = fresh();
    for last in [0, u8::MAX] {
        let mut id = [last; 16];
        id[0] = first;
        id[1..15].copy_from_slice(&rest[..14]);
        made.push(PartitionId(id));
    }
    made.sort();
    for id in &made {
        add(&store, KeyOwner::Partition(*id), b"one").await;
    }
    let gone = made.swap_remove(5);
    made.sort();
    let removed = store.keys.remove(KeyOwner::Partition(gone)).await;
    removed.expect("remove one");
    for limit in [1, 7, 1000] {
        let mut found = Vec::new();
        loop {
            let page = store.keys.owners(found.last().copied(), limit).await;
            let page = page.expect("list owners");
            assert!(page.len() <= limit);
            if page.is_empty() {
                break;
            }
            found.extend(page);
        }
        assert!(found.is_sorted(), "{found:?}");
        found.retain(|id| *id == gone || made.contains(id));
        assert_eq!(found, made, "pages of {limit}");
    }
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
