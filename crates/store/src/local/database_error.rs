//! Errors of the embedded database, in words: it prints the names of its types.

use crate::error::StoreError;
use fjall::{JournalRecoveryError, LsmError};

/// Converts an error of the database: damage of the index, or a failure below it.
pub(super) fn error_of(doing: &str, error: fjall::Error) -> StoreError {
    let damage = match error {
        fjall::Error::Io(error) | fjall::Error::Storage(LsmError::Io(error)) => {
            return StoreError::failed(doing, error);
        }
        fjall::Error::Poisoned => {
            let why = "an earlier write to the disk failed; the store must be opened again";
            return StoreError::failed(doing, why);
        }
        fjall::Error::Locked => return StoreError::failed(doing, "another process has the index open"),
        fjall::Error::KeyspaceDeleted => return StoreError::failed(doing, "its table is deleted"),
        fjall::Error::Storage(error) => in_tables(&error),
        fjall::Error::JournalRecovery(error) => in_journal(error).to_owned(),
        fjall::Error::Unrecoverable => "files are missing".to_owned(),
        fjall::Error::InvalidTrailer => "a record ends with other bytes than it must".to_owned(),
        fjall::Error::InvalidTag((what, tag)) => unknown_tag(what, tag),
        fjall::Error::InvalidVersion(_) => "it has an unknown format version".to_owned(),
        fjall::Error::Decompress(_) => "a record cannot be decompressed".to_owned(),
        _ => return StoreError::failed(doing, "the database reports an unknown error"),
    };
    StoreError::damaged("the index", format!("{doing}: {damage}"))
}

/// Describes damage of the sorted tables.
fn in_tables(error: &LsmError) -> String {
    match error {
        LsmError::ChecksumMismatch { .. } => "a block does not match its checksum".to_owned(),
        LsmError::InvalidTag((what, tag)) => unknown_tag(what, *tag),
        LsmError::InvalidTrailer => "a block ends with other bytes than it must".to_owned(),
        LsmError::InvalidHeader(what) => format!("the header of a block is invalid ({what})"),
        LsmError::InvalidVersion(version) => format!("a file has the unknown format version {version}"),
        LsmError::Unrecoverable => "files are missing".to_owned(),
        LsmError::Decompress(_) => "a block cannot be decompressed".to_owned(),
        LsmError::Utf8(error) => format!("a name is not text: {error}"),
        _ => "a table is invalid".to_owned(),
    }
}

/// Describes damage of the journal.
fn in_journal(error: JournalRecoveryError) -> &'static str {
    match error {
        JournalRecoveryError::InsufficientLength => "the journal is cut off",
        JournalRecoveryError::TooManyItems => "a batch of the journal has too many rows",
        JournalRecoveryError::ChecksumMismatch => "the journal does not match its checksum",
        JournalRecoveryError::InvalidFileName => "a file of the journal has an invalid name",
    }
}

fn unknown_tag(what: &str, tag: u8) -> String {
    format!("the value {tag} of {what} is unknown")
}

#[cfg(test)]
mod tests;
