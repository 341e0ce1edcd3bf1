//! A customer key in a file.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::CustomerKey;
use super::form::{self, NotAKey};

/// More than any form of a key takes; what is longer is no key and need not be read.
const MOST_BYTES: usize = 4096;

/// Why a file gave no key.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeyFileError {
    #[error("cannot read the customer key from {}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("{} holds no customer key", path.display())]
    NotAKey { path: PathBuf, source: NotAKey },
}

/// Reads the key in a file, in whichever form it is written.
pub(crate) fn read(path: &Path) -> Result<CustomerKey, KeyFileError> {
    let given = std::fs::File::open(path)
        .and_then(bytes)
        .map_err(|source| KeyFileError::Read {
            path: path.to_owned(),
            source,
        })?;
    match form::read(&given) {
        Ok(read) => Ok(read.key),
        Err(source) => Err(KeyFileError::NotAKey {
            path: path.to_owned(),
            source,
        }),
    }
}

/// What is given as a key, as far as it can be one.
pub(super) fn bytes(source: impl Read) -> io::Result<Zeroizing<Vec<u8>>> {
    // The whole room at once: growing would leave copies behind that are not wiped.
    let mut given = Zeroizing::new(Vec::with_capacity(MOST_BYTES));
    source.take(MOST_BYTES as u64).read_to_end(&mut given)?;
    Ok(given)
}
