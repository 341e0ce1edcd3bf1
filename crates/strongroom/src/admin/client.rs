//! Has a job done: by the running server, or in this process if there is none.

use std::io;
use std::path::PathBuf;
use std::pin::pin;

use rustix::process::geteuid;
use strongroom_audit::acting;
use strongroom_keys::Keyring;
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::runtime::Runtime;

use super::address::Address;
use super::jobs::{self, Events, JobError};
use super::operator::operator;
use super::protocol::{Call, Event, Job, Outcome, Row, VERSION, next_line};
use crate::settings::Settings;
use crate::stop::{self, Stop};
use crate::store::open::{self, WiringError};
use crate::terminal::progress::Progress;

/// Why a job was not done, or not to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientError {
    #[error("cannot start the threads of the command")]
    Runtime(#[source] io::Error),
    #[error(
        "the server's socket {} cannot be used: run this as the server's user, or as root",
        path.display()
    )]
    Socket { path: PathBuf, source: io::Error },
    #[error("the connection to the server broke: {0}")]
    Connection(#[source] io::Error),
    #[error("the server ended before this was done; run it again when it is back, or now, without it")]
    BrokenOff,
    #[error("broken off; what was done stays done")]
    Interrupted,
    #[error("{0}")]
    Failed(String),
    #[error(transparent)]
    Wiring(#[from] WiringError),
    #[error(transparent)]
    Job(#[from] JobError),
    #[error("cannot log")]
    Logging(#[from] tracing::subscriber::SetGlobalDefaultError),
    #[error("cannot write the answer")]
    Output(#[source] io::Error),
}

/// Takes parts of the answer.
pub(crate) type Rows<'a> = &'a mut dyn FnMut(Row) -> io::Result<()>;

/// Has a job done. `rows` takes the parts of the answer as they come.
pub(crate) fn run(settings: &Settings, job: &Job, rows: Rows<'_>) -> Result<Outcome, ClientError> {
    let runtime = runtime()?;
    if let Some(server) = runtime.block_on(connect(settings))? {
        return runtime.block_on(unless_told_to_stop(ask(server, job, rows)));
    }
    let keyring = open::keyring_for_command(settings)?;
    runtime.block_on(unless_told_to_stop(here(settings, keyring, job, rows)))
}

/// Has the running server do a job that is about the server itself; `None` if no server runs on the store. Nothing is
/// opened here.
pub(crate) fn run_on_server(settings: &Settings, job: &Job) -> Result<Option<Outcome>, ClientError> {
    let runtime = runtime()?;
    let Some(server) = runtime.block_on(connect(settings))? else {
        open::must_have_store(settings)?;
        return Ok(None);
    };
    let mut no_rows = |_| Ok(());
    let outcome = runtime.block_on(unless_told_to_stop(ask(server, job, &mut no_rows)))?;
    Ok(Some(outcome))
}

fn runtime() -> Result<Runtime, ClientError> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(ClientError::Runtime)
}

async fn unless_told_to_stop<T>(
    work: impl Future<Output = Result<T, ClientError>>,
) -> Result<T, ClientError> {
    let mut told = stop::on_signals().map_err(ClientError::Runtime)?;
    tokio::select! {
        outcome = work => outcome,
        () = stop::told(&mut told, Stop::Gracefully) => Err(ClientError::Interrupted),
    }
}

/// The running server, if there is one.
async fn connect(settings: &Settings) -> Result<Option<UnixStream>, ClientError> {
    let Ok(address) = Address::of(&settings.data_dir) else {
        // What is wrong with the directory is told by who opens the store in it.
        return Ok(None);
    };
    match UnixStream::connect(&address.short).await {
        Ok(server) => Ok(Some(server)),
        // The second is left over from a server that was killed.
        Err(error) if [io::ErrorKind::NotFound, io::ErrorKind::ConnectionRefused].contains(&error.kind()) => {
            Ok(None)
        }
        Err(source) => Err(ClientError::Socket {
            path: address.path,
            source,
        }),
    }
}

/// Has the server do a job.
async fn ask(server: UnixStream, job: &Job, rows: Rows<'_>) -> Result<Outcome, ClientError> {
    let mut told = Told::new(rows);
    let (read, mut write) = server.into_split();
    let call = serde_json::to_value(job).and_then(|job| {
        serde_json::to_string(&Call {
            protocol: VERSION,
            job,
        })
    });
    let call = call.map_err(|error| ClientError::Connection(error.into()))? + "\n";
    // A server that refuses the command may not even read it: what it says is worth more than the error here.
    let _ = write.write_all(call.as_bytes()).await;
    let mut read = BufReader::new(read);
    while let Some(line) = next_line(&mut read).await.map_err(ClientError::Connection)? {
        let event = serde_json::from_str(&line).map_err(|error| ClientError::Connection(error.into()))?;
        if let Some(outcome) = told.hear(event)? {
            return Ok(outcome);
        }
    }
    Err(ClientError::BrokenOff)
}

/// Does a job in this process.
async fn here(
    settings: &Settings,
    keyring: Keyring,
    job: &Job,
    rows: Rows<'_>,
) -> Result<Outcome, ClientError> {
    let mut told = Told::new(rows);
    let core = &open::open_for_command(settings, keyring).await?;
    let actor = operator(geteuid().as_raw(), job);
    let (mut events, mut heard) = Events::new();
    let mut work = pin!(acting(actor, jobs::run(core, job, &mut events)));
    let outcome = loop {
        tokio::select! {
            Some(event) = heard.recv() => {
                told.hear(event)?;
            }
            outcome = &mut work => break outcome?,
        }
    };
    while let Ok(event) = heard.try_recv() {
        told.hear(event)?;
    }
    if outcome == Outcome::Shredded {
        // There is no collector at work here; what it leaves the next server collects.
        if let Err(error) = core.engine.collect().await {
            tracing::warn!(%error, "the bytes of the bucket, which nobody can open, will be removed by the server");
        }
    }
    Ok(outcome)
}

/// Shows progress, and passes on what belongs to the answer.
struct Told<'a> {
    rows: Rows<'a>,
    progress: Progress<io::Stderr>,
}

impl<'a> Told<'a> {
    fn new(rows: Rows<'a>) -> Self {
        Self {
            rows,
            progress: Progress::on_stderr(),
        }
    }

    /// The outcome, if this is the end.
    fn hear(&mut self, event: Event) -> Result<Option<Outcome>, ClientError> {
        match event {
            Event::Progress { text } => self.progress.tell(|| text),
            Event::Row { row } => {
                self.progress.clear();
                (self.rows)(row).map_err(ClientError::Output)?;
            }
            Event::Done { outcome } => {
                self.progress.clear();
                return Ok(Some(outcome));
            }
            Event::Failed { message } => return Err(ClientError::Failed(message)),
        }
        Ok(None)
    }
}
