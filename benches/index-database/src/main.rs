//! Compares embedded ordered databases under the load of the index: one thread that makes batches durable, and readers
//! beside it. Usage: `index-database <directory> [database ...]`. To kill a writer repeatedly and compare the database
//! with the acknowledged writes: `index-database <directory> --soak <database> <rounds>`.

mod database;
mod fjall_database;
mod load;
mod redb_database;
mod soak;

use database::Database;
use load::{Random, Request};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const NAMES: &[&str] = &["redb", "redb-2pc", "redb-quick", "fjall", "fjall-kv"];
const BATCHES: &[usize] = &[1, 8, 64];
/// Number of rows in the database when reads are measured.
const ROWS: u64 = 200_000;

fn open(name: &str, path: &Path) -> Box<dyn Database> {
    match name {
        "redb" => Box::new(redb_database::Redb::open(path, redb_database::Phases::One)),
        "redb-2pc" => Box::new(redb_database::Redb::open(path, redb_database::Phases::Two)),
        "redb-quick" => Box::new(redb_database::Redb::open(
            path,
            redb_database::Phases::QuickRepair,
        )),
        "fjall" => Box::new(fjall_database::Fjall::open(path, false)),
        "fjall-kv" => Box::new(fjall_database::Fjall::open(path, true)),
        other => panic!("unknown database {other}, known: {NAMES:?}"),
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let directory = PathBuf::from(
        arguments
            .next()
            .expect("usage: index-database <directory> [database ...]"),
    );
    let rest: Vec<String> = arguments.collect();
    if rest.first().is_some_and(|word| word == "--write-until-killed") {
        write_until_killed(&rest[1], &directory);
    }
    if rest.first().is_some_and(|word| word == "--soak-until-killed") {
        soak::write_until_killed(&*open(&rest[1], &directory));
    }
    if rest.first().is_some_and(|word| word == "--soak") {
        let path = directory.join("soak");
        std::fs::create_dir_all(&path).expect("directory");
        return soak::run(&rest[1], &path, rest[2].parse().expect("rounds"));
    }
    let names: Vec<&str> = if rest.is_empty() {
        NAMES.to_vec()
    } else {
        rest.iter().map(String::as_str).collect()
    };
    std::fs::create_dir_all(&directory).expect("directory");
    println!(
        "fdatasync of 4 KiB appended: {:?} (median)",
        fdatasync_time(&directory)
    );
    for name in names {
        let path = directory.join(name);
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).expect("directory");
        measure(name, &path);
        measure_reopening(name, &path);
        let _ = std::fs::remove_dir_all(&path);
    }
}

fn fdatasync_time(directory: &Path) -> Duration {
    use std::io::Write;
    let path = directory.join("fdatasync");
    let mut file = std::fs::File::create(&path).expect("create");
    let mut times: Vec<Duration> = (0..200)
        .map(|_| {
            file.write_all(&[7; 4096]).expect("write");
            let start = Instant::now();
            file.sync_data().expect("sync");
            start.elapsed()
        })
        .collect();
    let _ = std::fs::remove_file(path);
    times.sort();
    times[times.len() / 2]
}

fn measure(name: &str, path: &Path) {
    println!("== {name}");
    let database = open(name, path);
    let mut random = Random(1);
    let mut next = 0_u64;
    database.commit(&Request::batch(0, 64, &mut random));
    next += 64;
    for &size in BATCHES {
        let mut times = Vec::new();
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(5) && next * 3 < ROWS {
            let batch = Request::batch(next, size, &mut random);
            next += size as u64;
            let begun = Instant::now();
            database.commit(&batch);
            times.push(begun.elapsed());
        }
        let seconds: f64 = times.iter().map(Duration::as_secs_f64).sum();
        println!(
            "commits, batch {size:2}: {:8.0} requests/s, median {:?}, 99% {:?}",
            (times.len() * size) as f64 / seconds,
            quantile(&mut times, 0.5),
            quantile(&mut times, 0.99),
        );
    }
    while next * 3 < ROWS {
        database.commit(&Request::batch(next, 64, &mut random));
        next += 64;
    }
    println!(
        "size: {:.0} MB for {:.0} MB of rows",
        size_of(path) as f64 / 1e6,
        load::plain_bytes(next) / 1e6
    );
    measure_reads("", &*database, next, Duration::from_secs(3));

    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut random = Random(2);
            let (start, mut commits, mut at) = (Instant::now(), 0_u64, next);
            while !stop.load(Ordering::Relaxed) {
                database.commit(&Request::batch(at, 64, &mut random));
                at += 64;
                commits += 64;
            }
            commits as f64 / start.elapsed().as_secs_f64()
        });
        measure_reads(", writing", &*database, next, Duration::from_secs(3));
        stop.store(true, Ordering::Relaxed);
        println!(
            "commits, batch 64, while reading: {:.0} requests/s",
            writer.join().expect("writer")
        );
    });
    println!("size at the end: {:.0} MB", size_of(path) as f64 / 1e6);
    println!("resident: {} MB at most", peak_memory());
    let begun = Instant::now();
    drop(database);
    let closed = begun.elapsed();
    let begun = Instant::now();
    let database = open(name, path);
    println!("closed in {closed:?}, opened again in {:?}", begun.elapsed());
    drop(database);
}

