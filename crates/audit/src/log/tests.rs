use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::fixture::{NOON, clock, json_lines, log_directory, uses, wrapped};
use super::*;

fn open(directory: &Path) -> AuditLog {
    AuditLog::open(log_directory(directory), clock(), Categories::default()).unwrap()
}

/// Waits until the condition holds, for at most 20 seconds.
fn until(what: &str, is_so: impl Fn() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < Duration::from_secs(20), "in vain: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn lines_in(directory: &Path) -> usize {
    let files = files::list(directory).unwrap();
    files.iter().map(|file| fixture::lines_of(&file.path).len()).sum()
}

#[test]
fn what_many_threads_note_is_all_in_the_chain() {
    let directory = tempfile::tempdir().unwrap();
    let log = open(directory.path());
    std::thread::scope(|threads| {
        for thread in 0..4 {
            let log = &log;
            threads.spawn(move || {
                for number in 0..500 {
                    log.ready().unwrap();
                    log.record(&wrapped(&format!("{thread}/{number}"))).unwrap();
                }
            });
        }
    });
    log.close();
    assert_eq!(log.record(&wrapped("late")), Err(AuditUnavailable));
    assert_eq!(log.ready(), Err(AuditUnavailable));
    assert_eq!(uses(directory.path()), 2000);
    for thread in 0..4 {
        let prefix = format!("{thread}/");
        let json_lines = json_lines(directory.path());
        let keys = json_lines
            .iter()
            .filter_map(|line| line["key"].as_str()?.strip_prefix(&prefix));
        assert!(
            keys.eq((0..500).map(|number| number.to_string())),
            "each thread's in order"
        );
    }
}

#[test]
fn lines_are_in_the_file_long_before_the_end() {
    let directory = tempfile::tempdir().unwrap();
    let log = open(directory.path());
    log.record(&wrapped("k")).unwrap();
    until("begin, start and a use", || lines_in(directory.path()) == 3);
    drop(log);
    assert_eq!(json_lines(directory.path()).last().unwrap()["event"], "stop");
}

#[test]
fn while_the_disk_fails_lines_wait_and_then_uses_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let (path, away) = (directory.path().join("audit"), directory.path().join("away"));
    let log = open(&path);
    std::fs::rename(&path, &away).unwrap();
    std::fs::write(&path, "a file where the directory belongs").unwrap();
    let mut noted = 0;
    while log.record(&wrapped("k")).is_ok() {
        noted += 1;
        assert!(noted <= queue::MAX_LINES);
    }
    assert_eq!(noted, queue::MAX_LINES);
    assert_eq!(log.ready(), Err(AuditUnavailable));

    std::fs::remove_file(&path).unwrap();
    std::fs::rename(&away, &path).unwrap();
    until("it takes lines again", || log.ready().is_ok());
    until("it takes lines again", || log.record(&wrapped("k")).is_ok());
    log.close();
    assert_eq!(uses(&path), noted + 1, "nothing was lost, nothing is there twice");
}

const LIMITED: &str = "STRONGROOM_TEST_LIMITED_DIRECTORY";

/// Child process whose files may not grow. Not a test by itself.
#[test]
#[ignore = "started by the test below"]
fn limited() {
    let Some(directory) = std::env::var_os(LIMITED) else {
        return;
    };
    let unlimited = getrlimit(Resource::Fsize);
    let limited = Rlimit {
        current: Some(100_000),
        ..unlimited
    };
    let log = open(Path::new(&directory));
    setrlimit(Resource::Fsize, limited).unwrap();
    for number in 0..1000 {
        log.record(&wrapped(&number.to_string())).unwrap();
    }
    let file = files::list(Path::new(&directory)).unwrap().remove(0).path;
    let length = || std::fs::metadata(&file).unwrap().len();
    until("the file is full", || length() == 100_000);
    let bytes = std::fs::read(&file).unwrap();
    assert_ne!(bytes.last(), Some(&b'\n'), "a write broke off in a line");
    setrlimit(Resource::Fsize, unlimited).unwrap();
    until("it goes on", || length() > 100_000);
    log.close();
}

#[test]
fn a_full_disk_is_waited_for() {
    let directory = tempfile::tempdir().unwrap();
    // Ignore SIGXFSZ: otherwise a write beyond the limit would kill the process.
    let status = Command::new("sh")
        .args(["-c", "trap '' XFSZ; exec \"$@\"", "sh"])
        .arg(std::env::current_exe().unwrap())
        .args(["log::tests::limited", "--exact", "--ignored"])
        .env(LIMITED, directory.path())
        .output()
        .unwrap();
    assert!(
        status.status.success(),
        "{}",
        String::from_utf8_lossy(&status.stdout)
    );
    assert_eq!(uses(directory.path()), 1000);
}

/// Recording must not slow down responses. Prints the best of many rounds, because others use the machine too; the
/// bound is far above it.
#[test]
fn a_use_is_noted_in_microseconds() {
    const ROUNDS: usize = 200;
    const USES: u32 = 100;
    let directory = tempfile::tempdir().unwrap();
    let log = AuditLog::open(
        log_directory(directory.path()),
        Arc::new(|| NOON),
        Categories::default(),
    )
    .unwrap();
    let rounds = (0..ROUNDS).map(|_| {
        let started = Instant::now();
        for _ in 0..USES {
            log.record(&wrapped("a/key/of/usual/length.parquet")).unwrap();
        }
        started.elapsed() / USES
    });
    let cost = rounds.min().unwrap();
    println!("noting a use takes {cost:?}");
    assert!(cost < Duration::from_micros(100), "{cost:?}");
}
