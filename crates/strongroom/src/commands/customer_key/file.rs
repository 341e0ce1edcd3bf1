//! Reads a customer key from a file.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use strongroom_keys::customer_key::{self, CustomerKey, NotAKey};

/// Longer than any form of a key; anything longer is not a key and need not be read.
const MAX_BYTES: usize = 4096;

/// Reasons why a file gave no key.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeyFileError {
    #[error("cannot read the customer key from {}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("{} does not contain a customer key", path.display())]
    NotAKey { path: PathBuf, source: NotAKey },
}

/// Reads the key in a file, in any of its forms.
pub(crate) fn read(path: &Path) -> Result<CustomerKey, KeyFileError> {
    let given = std::fs::File::open(path)
        .and_then(bytes)
        .map_err(|source| KeyFileError::Read {
            path: path.to_owned(),
            source,
        })?;
    match customer_key::read(&given) {
        Ok(read) => Ok(read.key),
        Err(source) => Err(KeyFileError::NotAKey {
            path: path.to_owned(),
            source,
        }),
    }
}

/// Reads the bytes given as a key, up to the maximum length.
pub(super) fn bytes(source: impl Read) -> io::Result<Zeroizing<Vec<u8>>> {
    // Allocate the whole buffer: growing would leave copies of the key behind that are not wiped.
    let mut given = Zeroizing::new(Vec::with_capacity(MAX_BYTES));
    source.take(MAX_BYTES as u64).read_to_end(&mut given)?;
    Ok(given)
}
