//! A writing process is killed at random times; everything that it acknowledged must be readable afterwards.
//!
//! A kill ends the process and not the machine: the page cache survives it. So these tests cover the order of steps and
//! recovery, and not whether the disk keeps synced data.

use super::open;
use bytes::Bytes;
use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use strongroom_store::{BlobId, Check, Commit, Counter, PartitionId, Scan, Store, Write};

const DIRECTORY: &str = "STRONGROOM_TEST_CRASH_DIRECTORY";
const FIRST: &str = "STRONGROOM_TEST_CRASH_FIRST";
const PARTITION: PartitionId = PartitionId([7; 16]);
const COUNT: Counter = Counter("rows");
const ROUNDS: u32 = 8;
/// Number of concurrent writers.
const WRITERS: u64 = 8;

/// Returns a blob id with the lowest byte first, so that blobs spread over the folders.
fn blob(n: u64) -> BlobId {
    BlobId {
        partition: PARTITION,
        random: u128::from(n).to_le_bytes(),
    }
}

/// Returns blob content between 0 bytes and more than the writer buffers.
fn sealed(n: u64) -> Bytes {
    let length = usize::try_from(n % 7 * 150_000 + n % 11).unwrap();
    Bytes::from(vec![u8::try_from(n % 251).unwrap(); length])
}

fn key(n: u64) -> Bytes {
    Bytes::from(format!("row/{n:012}"))
}

fn value(n: u64) -> Bytes {
    Bytes::from(n.to_string().repeat(usize::try_from(n % 500).unwrap() + 1))
}

/// The process that is killed. Not a test by itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "started by the test below"]
async fn writer() {
    let Some(directory) = std::env::var_os(DIRECTORY) else {
        return;
    };
    let store = open(Path::new(&directory)).await;
    store.index.create_partition(PARTITION).await.unwrap();
    let first = std::env::var_os(FIRST)
        .unwrap()
        .into_string()
        .unwrap()
        .parse()
        .unwrap();
    let next = Arc::new(AtomicU64::new(first));
    let mut writers = tokio::task::JoinSet::new();
    for _ in 0..WRITERS {
        let (store, next) = (store.clone(), Arc::clone(&next));
        writers.spawn(async move {
            loop {
                write(&store, next.fetch_add(1, Ordering::Relaxed)).await;
            }
        });
    }
    writers.join_all().await;
}

/// Writes row `n`; every third number has a blob, written before its row as the engine does.
async fn write(store: &Store, n: u64) {
    if n.is_multiple_of(3) {
        let mut writer = store.blobs.create(blob(n)).await.unwrap();
        writer.write(sealed(n)).await.unwrap();
        writer.finish().await.unwrap();
    }
    let commit = Commit {
        generation: 1,
        checks: vec![Check::Absent(key(n))],
        writes: vec![Write::Put(key(n), value(n))],
        counters: vec![(COUNT, 1)],
        advance: false,
    };
    store.index.commit(PARTITION, commit).await.unwrap().unwrap();
    println!("\nacknowledged {n}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acknowledged_writes_survive_a_kill() {
    let directory = tempfile::tempdir().unwrap();
    let mut acknowledged = BTreeMap::new();
    for round in 0..ROUNDS {
        let before = acknowledged.len();
        run_and_kill(directory.path(), round, &mut acknowledged);
        assert!(acknowledged.len() > before, "no row was written in round {round}");
        verify(directory.path(), &acknowledged).await;
    }
}

/// Kills the writer at a random time and records what it acknowledged.
fn run_and_kill(directory: &Path, round: u32, acknowledged: &mut BTreeMap<u64, u32>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["crash::writer", "--exact", "--ignored", "--nocapture"])
        .env(DIRECTORY, directory)
        .env(FIRST, (u64::from(round) * 1_000_000).to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map_while(Result::ok);
    let number = |line: String| line.strip_prefix("acknowledged ")?.parse::<u64>().ok();
    let first = lines.by_ref().find_map(number).expect("the writer starts");
    acknowledged.insert(first, round);
    let reader = std::thread::spawn(move || lines.filter_map(number).collect::<Vec<_>>());
    let random = RandomState::new().build_hasher().finish();
    std::thread::sleep(Duration::from_millis(50 + random % 350));
    child.kill().unwrap();
    child.wait().unwrap();
    acknowledged.extend(reader.join().unwrap().into_iter().map(|n| (n, round)));
}

async fn verify(directory: &Path, acknowledged: &BTreeMap<u64, u32>) {
    let store = open(directory).await;
    assert_eq!(
        std::fs::read_dir(directory.join("tmp")).unwrap().count(),
        0,
        "tmp/ is emptied"
    );
    for (n, round) in acknowledged {
        let row = store.index.get(PARTITION, &key(*n)).await.unwrap();
        assert!(
            row == Some(value(*n)),
            "row {n} of round {round} is lost or differs"
        );
        if n.is_multiple_of(3) {
            let reader = store.blobs.open(blob(*n)).await.unwrap();
            let bytes = reader.read(0..reader.length()).await.unwrap();
            assert!(bytes == sealed(*n), "blob {n} of round {round} differs");
        }
    }
    // Commits are atomic: the counter matches the rows, and each row that needs a blob has it.
    let all = Scan {
        prefix: Bytes::new(),
        from: Bytes::new(),
        limit: usize::MAX,
    };
    let rows = store.index.scan(PARTITION, all).await.unwrap();
    assert_eq!(
        store.index.counter(PARTITION, COUNT).await.unwrap(),
        i64::try_from(rows.len()).unwrap()
    );
    for row in &rows {
        let n: u64 = std::str::from_utf8(&row.key[4..]).unwrap().parse().unwrap();
        assert!(row.value == value(n));
        assert!(
            !n.is_multiple_of(3) || store.blobs.open(blob(n)).await.is_ok(),
            "row {n} has no blob"
        );
    }
    for id in store.blobs.list(None, usize::MAX).await.unwrap() {
        store.blobs.scrub(id).await.unwrap();
    }
}
