//! The command line of `strongroom keys`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::place::PlaceFlags;
use super::root::ToFlags;
use crate::settings::PassphraseFrom;

const RESEAL_EXAMPLES: &str = "\
The flags --root-* say what seals the keyring now, the flags --to-* what shall seal it.

Examples:
  strongroom keys reseal --to-source file --to-file /media/stick/root.key
      To another disk: the file is made if it is not there.
  strongroom keys reseal --to-source passphrase
      To a passphrase, asked for at the terminal.
  strongroom keys reseal --root-source passphrase --to-source file
      Back to a file beside the keyring.

To a systemd credential the root key's file moves as it is, so nothing has to be sealed anew:
  systemd-creds encrypt --name=strongroom-root root.key /etc/credstore.encrypted/strongroom-root
and in the unit LoadCredentialEncrypted=strongroom-root, in the settings root.source = \"credential\".";

const BACKUP_EXAMPLES: &str = "\
The backup is a text that can be printed and typed in again: each line has a check of its own. It does not hold the
root key, and needs none: whoever has backup and passphrase has the keys.

Examples:
  strongroom keys export-backup keyring.backup
  strongroom keys verify --backup keyring.backup";

const DELETE_EXAMPLES: &str = "\
Whether the key still wraps something is looked up in this store only, by the server if it runs: other stores with the same
keyring, and copies of this one from before, may need it. Backups of the keyring keep it.

Examples:
  strongroom keys roll
  strongroom bucket rewrap-keys
  strongroom keys retire m-8c0f4d3e9b7a6152
  strongroom keys delete m-8c0f4d3e9b7a6152
      Asks for the id once more.
  strongroom keys delete m-8c0f4d3e9b7a6152 --yes-delete m-8c0f4d3e9b7a6152
      Does not ask.";

#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Show the keys: ids, labels, states, fingerprints. Never a key itself.
    List {
        /// Show them as JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: PlaceFlags,
    },
    /// Make a named key for SSE-KMS.
    New {
        /// Its label, by which requests can name it [default: key-1, or the next one that is free].
        #[arg(long, value_name = "LABEL")]
        name: Option<String>,
        #[command(flatten)]
        place: PlaceFlags,
    },
    /// Make a new master key the current one; or a new version of a named key.
    Roll {
        /// Id or label of a named key. Without it, the master key is rolled.
        key: Option<String>,
        #[command(flatten)]
        place: PlaceFlags,
    },
    /// Disable a named key; or retire a master key that is no longer current, which opens still and never wraps.
    Retire {
        /// Id of the key, or label of a named key.
        key: String,
        #[command(flatten)]
        place: PlaceFlags,
    },
    /// Take back that a key was retired.
    Revive {
        /// Id of the key, or label of a named key.
        key: String,
        #[command(flatten)]
        place: PlaceFlags,
    },
    /// Delete a retired master key that wraps nothing in the store any more.
    #[command(after_help = DELETE_EXAMPLES)]
    Delete {
        /// Id of the master key.
        id: String,
        /// The id once more: nobody is asked.
        #[arg(long, value_name = "ID")]
        yes_delete: Option<String>,
        #[command(flatten)]
        place: PlaceFlags,
    },
    /// Give a named key another label.
    Rename {
        /// Id or label of the named key.
        key: String,
        /// Its new label.
        label: String,
        #[command(flatten)]
        place: PlaceFlags,
    },
    /// Write all keys, sealed under a passphrase, into a new file that can be printed.
    #[command(after_help = BACKUP_EXAMPLES)]
    ExportBackup {
        /// The file to make.
        file: PathBuf,
        #[command(flatten)]
        passphrase: PassphraseFlag,
        #[command(flatten)]
        place: PlaceFlags,
    },
    /// Make a keyring out of a backup, where there is none.
    ImportBackup {
        /// The backup.
        file: PathBuf,
        #[command(flatten)]
        passphrase: PassphraseFlag,
        #[command(flatten)]
        place: PlaceFlags,
    },
    /// See whether the keyring opens, every key in it, and whether a backup holds the same keys.
    Verify {
        /// A backup to compare with.
        #[arg(long, value_name = "FILE")]
        backup: Option<PathBuf>,
        /// Read the passphrase of the backup from this file instead of asking for it.
        #[arg(long, value_name = "FILE", requires = "backup")]
        passphrase_file: Option<PathBuf>,
        #[command(flatten)]
        place: PlaceFlags,
    },
    /// Seal the keyring by another root key.
    #[command(after_help = RESEAL_EXAMPLES)]
    Reseal {
        #[command(flatten)]
        to: ToFlags,
        #[command(flatten)]
        place: PlaceFlags,
    },
}

/// Where the passphrase of a backup comes from.
#[derive(Debug, Default, Args)]
pub(crate) struct PassphraseFlag {
    /// Read the passphrase of the backup from this file instead of asking for it.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

impl PassphraseFlag {
    /// Where to take it from.
    pub(crate) fn into_source(self) -> PassphraseFrom {
        self.passphrase_file
            .map_or(PassphraseFrom::Terminal, PassphraseFrom::File)
    }
}
