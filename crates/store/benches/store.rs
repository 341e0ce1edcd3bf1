//! Speed of a local store: `cargo bench -p strongroom-store`, optionally with a directory on the disk to measure
//! (`-- /mnt/disk`; default: the system's temporary directory).
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a program for the terminal"
)]

use bytes::Bytes;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use strongroom_store::conformance::FixedAuthenticator;
use strongroom_store::{
    BlobId, Check, Commit, Counter, KeyOwner, LocalSettings, PartitionId, Scan, Store, Write,
};
use tokio::task::JoinSet;

const PARTITION: PartitionId = PartitionId([1; 16]);
const TIME: Duration = Duration::from_secs(3);

#[tokio::main]
async fn main() {
    let place = std::env::args().skip(1).find(|word| !word.starts_with("--"));
    let place = place.map_or_else(std::env::temp_dir, PathBuf::from);
    let directory = tempfile::tempdir_in(place).unwrap();
    let prepared = Store::prepare(directory.path(), LocalSettings::default()).await;
    let authenticator = Arc::new(FixedAuthenticator::new(1));
    let store = prepared.unwrap().recover(authenticator).await.unwrap();
    store.index.create_partition(PARTITION).await.unwrap();
    keys(&store).await;
    let next = Arc::new(AtomicU64::new(0));
    for body in [100, 16 << 10] {
        for tasks in [1, 8, 64] {
            commits(&store, &next, tasks, body).await;
        }
    }
    reads(&store, next.load(Ordering::Relaxed)).await;
    for (tasks, bytes) in [(1, 64 << 20), (4, 64 << 20), (1, 256 << 10), (8, 256 << 10)] {
        blobs(&store, tasks, bytes).await;
    }
}

/// Measures a key file as large as 100,000 buckets make each of the 256.
async fn keys(store: &Store) {
    let owner = |n: u16| {
        let mut id = [7; 16];
        id[14..].copy_from_slice(&n.to_be_bytes());
        KeyOwner::Partition(PartitionId(id))
    };
    // The envelope of a bucket's key under a master key has 134 bytes.
    let envelope = |n: u16| Bytes::from(vec![n.to_be_bytes()[1]; 134]);
    for n in 0..390 {
        store.keys.add(owner(n), envelope(n)).await.unwrap();
    }
    let begun = Instant::now();
    for n in 390..490 {
        store.keys.add(owner(n), envelope(n)).await.unwrap();
    }
    println!("key file: add {:?}", begun.elapsed() / 100);
    let begun = Instant::now();
    for n in 0..490 {
        assert_eq!(store.keys.envelopes(owner(n)).await.unwrap(), [envelope(n)]);
    }
    println!("key file: read an owner {:?}", begun.elapsed() / 490);
    let begun = Instant::now();
    for _ in 0..256 {
        assert_eq!(store.keys.of_partitions(7).await.unwrap().len(), 490);
    }
    println!("key file: list 256 files {:?}", begun.elapsed());
}

fn key(kind: char, n: u64) -> Bytes {
    // Spread like names, not in the order of the writes.
    let place = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    Bytes::from(format!("{kind}/{place:016x}/object-{n:020}"))
}

/// Builds the rows of a small PUT; every second row contains sealed bytes.
fn commit(n: u64, body: usize) -> Commit {
    let body = if n.is_multiple_of(2) { body } else { 100 };
    Commit {
        generation: 1,
        checks: vec![Check::Absent(key('c', n))],
        writes: vec![
            Write::Put(key('c', n), Bytes::from(vec![1; 200])),
            Write::Put(key('v', n), Bytes::from(vec![2; 600])),
            Write::Put(key('b', n), Bytes::from(vec![3; body])),
        ],
        counters: vec![(Counter("objects"), 1), (Counter("bytes"), 16)],
        advance: false,
    }
}

