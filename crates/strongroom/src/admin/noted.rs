//! What commands that work on files leave in the audit log: through the running server, which writes there, or else by
//! writing themselves.

use std::sync::Arc;

use rustix::process::geteuid;
use serde::{Deserialize, Serialize};
use strongroom_engine::Mode;
use strongroom_engine::audit::{Actor, Audit, AuditUnavailable, KeyEvent, KeyUse};

use super::client::{self, ClientError};
use super::protocol::{Job, Outcome};
use super::socket::operator;
use crate::audit::AuditLog;
use crate::logging;
use crate::settings::{LogLevel, Settings};
use crate::wiring;

/// What a command did with keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Noted {
    /// A named key was made.
    KeyMade {
        id: String,
    },
    /// A master key took the place of the current one, or a named key has a new version.
    KeyRolled {
        id: String,
    },
    KeyRetired {
        id: String,
    },
    KeyRevived {
        id: String,
    },
    KeyRenamed {
        id: String,
    },
    /// All keys were written into a backup.
    BackupExported {},
    /// A keyring was made of a backup.
    BackupImported {},
    /// The keyring was sealed by another root key.
    KeyringResealed {},
    CredentialsShown {
        master: String,
    },
    CredentialsReset {
        master: String,
    },
}

impl Noted {
    /// The command.
    pub(super) fn command(&self) -> &'static str {
        match self {
            Self::KeyMade { .. } => "keys new",
            Self::KeyRolled { .. } => "keys roll",
            Self::KeyRetired { .. } => "keys retire",
            Self::KeyRevived { .. } => "keys revive",
            Self::KeyRenamed { .. } => "keys rename",
            Self::BackupExported {} => "keys export-backup",
            Self::BackupImported {} => "keys import-backup",
            Self::KeyringResealed {} => "keys reseal",
            Self::CredentialsShown { .. } => "credentials show",
            Self::CredentialsReset { .. } => "credentials reset",
        }
    }

    /// As the audit log takes it.
    pub(super) fn event(&self, actor: Option<Actor>) -> KeyEvent<'_> {
        let (what, mode, key_id) = match self {
            Self::KeyMade { id } => (KeyUse::Make, of_key(id), id.as_str()),
            Self::KeyRolled { id } => (KeyUse::Roll, of_key(id), id.as_str()),
            Self::KeyRetired { id } | Self::KeyRevived { id } | Self::KeyRenamed { id } => {
                (KeyUse::Change, of_key(id), id.as_str())
            }
            Self::BackupExported {} => (KeyUse::Export, Mode::Backup, ""),
            Self::BackupImported {} => (KeyUse::Import, Mode::Backup, ""),
            Self::KeyringResealed {} => (KeyUse::Rewrap, Mode::Keyring, ""),
            Self::CredentialsShown { master } => (KeyUse::Unwrap, Mode::Credentials, master.as_str()),
            Self::CredentialsReset { master } => (KeyUse::Wrap, Mode::Credentials, master.as_str()),
        };
        KeyEvent {
            actor,
            what,
            bucket: "",
            object: "",
            version: None,
            mode: Some(mode),
            key_id,
            result: "ok",
        }
    }
}

/// Ids tell what they are of: `k-…` is a named key, `m-…` a master key.
fn of_key(id: &str) -> Mode {
    if id.starts_with("k-") {
        Mode::Named
    } else {
        Mode::Keyring
    }
}

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
        let writer = if let Err(error) = wiring::must_have_store(settings) {
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
        wiring::must_not_be_anothers(settings)?;
        Ok(wiring::open_audit(settings)?)
    }
}
