//! Audit events of commands that work on files: written by the running server, which owns the log, or otherwise by the
//! command itself.

use std::sync::Arc;

use rustix::process::geteuid;
use strongroom_audit::{Audit, AuditLog, AuditUnavailable};

use super::client::{self, ClientError};
use super::command_event::CommandEvent;
use super::jobs::audit_ready::AuditReady;
use super::jobs::record::{Record, Recorded};
use super::operator::Operator;
use crate::settings::{LogLevel, Settings};
use crate::store::open;
use crate::telemetry::logging;

/// Reasons why an audit event is missing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AuditGap {
    #[error("the command is done and need not be repeated, but could not be recorded in the audit log")]
    Client(#[from] ClientError),
    #[error("the command is done and need not be repeated, but could not be recorded")]
    Log(#[from] AuditUnavailable),
    #[error(
        "the command is done and need not be repeated, but its line could not be written to the audit log"
    )]
    Lost,
}

/// Reaction of a running server to a change.
#[derive(Debug)]
pub(crate) enum Server {
    /// No server runs.
    None,
    Loaded,
    /// It keeps its current keys, for this reason.
    KeptOld(String),
}

impl Server {
    /// Returns the line that reports it, with a line end. Empty: nothing to report.
    pub(crate) fn report(&self) -> String {
        match self {
            Self::None => String::new(),
            Self::Loaded => "The running server has loaded the change.\n".to_owned(),
            Self::KeptOld(why) => format!("The running server has NOT loaded the change: {why}\n"),
        }
    }
}

/// Audit log of a command that is about to use keys.
pub(crate) struct CommandLog<'a> {
    settings: &'a Settings,
    writer: Writer,
}

/// Process that writes to the log.
enum Writer {
    /// No one: the log is disabled, or there is no store yet and so no server has started a log.
    Nobody,
    /// The running server.
    Server,
    /// This process, until it has finished.
    Command(Arc<AuditLog>),
}

impl<'a> CommandLog<'a> {
    /// Makes sure that an event can be written. Call it when the keys are available and before they are used: a command
    /// that waits for a passphrase must not lock the log, which a starting server needs.
    ///
    /// # Errors
    /// [`ClientError`]: no event can be written, so nothing may be done.
    pub(crate) fn open(settings: &'a Settings) -> Result<Self, ClientError> {
        logging::start(LogLevel::Warn, settings.log_format)?;
        let writer = if let Err(error) = open::must_have_store(settings) {
            tracing::warn!(%error, "there is no audit log; this command is not recorded");
            Writer::Nobody
        } else {
            match client::run_on_server(settings, &AuditReady {})? {
                Some(_) => Writer::Server,
                None => Self::here(settings)?.map_or(Writer::Nobody, Writer::Command),
            }
        };
        Ok(Self { settings, writer })
    }

    /// Writes the event of a command, and makes a running server load the change.
    pub(crate) fn record(self, event: &CommandEvent) -> Result<Server, AuditGap> {
        let job = Record { event: event.clone() };
        let log = match self.writer {
            Writer::Nobody => None,
            Writer::Command(log) => Some(log),
            Writer::Server => match client::run_on_server(self.settings, &job) {
                Ok(Some(Recorded { not_loaded })) => {
                    return Ok(not_loaded.map_or(Server::Loaded, Server::KeptOld));
                }
                // The server stopped meanwhile. A duplicate line is better than none.
                Ok(None) | Err(ClientError::BrokenOff | ClientError::Connection(_)) => {
                    Self::here(self.settings)?
                }
                Err(error) => return Err(error.into()),
            },
        };
        let Some(log) = log else { return Ok(Server::None) };
        let uid = geteuid().as_raw();
        let actor = Operator { uid }.actor(event.command());
        log.record(&event.event(Some(actor)))?;
        // Events that are not on the disk when this process ends are lost.
        if log.close() {
            Ok(Server::None)
        } else {
            Err(AuditGap::Lost)
        }
    }

    /// Opens the log in this process. `None`: it is disabled.
    fn here(settings: &Settings) -> Result<Option<Arc<AuditLog>>, ClientError> {
        open::must_not_be_anothers(settings)?;
        Ok(open::open_audit(settings)?)
    }
}
