//! Errors of the operating system that callers treat differently: a full disk, one that takes no writes, too many open
//! files.

use crate::error::StoreError;
use rustix::io::Errno;
use std::io::{self, ErrorKind};

/// Converts an error of the operating system.
pub(super) fn failed(doing: impl Into<String>, error: io::Error) -> StoreError {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => StoreError::Full(error.to_string()),
        ErrorKind::ReadOnlyFilesystem => StoreError::TakesNoWrites(error.to_string()),
        _ => match error.raw_os_error().map(Errno::from_raw_os_error) {
            Some(Errno::MFILE | Errno::NFILE) => StoreError::TooManyFiles,
            _ => StoreError::failed(doing, error),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_distinguished_by_what_callers_do() {
        let of = |errno: Errno| failed("writing", errno.into());
        assert!(matches!(of(Errno::NOSPC), StoreError::Full(_)));
        assert!(matches!(of(Errno::DQUOT), StoreError::Full(_)));
        assert!(matches!(of(Errno::ROFS), StoreError::TakesNoWrites(_)));
        assert!(matches!(of(Errno::MFILE), StoreError::TooManyFiles));
        assert!(matches!(of(Errno::NFILE), StoreError::TooManyFiles));
        assert!(matches!(of(Errno::IO), StoreError::Failed { .. }));
    }
}
