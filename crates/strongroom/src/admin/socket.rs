//! The socket of a running server: takes commands of its own user and of root.

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::pin::pin;
use std::time::Duration;

use rustix::process::geteuid;
use strongroom_audit::acting;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinSet;

use super::address::Address;
use super::jobs::{self, Events};
use super::operator::operator;
use super::protocol::{Call, Event, Job, Outcome, VERSION, next_line};
use crate::store::open::Core;
use crate::terminal::error_chain::chain;

#[cfg(test)]
mod tests;

/// A command says at once what it wants.
const CALL_LIMIT: Duration = Duration::from_secs(10);
/// Commands at once. A person has one or two.
const MOST_COMMANDS: usize = 16;
/// Pause after the system refused to hand over a connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(500);
const ROOT: u32 = 0;

/// Listens for commands.
pub(crate) struct AdminSocket {
    listener: UnixListener,
    address: Address,
}

impl AdminSocket {
    /// Begins to listen in a data directory whose store this process has open: what lies there already is left over from
    /// a server that was killed.
    ///
    /// # Errors
    /// What the system says.
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

    /// Carries out commands until it is dropped, which breaks off those that are under way.
    pub(crate) async fn serve(self, core: Core) {
        let mut commands = JoinSet::new();
        loop {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                Some(_) = commands.join_next() => continue,
            };
            match accepted {
                Ok((stream, _)) => {
                    let is_full = commands.len() >= MOST_COMMANDS;
                    commands.spawn(answer(stream, core.clone(), is_full));
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot take a command");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }
}

impl Drop for AdminSocket {
    fn drop(&mut self) {
        // Left over it would be in nobody's way.
        let _ = std::fs::remove_file(&self.address.path);
    }
}

/// Answers one command. A command that goes away in the middle is everyday life.
async fn answer(stream: UnixStream, core: Core, is_full: bool) {
    let uid = match stream.peer_cred() {
        Ok(peer) => peer.uid(),
        Err(error) => {
            tracing::warn!(%error, "a command came from nobody knows whom");
            return;
        }
    };
    let (read, mut write) = stream.into_split();
    let mut read = BufReader::new(read);
    let refusal = if uid != ROOT && uid != geteuid().as_raw() {
        tracing::warn!(uid, "a command of another user was refused");
        Some("the server takes commands of its own user and of root only".to_owned())
    } else if is_full {
        Some("the server is at work on too many commands already; try again later".to_owned())
    } else {
        None
    };
    let job = match refusal {
        Some(refusal) => Err(refusal),
        None => listen(&mut read).await,
    };
    // Whoever is gone needs no answer.
    let _ = match job {
        Ok(job) => carry_out(&core, job, uid, read, &mut write).await,
        Err(message) => tell(&mut write, &Event::Failed { message }).await,
    };
}

/// What a command wants; or what to say if that cannot be known.
async fn listen(read: &mut BufReader<OwnedReadHalf>) -> Result<Job, String> {
    let line = match tokio::time::timeout(CALL_LIMIT, next_line(read)).await {
        Ok(Ok(Some(line))) => line,
        Ok(Err(error)) => return Err(format!("the command could not be read: {error}")),
        Ok(Ok(None)) | Err(_) => return Err("the command was not said to its end".to_owned()),
    };
    let other_version = |version: Option<u32>| {
        let version = version.map_or_else(String::new, |version| format!(" ({version})"));
        format!(
            "the server is Strongroom {} and does not understand this command{version}; use the strongroom that it was \
             started with, or start it anew",
            env!("CARGO_PKG_VERSION")
        )
    };
    let call: Call = serde_json::from_str(&line).map_err(|_| other_version(None))?;
    if call.protocol != VERSION {
        return Err(other_version(Some(call.protocol)));
    }
    serde_json::from_value(call.job).map_err(|_| other_version(None))
}

/// Does a job, passes on what it tells, and breaks it off when the command goes.
async fn carry_out(
    core: &Core,
    job: Job,
    uid: u32,
    mut read: BufReader<OwnedReadHalf>,
    write: &mut OwnedWriteHalf,
) -> io::Result<()> {
    let command = job.name();
    let mut log = CommandInLog::begin(command, uid);
    let (mut events, mut told) = Events::new();
    let mut work = pin!(acting(operator(uid, &job), jobs::run(core, &job, &mut events)));
    let outcome = loop {
        tokio::select! {
            Some(event) = told.recv() => tell(write, &event).await?,
            outcome = &mut work => break outcome,
            // It says nothing more: this is its end.
            _ = read.read_u8() => return Ok(()),
        }
    };
    while let Ok(event) = told.try_recv() {
        tell(write, &event).await?;
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
    tell(write, &end).await
}

/// A command in the server's log: what begins there has an end there.
struct CommandInLog {
    command: &'static str,
    uid: u32,
    has_ended: bool,
}

impl CommandInLog {
    fn begin(command: &'static str, uid: u32) -> Self {
        tracing::info!(command, uid, "a command begins");
        Self {
            command,
            uid,
            has_ended: false,
        }
    }

    fn done(&mut self, outcome: &Outcome) {
        let (command, uid) = (self.command, self.uid);
        tracing::info!(command, uid, ?outcome, "a command is done");
        self.has_ended = true;
    }

    fn failed(&mut self, error: &str) {
        let (command, uid) = (self.command, self.uid);
        tracing::warn!(command, uid, error, "a command failed");
        self.has_ended = true;
    }
}

impl Drop for CommandInLog {
    /// The command went away, or the server ends.
    fn drop(&mut self) {
        if !self.has_ended {
            let (command, uid) = (self.command, self.uid);
            tracing::info!(command, uid, "a command was broken off");
        }
    }
}

async fn tell(write: &mut OwnedWriteHalf, event: &Event) -> io::Result<()> {
    let mut line = serde_json::to_vec(event)?;
    line.push(b'\n');
    write.write_all(&line).await
}
