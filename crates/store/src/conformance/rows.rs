//! Tests of getting and scanning rows.

use crate::conformance::calls::{commit, delete, fresh_partition, get, put, rows, scan, write};
use crate::id::PartitionId;
use crate::index::{Commit, Scan, Write};
use crate::store::Store;
use bytes::Bytes;

pub(super) async fn a_row_is_what_was_put_last(store: Store) {
    let partition = fresh_partition(&store).await;
    assert_eq!(get(&store, partition, b"key").await, None);
    for value in ["1", "", "a longer value"] {
        write(&store, partition, vec![put("key", value)]).await;
        assert_eq!(get(&store, partition, b"key").await, Some(value.into()));
    }
    assert_eq!(get(&store, partition, b"ke").await, None);
    assert_eq!(get(&store, partition, b"key/").await, None);
}

pub(super) async fn deleting_is_final_and_may_be_repeated(store: Store) {
    let partition = fresh_partition(&store).await;
    write(&store, partition, vec![put("a", "1"), put("b", "2")]).await;
    write(&store, partition, vec![delete("a")]).await;
    write(&store, partition, vec![delete("a"), delete("never there")]).await;
    assert_eq!(get(&store, partition, b"a").await, None);
    assert_eq!(rows(&store, partition).await, [("b".into(), "2".into())]);
    write(&store, partition, vec![put("a", "3")]).await;
    assert_eq!(
        rows(&store, partition).await,
        [("a".into(), "3".into()), ("b".into(), "2".into())]
    );
}

pub(super) async fn scans_are_in_byte_order(store: Store) {
    let partition = fresh_partition(&store).await;
    let keys: [&[u8]; 9] = [
        b"\x01",
        b"A",
        b"Z",
        b"a",
        b"a\x01",
        b"a/",
        b"a/b",
        "\u{e9}".as_bytes(),
        b"\xff\xff",
    ];
    // Written in another order than the expected one.
    for key in keys.iter().rev() {
        write(&store, partition, vec![put(Bytes::from_static(key), "")]).await;
    }
    let all = Scan {
        prefix: Bytes::new(),
        from: Bytes::new(),
        limit: 100,
    };
    let found = store.index.scan(partition, all).await.expect("scan");
    assert_eq!(found.iter().map(|row| row.key.as_ref()).collect::<Vec<_>>(), keys);
    // A prefix of the highest bytes has no key after it that could end the range.
    let last = Scan {
        prefix: Bytes::from_static(b"\xff"),
        from: Bytes::new(),
        limit: 100,
    };
    assert_eq!(store.index.scan(partition, last).await.expect("scan").len(), 1);
}

pub(super) async fn scans_keep_to_prefix_start_and_limit(store: Store) {
    let partition = fresh_partition(&store).await;
    let keys = ["a", "a/1", "a/2", "a/3", "a0", "b", "b/1"];
    write(&store, partition, keys.iter().map(|key| put(*key, "")).collect()).await;
    let cases: [(&str, &str, usize, &[&str]); 16] = [
        ("", "", 100, &keys),
        ("", "", 3, &["a", "a/1", "a/2"]),
        ("", "", 0, &[]),
        ("a/", "", 100, &["a/1", "a/2", "a/3"]),
        ("a/", "", 2, &["a/1", "a/2"]),
        ("a/", "a/2", 100, &["a/2", "a/3"]),
        ("a/", "a/2", 1, &["a/2"]),
        ("a/", "a/2x", 100, &["a/3"]),
        ("a/", "a/3\u{1}", 100, &[]),
        ("a/", "Z", 100, &["a/1", "a/2", "a/3"]),
        ("a/", "b", 100, &[]),
        ("a", "a0", 100, &["a0"]),
        ("", "a0", 100, &["a0", "b", "b/1"]),
        ("", "zzz", 100, &[]),
        ("none", "", 100, &[]),
        ("b/1", "b/1", 100, &["b/1"]),
    ];
    for (prefix, from, limit, expected) in cases {
        let found = scan(&store, partition, prefix, from, limit).await;
        let found: Vec<&str> = found.iter().map(|(key, _)| key.as_str()).collect();
        assert_eq!(found, expected, "prefix {prefix:?} from {from:?} limit {limit}");
    }
}

pub(super) async fn large_rows_and_keys_are_kept(store: Store) {
    let partition = fresh_partition(&store).await;
    let key = Bytes::from(vec![b'k'; 4096]);
    let value = Bytes::from(
        (0..200_000_u32)
            .flat_map(u32::to_be_bytes)
            .take(128 << 10)
            .collect::<Vec<u8>>(),
    );
    write(&store, partition, vec![put(key.clone(), value.clone())]).await;
    assert_eq!(get(&store, partition, &key).await, Some(value.clone()));
    let all = Scan {
        prefix: Bytes::new(),
        from: Bytes::new(),
        limit: 1,
    };
    let found = store.index.scan(partition, all).await.expect("scan");
    assert_eq!(
        found.first().map(|row| (&row.key, &row.value)),
        Some((&key, &value))
    );
}

pub(super) async fn keys_that_cannot_be_stored_are_refused(store: Store) {
    let partition = fresh_partition(&store).await;
    assert_refused(&store, partition, put(Bytes::from_static(b"a\0b"), "")).await;
    assert_refused(&store, partition, put(vec![b'k'; 4097], "")).await;
    assert_refused(&store, partition, delete(Bytes::from_static(b"\0"))).await;
    assert_eq!(rows(&store, partition).await, []);
}

async fn assert_refused(store: &Store, partition: PartitionId, bad: Write) {
    let change = Commit {
        writes: vec![put("good", ""), bad],
        ..commit()
    };
    assert!(
        store.index.commit(partition, change).await.is_err(),
        "a key that cannot be stored was taken"
    );
}
