//! Kills a writer repeatedly, and compares every row with the result of the acknowledged writes.

use crate::database::Database;
use crate::load::Random;
use std::io::BufRead;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Number of rows. Each operation puts or deletes one of them.
const KEYS: u64 = 400_000;
/// Number of operations in one commit.
const BATCH: u64 = 96;
/// Row with the number of operations so far, written last in every commit.
const HEAD: &[u8] = b"head";

fn key(slot: u64) -> Vec<u8> {
    crate::load::key(slot, 0)
}

fn slot(operation: u64) -> u64 {
    Random(operation).below(KEYS)
}

fn is_delete(operation: u64) -> bool {
    operation % 5 == 4
}

fn value(operation: u64) -> Vec<u8> {
    let mut random = Random(operation ^ 0x5eed);
    let length = if operation % 16 == 0 {
        8192
    } else {
        100 + random.below(500)
    };
    random.bytes(length as usize)
}

fn head(database: &dyn Database) -> u64 {
    database
        .get(HEAD)
        .map_or(0, |head| u64::from_be_bytes(head.try_into().expect("8 bytes")))
}

/// Continues after the last commit in the database, and reports each new one.
pub fn write_until_killed(database: &dyn Database) -> ! {
    let mut at = head(database);
    loop {
        let mut puts = Vec::new();
        for operation in at..at + BATCH {
            let value = (!is_delete(operation)).then(|| value(operation));
            puts.push((key(slot(operation)), value));
        }
        at += BATCH;
        puts.push((HEAD.to_vec(), Some(at.to_be_bytes().to_vec())));
        database.apply(&puts);
        println!("{at}");
    }
}

/// Runs `rounds` rounds of writing, killing and comparing.
pub fn run(name: &str, path: &Path, rounds: u64) {
    let program = std::env::current_exe().expect("own path");
    let mut random = Random(std::process::id().into());
    let mut expected = vec![None; KEYS as usize];
    let mut replayed = 0;
    for round in 0..rounds {
        let mut child = Command::new(&program)
            .arg(path)
            .args(["--soak-until-killed", name])
            .stdout(Stdio::piped())
            .spawn()
            .expect("child");
        let stdout = child.stdout.take().expect("stdout");
        let reader = std::thread::spawn(move || {
            let lines = std::io::BufReader::new(stdout).lines().map_while(Result::ok);
            lines
                .last()
                .map_or(0, |line| line.parse::<u64>().expect("number"))
        });
        std::thread::sleep(Duration::from_millis(2000 + random.below(8000)));
        child.kill().expect("kill");
        let _ = child.wait();
        let acknowledged = reader.join().expect("reader");

        let database = crate::open(name, path);
        let head = head(&*database);
        assert!(
            head >= acknowledged,
            "{acknowledged} were acknowledged, {head} are there"
        );
        for operation in replayed..head {
            expected[slot(operation) as usize] = (!is_delete(operation)).then_some(operation);
        }
        replayed = head;
        let mut present = 0;
        for (slot, operation) in expected.iter().enumerate() {
            let found = database.get(&key(slot as u64));
            assert!(
                found == operation.map(value),
                "round {round}: slot {slot}, operation {operation:?} differs"
            );
            present += usize::from(operation.is_some());
        }
        let scanned = database.scan(
            crate::load::ROW_PREFIX,
            crate::load::ROW_PREFIX,
            KEYS as usize + 1,
        );
        assert_eq!(scanned, present, "round {round}: scan and gets differ");
        println!("round {round}: {head} operations, {present} rows, all as acknowledged");
    }
}
