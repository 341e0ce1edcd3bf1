//! Command line of `strongroom keys`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::location::LocationFlags;
use super::new_root::ToFlags;
use crate::settings::PassphraseFrom;

const RESEAL_EXAMPLES: &str = "\
The flags --root-* describe the current root key of the keyring, the flags --to-* the new one.

Examples:
  strongroom keys reseal --to-source file --to-file /media/stick/root.key
      To another disk; the file is created if it does not exist.
  strongroom keys reseal --to-source passphrase
      To a passphrase, read from the terminal.
  strongroom keys reseal --root-source passphrase --to-source file
      Back to a file beside the keyring.

To move the root key into a systemd credential, move its file unchanged; no reseal is needed:
  systemd-creds encrypt --name=strongroom-root root.key /etc/credstore.encrypted/strongroom-root
and set LoadCredentialEncrypted=strongroom-root in the unit and root.source = \"credential\" in the settings.";

const BACKUP_EXAMPLES: &str = "\
The backup is a text that can be printed and typed in again: each line has its own checksum. It neither contains nor
needs the root key: anyone with the backup and its passphrase has the keys.

Examples:
  strongroom keys export-backup keyring.backup
  strongroom keys verify --backup keyring.backup";

const DELETE_EXAMPLES: &str = "\
The command refuses to delete a key that this store still uses. Other stores with the same keyring and older copies of
this store are not checked and may still need it. Backups of the keyring keep the key.

Examples:
  strongroom keys roll
  strongroom bucket rewrap-keys
  strongroom keys retire m-8c0f4d3e9b7a6152
  strongroom keys delete m-8c0f4d3e9b7a6152
      Asks to type the id again.
  strongroom keys delete m-8c0f4d3e9b7a6152 --yes-delete m-8c0f4d3e9b7a6152
      Does not ask.";

#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Show the keys: ids, labels, states, fingerprints; never key bytes.
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        location: LocationFlags,
    },
    /// Create a named key for SSE-KMS.
    New {
        /// Label by which requests can name the key [default: key-1, or the next free number].
        #[arg(long, value_name = "LABEL")]
        name: Option<String>,
        #[command(flatten)]
        location: LocationFlags,
    },
    /// Create a new current master key, or a new version of a named key.
    Roll {
        /// Id or label of a named key [default: the master key].
        key: Option<String>,
        #[command(flatten)]
        location: LocationFlags,
    },
    /// Disable a named key, or retire an old master key so that it unwraps but never wraps.
    Retire {
        /// Id of the key, or label of a named key.
        key: String,
        #[command(flatten)]
        location: LocationFlags,
    },
    /// Re-enable a retired key.
    Revive {
        /// Id of the key, or label of a named key.
        key: String,
        #[command(flatten)]
        location: LocationFlags,
    },
    /// Delete a retired master key that the store no longer uses.
    #[command(after_help = DELETE_EXAMPLES)]
    Delete {
        /// Id of the master key.
        id: String,
        /// Id of the key again, to skip the confirmation prompt.
        #[arg(long, value_name = "ID")]
        yes_delete: Option<String>,
        #[command(flatten)]
        location: LocationFlags,
    },
    /// Change the label of a named key.
    Rename {
        /// Id or label of the named key.
        key: String,
        /// New label.
        label: String,
        #[command(flatten)]
        location: LocationFlags,
    },
    /// Write all keys, encrypted with a passphrase, to a new file that can be printed.
    #[command(after_help = BACKUP_EXAMPLES)]
    ExportBackup {
        /// File to create.
        file: PathBuf,
        #[command(flatten)]
        passphrase: PassphraseFlag,
        #[command(flatten)]
        location: LocationFlags,
    },
    /// Create a keyring from a backup, where no keyring exists.
    ImportBackup {
        /// File of the backup.
        file: PathBuf,
        #[command(flatten)]
        passphrase: PassphraseFlag,
        #[command(flatten)]
        location: LocationFlags,
    },
    /// Verify that the keyring and all its keys can be decrypted, and that a backup contains the same keys.
    Verify {
        /// Backup to compare with.
        #[arg(long, value_name = "FILE")]
        backup: Option<PathBuf>,
        /// Read the passphrase of the backup from this file [default: ask at the terminal].
        #[arg(long, value_name = "FILE", requires = "backup")]
        passphrase_file: Option<PathBuf>,
        #[command(flatten)]
        location: LocationFlags,
    },
    /// Encrypt the keyring with another root key.
    #[command(after_help = RESEAL_EXAMPLES)]
    Reseal {
        #[command(flatten)]
        to: ToFlags,
        #[command(flatten)]
        location: LocationFlags,
    },
}

/// Source of the passphrase of a backup.
#[derive(Debug, Default, Args)]
pub(crate) struct PassphraseFlag {
    /// Read the passphrase of the backup from this file [default: ask at the terminal].
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

impl PassphraseFlag {
    /// Returns the source of the passphrase.
    pub(crate) fn into_source(self) -> PassphraseFrom {
        self.passphrase_file
            .map_or(PassphraseFrom::Terminal, PassphraseFrom::File)
    }
}
