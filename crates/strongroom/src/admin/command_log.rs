//! How commands that work on files leave lines in the audit log: through the running server, which writes there, or else by
//! writing themselves.

use std::sync::Arc;

use rustix::process::geteuid;
use strongroom_audit::{Audit, AuditLog, AuditUnavailable};

use super::client::{self, ClientError};
use super::noted::Noted;
use super::operator::operator;
use super::protocol::{Job, Outcome};
use crate::settings::{LogLevel, Settings};
use crate::store::open;
use crate::telemetry::logging;

/// Why a line is missing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotNoted {
    #[error("it is done and need not be run again, but no line of it could be left in the audit log")]
    Client(#[from] ClientError),
    #[error("it is done and need not be run again, but no line of it could be left")]
    Log(#[from] AuditUnavailable),
    #[error("it is done and need not be run again, but its line could not be written into the audit log")]
    Lost,
}

/// What a running server made of a change.
#[derive(Debug)]
pub(crate) enum Server {
    /// None runs.
    None,
    TookItUp,
    /// It goes on with the keys it has. Why.
    GoesOn(String),
}

impl Server {
    /// The line that tells it, with its end; nothing if there is nothing to tell.
    pub(crate) fn told(&self) -> String {
        match self {
            Self::None => String::new(),
            Self::TookItUp => "The running server has taken it up.\n".to_owned(),
            Self::GoesOn(why) => format!("The running server has NOT taken it up: {why}\n"),
        }
    }
}

/// The audit log, for a command that is about to use keys.
pub(crate) struct CommandLog<'a> {
    settings: &'a Settings,
    writer: Writer,
}

/// Who writes to it.
enum Writer {
    /// It is switched off, or there is no store yet, so that no server has begun one.
    Nobody,
    /// The running server.
    Server,
    /// This process, until it is done.
    Command(Arc<AuditLog>),
}

impl<'a> CommandLog<'a> {
    /// Makes sure that a line can be left. To be called when the keys are at hand and before anything is done with them:
    /// a command that waits for a passphrase must not keep a server from its log.
    ///
    /// # Errors
    /// [`ClientError`]: it cannot, so nothing may be done.
    pub(crate) fn open(settings: &'a Settings) -> Result<Self, ClientError> {
        logging::start(LogLevel::Warn, settings.log_format)?;
        let writer = if let Err(error) = open::must_have_store(settings) {
            tracing::warn!(%error, "there is no audit log, and this leaves no line");
            Writer::Nobody
        } else {
            match client::run_on_server(settings, &Job::Ready {})? {
                Some(_) => Writer::Server,
                None => Self::here(settings)?.map_or(Writer::Nobody, Writer::Command),
            }
        };
        Ok(Self { settings, writer })
    }

    /// Leaves the line of what was done, and has a running server take it up.
    pub(crate) fn note(self, noted: &Noted) -> Result<Server, NotNoted> {
        let job = Job::Note { noted: noted.clone() };
        let log = match self.writer {
            Writer::Nobody => None,
            Writer::Command(log) => Some(log),
            Writer::Server => match client::run_on_server(self.settings, &job) {
                Ok(Some(Outcome::Noted { not_taken_up })) => {
                    return Ok(not_taken_up.map_or(Server::TookItUp, Server::GoesOn));
                }
                Ok(Some(_)) => return Err(NotNoted::Lost),
                // It ended meanwhile. A line too many is better than none.
                Ok(None) | Err(ClientError::BrokenOff | ClientError::Connection(_)) => {
                    Self::here(self.settings)?
                }
                Err(error) => return Err(error.into()),
            },
        };
        let Some(log) = log else { return Ok(Server::None) };
        log.record(&noted.event(Some(operator(geteuid().as_raw(), &job))))?;
        // What is not on the disk when this process ends is lost.
        if log.close() {
            Ok(Server::None)
        } else {
            Err(NotNoted::Lost)
        }
    }

    /// The log, as this process writes it; `None` if it is switched off.
    fn here(settings: &Settings) -> Result<Option<Arc<AuditLog>>, ClientError> {
        open::must_not_be_anothers(settings)?;
        Ok(open::open_audit(settings)?)
    }
}
