//! Socket of a running server, which accepts commands from its own user and from root.

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::pin::pin;
use std::time::Duration;

use rustix::process::geteuid;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinSet;

use super::address::Address;
use super::jobs::{self, Events};
use super::operator::operator;
use super::protocol::{Call, Endpoint, Event, Job, Outcome, VERSION, next_line};
use crate::store::open::Core;
use crate::terminal::error_chain::chain;

#[cfg(test)]
mod tests;

/// Time limit for reading the command; a command sends it immediately.
const CALL_LIMIT: Duration = Duration::from_secs(10);
/// Maximum number of concurrent commands. A person runs one or two.
const MAX_COMMANDS: usize = 16;
/// Pause after a failed `accept`.
const ACCEPT_PAUSE: Duration = Duration::from_millis(500);
const ROOT: u32 = 0;

/// Listens for commands.
pub(crate) struct AdminSocket {
    listener: UnixListener,
    address: Address,
}

impl AdminSocket {
    /// Starts listening in a data directory whose store this process has open: an existing socket was left by a
    /// server that was killed.
    ///
    /// # Errors
    /// Returns the system's error.
    pub(crate) fn bind(data_dir: &Path) -> io::Result<Self> {
        let address = Address::of(data_dir)?;
        match std::fs::remove_file(&address.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(&address.short)?;
        std::fs::set_permissions(&address.path, std::fs::Permissions::from_mode(0o600))?;
        Ok(Self { listener, address })
    }

    /// Runs commands until dropped, which cancels running ones.
    pub(crate) async fn serve(self, core: Core, endpoint: Endpoint) {
        let mut commands = JoinSet::new();
        loop {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                Some(_) = commands.join_next() => continue,
            };
            match accepted {
                Ok((stream, _)) => {
                    let is_full = commands.len() >= MAX_COMMANDS;
                    commands.spawn(answer(stream, core.clone(), endpoint.clone(), is_full));
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a command");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }
}

impl Drop for AdminSocket {
    fn drop(&mut self) {
        // A leftover socket does no harm.
        let _ = std::fs::remove_file(&self.address.path);
    }
}

/// Handles one command. A command that disconnects in the middle is normal.
async fn answer(stream: UnixStream, core: Core, endpoint: Endpoint, is_full: bool) {
    let uid = match stream.peer_cred() {
        Ok(peer) => peer.uid(),
        Err(error) => {
            tracing::warn!(%error, "cannot determine the user of a command");
            return;
        }
    };
    let (read, mut write) = stream.into_split();
    let mut read = BufReader::new(read);
    let refusal = if uid != ROOT && uid != geteuid().as_raw() {
        tracing::warn!(uid, "rejected a command of another user");
        Some("the server accepts commands only from its own user and from root".to_owned())
    } else if is_full {
        Some("the server is running too many commands; try again later".to_owned())
    } else {
        None
    };
    let job = match refusal {
        Some(refusal) => Err(refusal),
        None => listen(&mut read).await,
    };
    // The command may have disconnected; then nobody needs the response.
    let _ = match job {
        Ok(Job::Endpoint {}) => {
            let outcome = Outcome::Endpoint(endpoint);
            send(&mut write, &Event::Done { outcome }).await
        }
        Ok(job) => carry_out(&core, job, uid, read, &mut write).await,
        Err(message) => send(&mut write, &Event::Failed { message }).await,
    };
}

/// Reads the command's job, or returns the error message to send back.
async fn listen(read: &mut BufReader<OwnedReadHalf>) -> Result<Job, String> {
    let line = match tokio::time::timeout(CALL_LIMIT, next_line(read)).await {
        Ok(Ok(Some(line))) => line,
        Ok(Err(error)) => return Err(format!("cannot read the command: {error}")),
        Ok(Ok(None)) | Err(_) => return Err("the command was not sent completely".to_owned()),
    };
    let other_version = |version: Option<u32>| {
        let version = version.map_or_else(String::new, |version| format!(" ({version})"));
        format!(
            "the server is Strongroom {} and does not understand this command{version}; use the same version of \
             strongroom as the server, or restart the server",
            env!("CARGO_PKG_VERSION")
        )
    };
    let call: Call = serde_json::from_str(&line).map_err(|_| other_version(None))?;
    if call.protocol != VERSION {
        return Err(other_version(Some(call.protocol)));
    }
    serde_json::from_value(call.job).map_err(|_| other_version(None))
}

/// Runs a job, forwards its events, and cancels it when the command disconnects.
async fn carry_out(
    core: &Core,
    job: Job,
    uid: u32,
    mut read: BufReader<OwnedReadHalf>,
    write: &mut OwnedWriteHalf,
) -> io::Result<()> {
    let command = job.name();
    let mut log = CommandInLog::begin(command, uid);
    let (mut events, mut sent) = Events::new();
    let core = core.acting_as(operator(uid, &job));
    let mut work = pin!(jobs::run(&core, &job, &mut events));
    let outcome = loop {
        tokio::select! {
            Some(event) = sent.recv() => send(write, &event).await?,
            outcome = &mut work => break outcome,
            // The command sends nothing more, so this is the end of its connection.
            _ = read.read_u8() => return Ok(()),
        }
    };
    while let Ok(event) = sent.try_recv() {
        send(write, &event).await?;
    }
    let end = match outcome {
        Ok(outcome) => {
            log.done(&outcome);
            Event::Done { outcome }
        }
        Err(error) => {
            let message = chain(&error);
            log.failed(&message);
            Event::Failed { message }
        }
    };
    send(write, &end).await
}

/// Log entries of a command in the server's log: each start has an end.
struct CommandInLog {
    command: &'static str,
    uid: u32,
    has_ended: bool,
}

impl CommandInLog {
    fn begin(command: &'static str, uid: u32) -> Self {
        tracing::info!(command, uid, "command started");
        Self {
            command,
            uid,
            has_ended: false,
        }
    }

    fn done(&mut self, outcome: &Outcome) {
        let (command, uid) = (self.command, self.uid);
        let outcome = serde_json::to_string(outcome).unwrap_or_default();
        tracing::info!(command, uid, outcome, "command done");
        self.has_ended = true;
    }

    fn failed(&mut self, error: &str) {
        let (command, uid) = (self.command, self.uid);
        tracing::warn!(command, uid, error, "command failed");
        self.has_ended = true;
    }
}

impl Drop for CommandInLog {
    /// Logs the cancellation: the command disconnected, or the server stops.
    fn drop(&mut self) {
        if !self.has_ended {
            let (command, uid) = (self.command, self.uid);
            tracing::info!(command, uid, "command cancelled");
        }
    }
}

async fn send(write: &mut OwnedWriteHalf, event: &Event) -> io::Result<()> {
    let mut line = serde_json::to_vec(event)?;
    line.push(b'\n');
    write.write_all(&line).await
}
