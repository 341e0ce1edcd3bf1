//! Runs a job on the running server, or in this process if there is none.

use std::io;
use std::path::PathBuf;
use std::pin::pin;

use rustix::process::geteuid;
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
use crate::store::open::{self, OpenStoreError};
use crate::terminal::progress::Progress;

/// Reasons why a job was not done, or not completely.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientError {
    #[error("cannot start the threads of the command")]
    Runtime(#[source] io::Error),
    #[error(
        "cannot use the server's socket {}: run the command as the server's user, or as root",
        path.display()
    )]
    Socket { path: PathBuf, source: io::Error },
    #[error("lost the connection to the server: {0}")]
    Connection(#[source] io::Error),
    #[error(
        "the server stopped before the command was done; run it again now, or after the server is restarted"
    )]
    BrokenOff,
    #[error("interrupted; finished work is kept")]
    Interrupted,
    #[error("{0}")]
    Failed(String),
    #[error(transparent)]
    Store(#[from] OpenStoreError),
    #[error(transparent)]
    Job(#[from] JobError),
    #[error("cannot set up logging")]
    Logging(#[from] tracing::subscriber::SetGlobalDefaultError),
    #[error("cannot write the output")]
    Output(#[source] io::Error),
}

/// Callback for the rows of a response.
pub(crate) type Rows<'a> = &'a mut dyn FnMut(Row) -> io::Result<()>;

/// Runs a job. `rows` receives the rows of the response as they arrive.
pub(crate) fn run(settings: &Settings, job: &Job, rows: Rows<'_>) -> Result<Outcome, ClientError> {
    let runtime = runtime()?;
    if let Some(server) = runtime.block_on(connect(settings))? {
        return runtime.block_on(unless_stopped(ask(server, job, rows)));
    }
    let keyring = open::keyring_for_command(settings)?;
    runtime.block_on(unless_stopped(here(settings, keyring, job, rows)))
}

/// Runs a job that concerns only the server. `None`: no server runs on the store. Opens neither keyring nor store.
pub(crate) fn run_on_server(settings: &Settings, job: &Job) -> Result<Option<Outcome>, ClientError> {
    let runtime = runtime()?;
    let Some(server) = runtime.block_on(connect(settings))? else {
        open::must_have_store(settings)?;
        return Ok(None);
    };
    let mut no_rows = |_| Ok(());
    let outcome = runtime.block_on(unless_stopped(ask(server, job, &mut no_rows)))?;
    Ok(Some(outcome))
}

fn runtime() -> Result<Runtime, ClientError> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(ClientError::Runtime)
}

async fn unless_stopped<T>(work: impl Future<Output = Result<T, ClientError>>) -> Result<T, ClientError> {
    let mut stop = stop::on_signals().map_err(ClientError::Runtime)?;
    tokio::select! {
        outcome = work => outcome,
        () = stop::reached(&mut stop, Stop::Gracefully) => Err(ClientError::Interrupted),
    }
}

/// Connects to the running server. `None`: there is none.
async fn connect(settings: &Settings) -> Result<Option<UnixStream>, ClientError> {
    let Ok(address) = Address::of(&settings.data_dir) else {
        // If the directory is unusable, opening the store in it reports why.
        return Ok(None);
    };
    match UnixStream::connect(&address.short).await {
        Ok(server) => Ok(Some(server)),
        // ConnectionRefused: the socket was left by a server that was killed.
        Err(error) if [io::ErrorKind::NotFound, io::ErrorKind::ConnectionRefused].contains(&error.kind()) => {
            Ok(None)
        }
        Err(source) => Err(ClientError::Socket {
            path: address.path,
            source,
        }),
    }
}

/// Runs a job on the server.
async fn ask(server: UnixStream, job: &Job, rows: Rows<'_>) -> Result<Outcome, ClientError> {
    let mut output = Output::new(rows);
    let (read, mut write) = server.into_split();
    let call = serde_json::to_value(job).and_then(|job| {
        serde_json::to_string(&Call {
            protocol: VERSION,
            job,
        })
    });
    let call = call.map_err(|error| ClientError::Connection(error.into()))? + "\n";
    // A server that refuses the command may not read it at all; its response is more useful than this write error.
    let _ = write.write_all(call.as_bytes()).await;
    let mut read = BufReader::new(read);
    while let Some(line) = next_line(&mut read).await.map_err(ClientError::Connection)? {
        let event = serde_json::from_str(&line).map_err(|error| ClientError::Connection(error.into()))?;
        if let Some(outcome) = output.hear(event)? {
            return Ok(outcome);
        }
    }
    Err(ClientError::BrokenOff)
}

/// Runs a job in this process.
async fn here(
    settings: &Settings,
    keyring: Keyring,
    job: &Job,
    rows: Rows<'_>,
) -> Result<Outcome, ClientError> {
    let mut output = Output::new(rows);
    let actor = operator(geteuid().as_raw(), job);
    let core = &open::open_for_command(settings, keyring).await?.acting_as(actor);
    let (mut events, mut heard) = Events::new();
    let mut work = pin!(jobs::run(core, job, &mut events));
    let outcome = loop {
        tokio::select! {
            Some(event) = heard.recv() => {
                output.hear(event)?;
            }
            outcome = &mut work => break outcome?,
        }
    };
    while let Ok(event) = heard.try_recv() {
        output.hear(event)?;
    }
    if outcome == Outcome::Shredded {
        // No collector runs in this process; the next server collects the rest.
        if let Err(error) = core.engine.collect().await {
            tracing::warn!(%error, "cannot delete the files of the bucket, which nobody can decrypt; the server will do it");
        }
    }
    Ok(outcome)
}

/// Shows progress and passes rows on.
struct Output<'a> {
    rows: Rows<'a>,
    progress: Progress<io::Stderr>,
}

impl<'a> Output<'a> {
    fn new(rows: Rows<'a>) -> Self {
        Self {
            rows,
            progress: Progress::on_stderr(),
        }
    }

    /// Handles one event and returns the outcome if it is the last one.
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
