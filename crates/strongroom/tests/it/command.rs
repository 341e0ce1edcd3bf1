//! Runs the command like a user: starts it, sends requests, stops it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use rustix::process::{Pid, Signal, kill_process};

fn strongroom(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_strongroom"));
    command.current_dir(directory).args(arguments).env_clear();
    command
}

fn run(directory: &Path, arguments: &[&str]) -> Output {
    strongroom(directory, arguments).output().unwrap()
}

/// A server on free ports, with its output so far.
struct Running {
    child: Child,
    banner: String,
}

impl Running {
    fn start(directory: &Path) -> Self {
        let free_ports = [
            "serve",
            "--https-listen",
            "127.0.0.1:0",
            "--http-listen",
            "127.0.0.1:0",
        ];
        let mut child = strongroom(directory, &free_ports)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut banner = String::new();
        // The example request is the last line of the banner.
        while !banner.contains("aws s3 ls") {
            assert_ne!(lines.read_line(&mut banner).unwrap(), 0, "{banner}");
        }
        Self { child, banner }
    }

    fn status_of_a_request(&self) -> String {
        let url = self
            .banner
            .lines()
            .find_map(|line| line.split_once("http://"))
            .unwrap()
            .1;
        let mut stream = TcpStream::connect(url).unwrap();
        write!(
            stream,
            "GET / HTTP/1.1\r\nhost: {url}\r\nconnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.lines().next().unwrap_or_default().to_owned()
    }

    /// Stops the server; returns its exit code and log.
    fn stop(mut self) -> (Option<i32>, String) {
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
        let mut log = String::new();
        self.child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut log)
            .unwrap();
        (self.child.wait().unwrap().code(), log)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // A failed test must not leave a server running. If the server has ended, the kill fails, which is fine.
        let _ = self.child.kill();
    }
}

#[test]
fn a_server_starts_with_nothing_prepared_answers_and_stops_when_told() {
    let place = tempfile::tempdir().unwrap();
    let first = Running::start(place.path());
    assert!(first.banner.contains("newly created"), "{}", first.banner);
    assert_eq!(first.status_of_a_request(), "HTTP/1.1 403 Forbidden");

    let second = run(
        place.path(),
        &["serve", "--https-listen", "off", "--http-listen", "127.0.0.1:0"],
    );
    let refusal = String::from_utf8(second.stderr).unwrap();
    assert_eq!(
        second.status.code(),
        Some(1),
        "one data directory, one server: {refusal}"
    );

    let (code, log) = first.stop();
    assert_eq!(code, Some(0), "{log}");
    assert!(log.contains("all requests completed"), "{log}");

    let again = Running::start(place.path());
    assert!(!again.banner.contains("newly created"), "{}", again.banner);
    assert_eq!(again.stop().0, Some(0));
}

#[test]
fn settings_that_are_wrong_are_told_with_a_failing_exit_code() {
    let place = tempfile::tempdir().unwrap();
    let good = run(place.path(), &["check-config", "--region", "eu-central-1"]);
    assert!(good.status.success());
    assert!(
        String::from_utf8(good.stdout)
            .unwrap()
            .contains("Configuration OK.")
    );
    assert_eq!(
        std::fs::read_dir(place.path()).unwrap().count(),
        0,
        "checking writes nothing"
    );

    std::fs::write(place.path().join("strongroom.toml"), "regoin = \"x\"").unwrap();
    let wrong = run(place.path(), &["check-config"]);
    assert_eq!(wrong.status.code(), Some(1));
    assert!(String::from_utf8(wrong.stderr).unwrap().contains("regoin"));
}

#[test]
fn a_key_made_here_is_read_here() {
    let place = tempfile::tempdir().unwrap();
    let made = String::from_utf8(run(place.path(), &["key", "new", "--out", "customer.key"]).stdout).unwrap();
    let checked = run(place.path(), &["key", "check", "customer.key"]);
    let answer = String::from_utf8(checked.stdout).unwrap();
    let md5 = |text: &str| {
        text.lines()
            .find_map(|line| line.strip_prefix("MD5").map(str::trim).map(str::to_owned))
    };
    assert!(md5(&made).is_some());
    assert_eq!(md5(&made), md5(&answer));
}
