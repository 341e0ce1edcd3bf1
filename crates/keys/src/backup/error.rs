//! Errors of backups.

use crate::keyring::error::KeyringError;
use crate::passphrase::PassphraseError;

/// Why a backup could not be made or opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// The text is none.
    #[error("this is not a backup of a keyring, or not one of a version that is known here")]
    NotABackup,
    /// A line has a typing error, or was damaged.
    #[error("line {0} of the backup is not as it was printed")]
    Line(usize),
    /// A line is not where it belongs, or the end is not.
    #[error("line {0} of the backup is missing, or not in its place")]
    Missing(usize),
    /// The lines do not make what was printed.
    #[error("the lines of the backup do not belong together: its checksum does not fit")]
    Checksum,
    /// The passphrase could not be used.
    #[error(transparent)]
    Passphrase(#[from] PassphraseError),
    /// The passphrase is another one.
    #[error("the passphrase is not the one of this backup")]
    OtherPassphrase,
    /// It is a backup, and yet what is in it is not one.
    #[error("the backup is damaged: {0}")]
    Damaged(&'static str),
    /// The keyring could not be read.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// Nothing can be sealed.
    #[error(transparent)]
    Seal(#[from] strongroom_seal::Error),
}
