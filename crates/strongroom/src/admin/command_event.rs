//! Audit events of commands that work on files.

use serde::{Deserialize, Serialize};
use strongroom_audit::{Actor, KeyEvent, KeyUse};
use strongroom_engine::Mode;

/// Key operation of a command, for its audit event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum CommandEvent {
    /// A named key was created.
    KeyCreated {
        id: String,
    },
    /// A master key replaced the current one, or a named key has a new version.
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
    /// All keys were written to a backup.
    BackupExported {},
    /// A keyring was created from a backup.
    BackupImported {},
    /// The keyring was encrypted with another root key.
    KeyringResealed {},
    CredentialsShown {
        master: String,
    },
    CredentialsReset {
        master: String,
    },
}

impl CommandEvent {
    /// Returns the name of the command.
    pub(super) fn command(&self) -> &'static str {
        match self {
            Self::KeyCreated { .. } => "keys new",
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

    /// Returns the event for the audit log.
    pub(super) fn event(&self, actor: Option<Actor>) -> KeyEvent<'_> {
        let (what, mode, key_id) = match self {
            Self::KeyCreated { id } => (KeyUse::Make, of_key(id), id.as_str()),
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

/// Returns the mode of a key id: `k-…` is a named key, `m-…` a master key.
fn of_key(id: &str) -> Mode {
    if id.starts_with("k-") {
        Mode::Named
    } else {
        Mode::Keyring
    }
}
