//! The command line of `strongroom keys`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::PlaceFlags;
use crate::settings::{CredentialName, PassphraseFrom, RootLayer, RootSourceName};

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

/// Where the root key comes from.
#[derive(Debug, Default, Args)]
pub(crate) struct RootFlags {
    /// What the root key is, which seals the keyring [default: file].
    #[arg(id = "root-source", long = "root-source", value_name = "SOURCE")]
    source: Option<RootSourceName>,
    /// File of the root key [default: root.key beside the keyring].
    #[arg(id = "root-file", long = "root-file", value_name = "FILE")]
    file: Option<PathBuf>,
    /// Name of the systemd credential that is the root key [default: strongroom-root].
    #[arg(id = "root-credential", long = "root-credential", value_name = "NAME")]
    credential: Option<CredentialName>,
    /// File of the passphrase [default: it is asked for at the terminal].
    #[arg(
        id = "root-passphrase-file",
        long = "root-passphrase-file",
        value_name = "FILE"
    )]
    passphrase_file: Option<PathBuf>,
    /// Name of the systemd credential that is the passphrase.
    #[arg(
        id = "root-passphrase-credential",
        long = "root-passphrase-credential",
        value_name = "NAME"
    )]
    passphrase_credential: Option<CredentialName>,
    /// The module (a library) of the PKCS#11 token whose key wraps the root key.
    #[arg(id = "root-pkcs11-module", long = "root-pkcs11-module", value_name = "FILE")]
    pkcs11_module: Option<PathBuf>,
    /// Label of the token [default: the only one there is].
    #[arg(id = "root-pkcs11-token", long = "root-pkcs11-token", value_name = "LABEL")]
    pkcs11_token: Option<String>,
    /// Label of the key in the token: an AES key or an RSA pair.
    #[arg(id = "root-pkcs11-key", long = "root-pkcs11-key", value_name = "LABEL")]
    pkcs11_key: Option<String>,
    /// File of the token's PIN.
    #[arg(
        id = "root-pkcs11-pin-file",
        long = "root-pkcs11-pin-file",
        value_name = "FILE"
    )]
    pkcs11_pin_file: Option<PathBuf>,
    /// Key of the key management service (the settings kms.*) that wraps the root key.
    #[arg(id = "root-kms-key", long = "root-kms-key", value_name = "KEY")]
    kms_key: Option<String>,
}

/// What shall be the root key.
#[derive(Debug, Args)]
pub(crate) struct ToFlags {
    /// What the new root key is.
    #[arg(id = "to-source", long = "to-source", value_name = "SOURCE")]
    source: RootSourceName,
    /// File of the new root key; it is made if it is not there [default: root.key beside the keyring].
    #[arg(id = "to-file", long = "to-file", value_name = "FILE")]
    file: Option<PathBuf>,
    /// Name of the systemd credential that is the new root key [default: strongroom-root].
    #[arg(id = "to-credential", long = "to-credential", value_name = "NAME")]
    credential: Option<CredentialName>,
    /// File of the new passphrase [default: it is asked for at the terminal].
    #[arg(id = "to-passphrase-file", long = "to-passphrase-file", value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// Name of the systemd credential that is the new passphrase.
    #[arg(
        id = "to-passphrase-credential",
        long = "to-passphrase-credential",
        value_name = "NAME"
    )]
    passphrase_credential: Option<CredentialName>,
    /// The module (a library) of the PKCS#11 token whose key wraps the new root key.
    #[arg(id = "to-pkcs11-module", long = "to-pkcs11-module", value_name = "FILE")]
    pkcs11_module: Option<PathBuf>,
    /// Label of the token [default: the only one there is].
    #[arg(id = "to-pkcs11-token", long = "to-pkcs11-token", value_name = "LABEL")]
    pkcs11_token: Option<String>,
    /// Label of the key in the token: an AES key or an RSA pair.
    #[arg(id = "to-pkcs11-key", long = "to-pkcs11-key", value_name = "LABEL")]
    pkcs11_key: Option<String>,
    /// File of the token's PIN.
    #[arg(id = "to-pkcs11-pin-file", long = "to-pkcs11-pin-file", value_name = "FILE")]
    pkcs11_pin_file: Option<PathBuf>,
    /// Key of the key management service (the settings kms.*) that wraps the new root key.
    #[arg(id = "to-kms-key", long = "to-kms-key", value_name = "KEY")]
    kms_key: Option<String>,
}

impl PassphraseFlag {
    /// Where to take it from.
    pub(crate) fn into_source(self) -> PassphraseFrom {
        self.passphrase_file
            .map_or(PassphraseFrom::Terminal, PassphraseFrom::File)
    }
}

impl RootFlags {
    /// The settings given by these flags.
    pub(crate) fn into_layer(self) -> RootLayer {
        RootLayer {
            source: self.source,
            file: self.file,
            credential: self.credential,
            passphrase_file: self.passphrase_file,
            passphrase_credential: self.passphrase_credential,
            pkcs11_module: self.pkcs11_module,
            pkcs11_token: self.pkcs11_token,
            pkcs11_key: self.pkcs11_key,
            pkcs11_pin_file: self.pkcs11_pin_file,
            kms_key: self.kms_key,
        }
    }
}

impl ToFlags {
    /// What these flags give, in the form of settings.
    pub(crate) fn into_layer(self) -> RootLayer {
        RootLayer {
            source: Some(self.source),
            file: self.file,
            credential: self.credential,
            passphrase_file: self.passphrase_file,
            passphrase_credential: self.passphrase_credential,
            pkcs11_module: self.pkcs11_module,
            pkcs11_token: self.pkcs11_token,
            pkcs11_key: self.pkcs11_key,
            pkcs11_pin_file: self.pkcs11_pin_file,
            kms_key: self.kms_key,
        }
    }
}
