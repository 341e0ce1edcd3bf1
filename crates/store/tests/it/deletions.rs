//! Many deleted rows.

use super::local;
use bytes::Bytes;
use std::path::Path;
use std::time::{Duration, Instant};
use strongroom_store::{Commit, PartitionId, Scan, Store, Write};

const PARTITION: PartitionId = PartitionId([1; 16]);
const ROWS: u32 = 12_000;
/// Length of a value in bytes.
const VALUE: usize = 1000;

fn key(n: u32) -> Bytes {
    Bytes::from(format!("row/{n:08}"))
}

async fn commit(store: &Store, writes: Vec<Write>) {
    let commit = Commit {
        generation: 1,
        writes,
        ..Commit::default()
    };
    store.index.commit(PARTITION, commit).await.unwrap().unwrap();
}

/// Returns the bytes of all tables.
fn tables(store: &Path) -> u64 {
    let tables = std::fs::read_dir(store.join("index").join("tables")).unwrap();
    // A table may be deleted meanwhile.
    tables
        .filter_map(|table| Some(table.ok()?.metadata().ok()?.len()))
        .sum()
}

#[tokio::test]
async fn deleted_rows_leave_the_tables_within_seconds() {
    let (store, directory) = local().await;
    store.index.create_partition(PARTITION).await.unwrap();
    let rows: Vec<u32> = (0..ROWS).collect();
    for rows in rows.chunks(500) {
        let puts = rows
            .iter()
            .map(|n| Write::Put(key(*n), Bytes::from(vec![7; VALUE])));
        commit(&store, puts.collect()).await;
    }
    for rows in rows.chunks(500) {
        commit(&store, rows.iter().map(|n| Write::Delete(key(*n))).collect()).await;
    }
    let deadline = Instant::now() + Duration::from_secs(30);
    // The deletions of less than 5,000 changes are still in a buffer.
    let most = u64::from(ROWS) * VALUE as u64 / 2;
    let mut flushed = false;
    loop {
        let bytes = tables(directory.path());
        flushed |= bytes > 0;
        if flushed && bytes < most {
            break;
        }
        assert!(Instant::now() < deadline, "{bytes} bytes are left");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let all = Scan {
        prefix: Bytes::new(),
        from: Bytes::new(),
        limit: 10,
    };
    assert!(store.index.scan(PARTITION, all).await.unwrap().is_empty());
    assert_eq!(store.integrity.check_rows(PARTITION).await.unwrap(), 0);
}
