//! Runs a job on the running server, or in this process if there is none.

use std::error::Error as _;
use std::io;
use std::path::PathBuf;

use bytes::Bytes;
use futures::stream::StreamExt as _;
use http::header::{CONTENT_TYPE, HOST};
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustix::process::geteuid;
use serde::de::DeserializeOwned;
use strongroom_keys::Keyring;
use tokio::net::UnixStream;
use tokio::runtime::Runtime;

use super::address::Address;
use super::failure::Failure;
use super::host::Host;
use super::job::{self, Event, EventOf, Job, NoRows};
use super::lines::{Lines, NoLine};
use super::operator::Operator;
use super::wire::{JSON, MAX_DOCUMENT, VERSION, VERSION_HEADER};
use crate::settings::Settings;
use crate::stop::{self, Stop};
use crate::store::open;
use crate::store::open_error::OpenStoreError;
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
    #[error("cannot set up logging")]
    Logging(#[from] tracing::subscriber::SetGlobalDefaultError),
    #[error("cannot write the output")]
    Output(#[source] io::Error),
}

/// Callback for the rows of a response.
pub(crate) type Rows<'a, Row> = &'a mut dyn FnMut(Row) -> io::Result<()>;

/// Runs a job. `rows` receives the rows of the response as they arrive.
pub(crate) fn run<J: Job>(
    settings: &Settings,
    job: J,
    rows: Rows<'_, J::Row>,
) -> Result<J::Outcome, ClientError> {
    let runtime = runtime()?;
    if let Some(server) = runtime.block_on(connect(settings))? {
        return runtime.block_on(unless_stopped(ask(server, &job, rows)));
    }
    let keyring = open::keyring_for_command(settings)?;
    runtime.block_on(unless_stopped(here(settings, keyring, job, rows)))
}

/// Runs a job that has no rows.
pub(crate) fn run_without_rows<J: Job<Row = NoRows>>(
    settings: &Settings,
    job: J,
) -> Result<J::Outcome, ClientError> {
    run(settings, job, &mut |row| match row {})
}

/// Runs a job that concerns only the server. `None`: no server runs on the store. Opens neither keyring nor store.
pub(crate) fn run_on_server<J: Job<Row = NoRows>>(
    settings: &Settings,
    job: &J,
) -> Result<Option<J::Outcome>, ClientError> {
    let runtime = runtime()?;
    let Some(server) = runtime.block_on(connect(settings))? else {
        open::must_have_store(settings)?;
        return Ok(None);
    };
    let mut no_rows = |row: NoRows| match row {};
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
async fn ask<J: Job>(server: UnixStream, job: &J, rows: Rows<'_, J::Row>) -> Result<J::Outcome, ClientError> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(server)).await.map_err(lost)?;
    // Ends with the response, or with the runtime, which cancels the job.
    tokio::spawn(connection);
    let body = serde_json::to_vec(job).map_err(malformed)?;
    let request = Request::builder()
        .method(J::METHOD)
        .uri(J::PATH)
        .header(HOST, "localhost")
        .header(VERSION_HEADER, VERSION)
        .header(CONTENT_TYPE, JSON)
        .body(Full::<Bytes>::from(body))
        .map_err(malformed)?;
    let response = sender.send_request(request).await.map_err(lost)?;
    if response.status() != StatusCode::OK {
        let failure: Failure = document(response.into_body()).await?;
        return Err(ClientError::Failed(failure.message));
    }
    if !J::STREAMS {
        return document(response.into_body()).await;
    }
    let mut output = Output::new(rows);
    let mut lines = Lines::of(response.into_body());
    while let Some(line) = lines.next().await.map_err(no_line)? {
        let event: EventOf<J> = serde_json::from_slice(&line).map_err(malformed)?;
        if let Some(outcome) = output.hear(event)? {
            return Ok(outcome);
        }
    }
    Err(ClientError::BrokenOff)
}

/// Reads a response of one document.
async fn document<T: DeserializeOwned>(body: Incoming) -> Result<T, ClientError> {
    let text = match Limited::new(body, MAX_DOCUMENT).collect().await {
        Ok(text) => text.to_bytes(),
        Err(error) => {
            return Err(match error.downcast::<hyper::Error>() {
                Ok(error) => lost(*error),
                Err(error) => malformed(error),
            });
        }
    };
    serde_json::from_slice(&text).map_err(malformed)
}

/// Returns the error for a connection that ended early.
fn lost(error: hyper::Error) -> ClientError {
    if error.is_parse() {
        return malformed(error);
    }
    match error
        .source()
        .and_then(|source| source.downcast_ref::<io::Error>())
    {
        Some(source) if source.kind() != io::ErrorKind::UnexpectedEof => {
            ClientError::Connection(io::Error::new(source.kind(), error))
        }
        _ => ClientError::BrokenOff,
    }
}

fn no_line(error: NoLine<hyper::Error>) -> ClientError {
    match error {
        NoLine::Body(error) => lost(error),
        NoLine::Malformed(error) => ClientError::Connection(error),
    }
}

fn malformed(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> ClientError {
    ClientError::Connection(io::Error::new(io::ErrorKind::InvalidData, error))
}

/// Runs a job in this process.
async fn here<J: Job>(
    settings: &Settings,
    keyring: Keyring,
    job: J,
    rows: Rows<'_, J::Row>,
) -> Result<J::Outcome, ClientError> {
    let mut output = Output::new(rows);
    let host = Host {
        core: open::open_for_command(settings, keyring).await?,
        endpoint: None,
    };
    let uid = geteuid().as_raw();
    let host = host.acting_as(Operator { uid }, job.command());
    let mut events = job::start(job, host);
    while let Some(event) = events.next().await {
        if let Some(outcome) = output.hear(event)? {
            return Ok(outcome);
        }
    }
    Err(ClientError::BrokenOff)
}

/// Shows progress and passes rows on.
struct Output<'a, Row> {
    rows: Rows<'a, Row>,
    progress: Progress<io::Stderr>,
}

impl<'a, Row> Output<'a, Row> {
    fn new(rows: Rows<'a, Row>) -> Self {
        Self {
            rows,
            progress: Progress::on_stderr(),
        }
    }

    /// Handles one event and returns the outcome if it is the last one.
    fn hear<Outcome>(&mut self, event: Event<Row, Outcome>) -> Result<Option<Outcome>, ClientError> {
        match event {
            Event::Progress { text } => self.progress.tell(|| text),
            Event::Row(row) => {
                self.progress.clear();
                (self.rows)(row).map_err(ClientError::Output)?;
            }
            Event::Result(outcome) => {
                self.progress.clear();
                return Ok(Some(outcome));
            }
            Event::Error(failure) => return Err(ClientError::Failed(failure.message)),
        }
        Ok(None)
    }
}
