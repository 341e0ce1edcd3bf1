//! Programs started by tests.

use std::fs::{File, Permissions, set_permissions, write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Returns the directory of the programs that the tests need. `None`: the tests are to be skipped.
pub(crate) fn wanted() -> Option<PathBuf> {
    let folder = std::env::var_os("KMS_TEST_PROGRAMS").map(PathBuf::from);
    if folder.is_none() {
        println!("SKIPPED: KMS_TEST_PROGRAMS is not set; ./test unit sets it");
    }
    folder
}

/// Returns a port of this machine that nobody listens on.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Creates a file that only its owner may read.
pub(crate) fn secret(folder: &Path, name: &str, content: &str) -> PathBuf {
    let path = folder.join(name);
    write(&path, content).unwrap();
    set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    path
}

/// A program that runs until this is dropped.
pub(crate) struct Running(Child);

impl Running {
    /// Starts a program, with its output in a file of `folder`, and waits until something listens on `port`.
    pub(crate) fn start(command: &mut Command, folder: &Path, port: u16) -> Self {
        let log = folder.join("log");
        let out = File::create(&log).unwrap();
        command
            .stdin(Stdio::null())
            .stdout(out.try_clone().unwrap())
            .stderr(out);
        let mut running = Self(command.spawn().unwrap());
        let patience = Instant::now() + Duration::from_mins(1);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = running.0.try_wait().unwrap();
            let log = || std::fs::read_to_string(&log).unwrap_or_default();
            assert!(ended.is_none(), "it ended: {}", log());
            assert!(Instant::now() < patience, "it does not listen: {}", log());
            std::thread::sleep(Duration::from_millis(50));
        }
        running
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Runs a command to its end and returns its output.
pub(crate) fn run(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}{complained}");
    said
}
