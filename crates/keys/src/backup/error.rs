//! Errors of backups.

use crate::keyring::error::KeyringError;
use crate::passphrase::PassphraseError;

/// Reason why a backup could not be created or opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// The text is not a backup.
    #[error("this is not a backup of a keyring, or its version is unknown")]
    NotABackup,
    /// A line has a typing error or is damaged.
    #[error("line {0} of the backup has a typing error or is damaged")]
    Line(usize),
    /// A line is missing, repeated or out of order, or the end of the text is missing.
    #[error("line {0} of the backup is missing or out of place")]
    Missing(usize),
    /// The lines do not match the checksum.
    #[error("the lines of the backup do not match its checksum")]
    Checksum,
    /// The passphrase could not be used.
    #[error(transparent)]
    Passphrase(#[from] PassphraseError),
    /// The passphrase is not the one of the backup.
    #[error("wrong passphrase for this backup")]
    OtherPassphrase,
    /// The text is a backup, but its content is not valid.
    #[error("the backup is damaged: {0}")]
    Damaged(&'static str),
    /// The keyring could not be read.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// Encryption failed.
    #[error(transparent)]
    Seal(#[from] strongroom_seal::Error),
}
