//! Errors of the embedded database, in words: it prints the names of its types.

use crate::error::StoreError;
use lsm_tree::Error;

/// Converts an error of the database: damage of the index, or a failure below it.
pub(super) fn error_of(doing: &str, error: Error) -> StoreError {
    let damage = match error {
        Error::Io(error) => return StoreError::failed(doing, error),
        Error::ChecksumMismatch { .. } => "a block does not match its checksum".to_owned(),
        Error::InvalidTag((what, tag)) => format!("the value {tag} of {what} is unknown"),
        Error::InvalidTrailer => "a block ends with other bytes than it must".to_owned(),
        Error::InvalidHeader(what) => format!("the header of a block is invalid ({what})"),
        Error::InvalidVersion(version) => format!("a file has the unknown format version {version}"),
        Error::Unrecoverable => "files are missing".to_owned(),
        Error::Decompress(_) => "a block cannot be decompressed".to_owned(),
        Error::Utf8(error) => format!("a name is not text: {error}"),
        _ => "a table is invalid".to_owned(),
    };
    StoreError::damaged("the index", format!("{doing}: {damage}"))
}

#[cfg(test)]
mod tests;