fn measure_reads(label: &str, database: &dyn Database, requests: u64, time: Duration) {
    let mut random = Random(3);
    for (what, row) in [("200 B", 0), ("600 B", 1), ("16 KiB", 2)] {
        let mut times = Vec::new();
        let start = Instant::now();
        while start.elapsed() < time / 3 {
            let mut request = random.below(requests);
            if row == 2 {
                request &= !1;
            }
            let key = load::key(request, row);
            let begun = Instant::now();
            assert!(database.get(&key).is_some());
            times.push(begun.elapsed());
        }
        let (median, slow) = (quantile(&mut times, 0.5), quantile(&mut times, 0.99));
        println!("get of {what}{label}: median {median:?}, 99% {slow:?}");
    }
    let mut times = Vec::new();
    let start = Instant::now();
    while start.elapsed() < time / 3 {
        let from = load::key(random.below(requests), 0);
        let begun = Instant::now();
        database.scan(load::ROW_PREFIX, &from, 1000);
        times.push(begun.elapsed());
    }
    let (median, slow) = (quantile(&mut times, 0.5), quantile(&mut times, 0.99));
    println!("scan of 1000 rows{label}: median {median:?}, 99% {slow:?}");
}

/// Starts this program as a writer, kills it, and measures how long opening takes. Fails if the last reported row is
/// missing.
fn measure_reopening(name: &str, path: &Path) {
    use std::io::BufRead;
    let program = std::env::current_exe().expect("own path");
    let mut child = Command::new(program)
        .arg(path)
        .args(["--write-until-killed", name])
        .stdout(Stdio::piped())
        .spawn()
        .expect("child");
    let lines = std::io::BufReader::new(child.stdout.take().expect("stdout")).lines();
    let mut last = 0_u64;
    let mut begun = None;
    for line in lines.map_while(Result::ok) {
        last = line.parse().expect("number");
        let start = *begun.get_or_insert_with(Instant::now);
        if start.elapsed() > Duration::from_secs(2) {
            child.kill().expect("kill");
        }
    }
    let _ = child.wait();
    let size = size_of(path) as f64 / 1e6;
    let begun = Instant::now();
    let database = open(name, path);
    println!("opened in {:?} after kill -9, {size:.0} MB", begun.elapsed());
    assert!(
        database.get(&load::key(last, 0)).is_some(),
        "an acknowledged row is lost"
    );
}

fn write_until_killed(name: &str, path: &Path) -> ! {
    let database = open(name, path);
    let mut random = Random(4);
    let mut next = 10_000_000;
    loop {
        database.commit(&Request::batch(next, 8, &mut random));
        next += 8;
        println!("{}", next - 1);
    }
}

fn quantile(times: &mut [Duration], at: f64) -> Duration {
    times.sort();
    times
        .get(((times.len().max(1) - 1) as f64 * at) as usize)
        .copied()
        .unwrap_or_default()
}

/// Bytes allocated on the disk, so that preallocated holes do not count.
fn size_of(path: &Path) -> u64 {
    use std::os::unix::fs::MetadataExt;
    std::fs::read_dir(path)
        .expect("directory")
        .filter_map(Result::ok)
        .map(|entry| match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => size_of(&entry.path()),
            Ok(metadata) => metadata.blocks() * 512,
            Err(_) => 0,
        })
        .sum()
}

fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap_or_default();
    line.split_whitespace()
        .nth(1)
        .and_then(|kib| kib.parse::<u64>().ok())
        .unwrap_or_default()
        / 1024
}