async fn commits(store: &Store, next: &Arc<AtomicU64>, tasks: usize, body: usize) {
    let (before, start) = (next.load(Ordering::Relaxed), Instant::now());
    let mut workers = JoinSet::new();
    for _ in 0..tasks {
        let (index, next) = (Arc::clone(&store.index), Arc::clone(next));
        workers.spawn(async move {
            while start.elapsed() < TIME {
                let n = next.fetch_add(1, Ordering::Relaxed);
                index.commit(PARTITION, commit(n, body)).await.unwrap().unwrap();
            }
        });
    }
    workers.join_all().await;
    let rate = per_second(next.load(Ordering::Relaxed) - before, start.elapsed());
    println!("commits with up to {body} bytes, {tasks:2} at once: {rate:.0}/s");
}

async fn reads(store: &Store, rows: u64) {
    let mut gets = Vec::new();
    let start = Instant::now();
    for n in (0..).take_while(|_| start.elapsed() < TIME) {
        let key = key('v', n * 7919 % rows);
        let begun = Instant::now();
        assert!(store.index.get(PARTITION, &key).await.unwrap().is_some());
        gets.push(begun.elapsed());
    }
    println!("get: median {:?}, 99% {:?}", at(&mut gets, 50), at(&mut gets, 99));
    let mut hops = Vec::new();
    let start = Instant::now();
    while start.elapsed() < TIME / 3 {
        let begun = Instant::now();
        tokio::task::spawn_blocking(|| ()).await.unwrap();
        hops.push(begun.elapsed());
    }
    println!(
        "a blocking thread and back: median {:?}, 99% {:?}",
        at(&mut hops, 50),
        at(&mut hops, 99)
    );
    for limit in [1, 32, 1000] {
        let mut scans = Vec::new();
        let start = Instant::now();
        for n in (0..).take_while(|_| start.elapsed() < TIME / 3) {
            let scan = Scan {
                prefix: "c/".into(),
                from: key('c', n * 7919 % rows),
                limit,
            };
            let begun = Instant::now();
            store.index.scan(PARTITION, scan).await.unwrap();
            scans.push(begun.elapsed());
        }
        println!(
            "scan of {limit} rows: median {:?}, 99% {:?}",
            at(&mut scans, 50),
            at(&mut scans, 99)
        );
    }
}

async fn blobs(store: &Store, tasks: u8, bytes: usize) {
    let written = Arc::new(AtomicU64::new(0));
    let start = Instant::now();
    let mut workers = JoinSet::new();
    for task in 0..tasks {
        let (blobs, written) = (Arc::clone(&store.blobs), Arc::clone(&written));
        workers.spawn(async move {
            // Slightly more than 64 KiB, as a sealed chunk has a tag.
            let piece = Bytes::from(vec![task; (64 << 10) + 16]);
            for n in (0_u64..).take_while(|_| start.elapsed() < TIME) {
                let mut random = [task; 16];
                random[..8].copy_from_slice(&n.to_le_bytes());
                let id = BlobId {
                    partition: PARTITION,
                    random,
                };
                let mut writer = blobs.create(id).await.unwrap();
                for _ in 0..bytes / (64 << 10) {
                    writer.write(piece.clone()).await.unwrap();
                }
                let length = writer.finish().await.unwrap().length;
                written.fetch_add(length, Ordering::Relaxed);
            }
        });
    }
    workers.join_all().await;
    let rate = per_second(written.load(Ordering::Relaxed), start.elapsed()) / 1e6;
    println!("blobs of {} KiB, {tasks} at once: {rate:.0} MB/s", bytes >> 10);
    for id in store.blobs.list(None, usize::MAX).await.unwrap() {
        store.blobs.delete(id).await.unwrap();
    }
}

#[expect(clippy::cast_precision_loss, reason = "rates are rounded anyway")]
fn per_second(count: u64, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}

fn at(times: &mut [Duration], percent: usize) -> Duration {
    times.sort_unstable();
    times[times.len() * percent / 100]
}
